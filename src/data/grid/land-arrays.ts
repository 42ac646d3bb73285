import { IGBP, KOPPEN_DETAIL } from "../../core/quantities";
import type { ZarrArray } from "./zarr-output";

/**
 * The layers that say what a cell's land is, `[lat, lon]` and `[igbp, lat, lon]`: its share of the cell, its classes, its climate.
 * @param shape cells along latitude and longitude · @param tile the same of one chunk
 * @example landArrays([180, 360], [15, 15]).map((a) => a.name) // ["land_fraction", "igbp_fraction", "koppen"]
 */
export function landArrays(shape: readonly [number, number], tile: readonly [number, number]): ZarrArray[] {
  const codes = (classes: readonly string[]): object => ({ flag_values: classes.map((_, k) => k), flag_meanings: classes.join(" ") });
  return [
    { name: "land_fraction", dims: ["lat", "lon"], shape, chunks: tile, type: "float32", fill: NaN, attributes: { units: "1", standard_name: "land_area_fraction", long_name: "share of the cell that is land" } },
    { name: "igbp_fraction", dims: ["igbp", "lat", "lon"], shape: [IGBP.length, ...shape], chunks: [IGBP.length, ...tile], type: "float32", fill: NaN, attributes: { units: "1", long_name: "share of each IGBP class in the cell's land", ...codes(IGBP) } },
    { name: "koppen", dims: ["lat", "lon"], shape, chunks: tile, type: "int16", fill: -1, attributes: { long_name: "Köppen climate class", ...codes(KOPPEN_DETAIL) } },
  ];
}
