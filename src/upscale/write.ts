import { FLUXES, IGBP, KOPPEN_DETAIL, type Flux } from "../core/quantities";
import type { Range } from "../data/grid/grid";
import type { Tile, TileDrivers } from "../data/grid/predictors";
import type { ZarrOutput } from "../data/grid/zarr-output";
import { intervalOf, LEVELS, type FluxCalibration } from "../evaluate/conformal";
import { intervalName } from "./layers";
import type { Component } from "./mixture";
import { GRID_NAME } from "./monthly-view";
import type { TileValues } from "./tile-values";
import type { TrainedRun } from "./trained-run";

/**
 * Writes all chunks of a tile: the fluxes and what belongs to them, and the layers, those of the input among them.
 * @throws WorkbookError BadFile where the disk is full or may not be written
 * @example await writeTile(await appendToZarr("O.zarr"), run, tile, drivers, values)
 */
export async function writeTile(out: ZarrOutput, run: TrainedRun, tile: Tile, drivers: TileDrivers, values: TileValues): Promise<void> {
  const place: readonly Range[] = [tile.rows, tile.columns];
  const daily: readonly Range[] = [[0, values.days], ...place];
  for (const flux of FLUXES) {
    await out.write(GRID_NAME[flux], daily, values.fluxes[flux]);
    if (values.spread) await out.write(`${GRID_NAME[flux]}_spread`, daily, values.spread[flux]);
    if (values.members) {
      const count = run.members.length;
      await out.write(`${GRID_NAME[flux]}_member`, [[0, count], [0, values.members[flux].length / count / values.cells], ...place], values.members[flux]);
    }
    if (run.calibration) await writeIntervals(out, flux, run.calibration.fluxes[flux], daily, values);
  }
  await out.write("applicability", place, values.applicability);
  await out.write("inside", place, values.inside);
  await out.write("land_fraction", place, drivers.landFraction);
  await out.write("igbp_fraction", [[0, IGBP.length], ...place], byClass(drivers.igbp, values.cells));
  await out.write("koppen", place, Int16Array.from(drivers.koppen, (k) => (k === null ? -1 : KOPPEN_DETAIL.indexOf(k))));
  await out.write("reason", place, values.reason);
}

/** `[cell, igbp]` as `[igbp, cell]`. */
function byClass(igbp: Float32Array, cells: number): Float32Array {
  return Float32Array.from({ length: igbp.length }, (_, i) => igbp[(i % cells) * IGBP.length + Math.floor(i / cells)]!);
}

/** Both ends at each level, the width of a cell by the classes of its land; one end pair in memory at a time. */
async function writeIntervals(out: ZarrOutput, flux: Flux, calibration: FluxCalibration | null, daily: readonly Range[], values: TileValues): Promise<void> {
  if (calibration === null) return; // missing, as the store was made
  const names = values.mixtures.map((_, cell) => String(cell));
  const own = { ...calibration, classes: Object.fromEntries(values.mixtures.map((mixture, cell) => [names[cell]!, mixedFactor(calibration, mixture)])) };
  for (const level of LEVELS) {
    const { low, high } = intervalOf(own, level, values.fluxes[flux], values.spread![flux], (row) => names[row % values.cells]!);
    await out.write(intervalName(flux, "low", level), daily, low);
    await out.write(intervalName(flux, "high", level), daily, high);
  }
}

/** By how much errors of a cell's classes differ from the average, by their shares. */
function mixedFactor({ classes }: FluxCalibration, mixture: readonly Component[]): number {
  return mixture.reduce((sum, { igbp, share }) => sum + share * (classes[igbp ?? ""] ?? 1), 0);
}
