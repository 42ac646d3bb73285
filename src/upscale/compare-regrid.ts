import type { Axis } from "../data/grid/axis";
import type { Tile } from "../data/grid/predictors";
import type { XbaseFile } from "../data/products/xbase-layout";
import { cellEdges, latitudeOverlaps, longitudeOverlaps, type Overlap } from "./cell-area";

/** Share of a cell's land in the product that must have a value for the cell to have one. */
const COVERED = 0.5;

/** How the cells of one grid overlap those of another, whatever their sizes. */
export interface Regridder {
  readonly rows: readonly (readonly Overlap[])[];
  readonly columns: readonly (readonly Overlap[])[];
}

/**
 * Overlaps of this grid's cells with a product's, by area on the sphere.
 * @source first-order conservative remapping: Jones 1999, doi:10.1175/1520-0493(1999)127<2204:FASOCR>2.0.CO;2
 * @example regridder(view, xbase.files[0])
 */
export function regridder(own: { readonly lat: Axis; readonly lon: Axis }, product: { readonly lat: Axis; readonly lon: Axis }): Regridder {
  return {
    rows: latitudeOverlaps(cellEdges(own.lat, 90), cellEdges(product.lat, 90)),
    columns: longitudeOverlaps(cellEdges(own.lon, Infinity), cellEdges(product.lon, Infinity)),
  };
}

/** The part of a product that one tile needs. */
export interface ProductPart {
  readonly rows: readonly [number, number];
  readonly columns: readonly [number, number];
  /** share of land of the product's cells, 1 where it does not say */
  readonly land: Float64Array;
}

/** Finds the part of a product that a tile overlaps; null where it overlaps none. @example await partOf(regridder, file, tile) */
export async function partOf({ rows, columns }: Regridder, file: XbaseFile, tile: Tile): Promise<ProductPart | null> {
  const span = (overlaps: readonly (readonly Overlap[])[]): [number, number] | null => {
    const all = overlaps.flatMap((o) => o.map((x) => x.index));
    return all.length === 0 ? null : [all.reduce((a, b) => Math.min(a, b)), all.reduce((a, b) => Math.max(a, b)) + 1];
  };
  const [r, c] = [span(rows.slice(...tile.rows)), span(columns.slice(...tile.columns))];
  if (r === null || c === null) return null;
  const has = file.grid.names.includes("land_fraction");
  const land = has ? await (await file.grid.variable("land_fraction")).read([r, c]) : new Float64Array((r[1] - r[0]) * (c[1] - c[0])).fill(1);
  return { rows: r, columns: c, land: land.map((f) => (f > 0 ? f : 0)) };
}

/**
 * Means of a product over the cells of a tile, weighed by the product's land; NaN where half of that land has no value, or there is none.
 * @param values of the part `[row, column]`
 * @example regrid(regridder, part, tile, await file.variable.read([[t, t + 1], part.rows, part.columns]))
 */
export function regrid({ rows, columns }: Regridder, part: ProductPart, tile: Tile, values: Float64Array): Float64Array {
  const width = part.columns[1] - part.columns[0];
  const columnsOf = columns.slice(...tile.columns);
  const out = new Float64Array((tile.rows[1] - tile.rows[0]) * columnsOf.length);
  rows.slice(...tile.rows).forEach((row, r) => columnsOf.forEach((column, c) => {
    let [sum, weight, land] = [0, 0, 0];
    for (const y of row) {
      for (const x of column) {
        const at = (y.index - part.rows[0]) * width + x.index - part.columns[0];
        const w = y.size * x.size * part.land[at]!;
        land += w;
        if (Number.isNaN(values[at]!)) continue;
        weight += w;
        sum += w * values[at]!;
      }
    }
    out[r * columnsOf.length + c] = weight > 0 && weight >= COVERED * land ? sum / weight : NaN;
  }));
  return out;
}
