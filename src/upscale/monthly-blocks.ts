import type { Tile } from "../data/grid/predictors";
import type { MonthlyView } from "./monthly-view";

/** Sums of values and of their weights. */
export interface Means {
  readonly sum: Float64Array;
  readonly weight: Float64Array;
}

/** Nothing summed yet. */
export function emptyMeans(size: number): Means {
  return { sum: new Float64Array(size), weight: new Float64Array(size) };
}

/**
 * Adds the cells of a tile to their blocks; a cell without a value or without land adds nothing.
 * @param at where the blocks of this step begin
 * @param times by which every weight is multiplied, e.g. days
 * @example addMeans(means, block, weight, values)
 */
export function addMeans({ sum, weight }: Means, block: Int32Array, land: Float64Array, values: Float64Array, at = 0, times = 1): void {
  for (let i = 0; i < values.length; i++) {
    const v = values[i]!;
    if (v !== v || land[i] === 0) continue;
    sum[at + block[i]!] += v * land[i]! * times;
    weight[at + block[i]!] += land[i]! * times;
  }
}

/** Sums over weights; NaN where nothing was added. */
export function meanOf({ sum, weight }: Means): Float64Array {
  return sum.map((s, i) => (weight[i]! > 0 ? s / weight[i]! : NaN));
}

/** Square blocks of a grid's cells. */
export interface Blocks {
  /** cells of a block along each side */
  readonly factor: number;
  readonly rows: number;
  readonly columns: number;
  /** the block of each cell of a tile, and its land, m² */
  of(tile: Tile, areas: Float64Array, landFraction: Float64Array): { readonly block: Int32Array; readonly weight: Float64Array };
}

/** Blocks of as few cells as leave at most so many rows. @example blocksOf(view, 180).factor // 2 for half a degree */
export function blocksOf({ lat, lon }: Pick<MonthlyView, "lat" | "lon">, most: number): Blocks {
  const factor = Math.ceil(Math.max(lat.centres.length / most, lon.centres.length / (2 * most)));
  const [rows, columns] = [Math.ceil(lat.centres.length / factor), Math.ceil(lon.centres.length / factor)];
  return {
    factor, rows, columns,
    of(tile, areas, landFraction) {
      const width = tile.columns[1] - tile.columns[0];
      const row = (i: number): number => tile.rows[0] + Math.floor(i / width);
      const block = Int32Array.from(landFraction, (_, i) => Math.floor(row(i) / factor) * columns + Math.floor((tile.columns[0] + (i % width)) / factor));
      return { block, weight: landFraction.map((f, i) => (f > 0 ? f * areas[row(i)]! : 0)) };
    },
  };
}
