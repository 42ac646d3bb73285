import type { Flux } from "../core/quantities";
import { daysInMonth } from "../data/grid/cf";
import type { RegionFrame, TileEntries } from "./totals-regions";

/** Sums of one flux by slot and month, filled tile by tile. */
export interface MonthSums {
  /** Σ flux × area, g C d⁻¹ `[slot, month]` */
  readonly flux: Float64Array;
  /** Σ area of cells with a value, m² `[slot, month]` */
  readonly area: Float64Array;
}

/** What one flux came to over the grid, and in each member of an ensemble. */
export interface FluxSums {
  readonly flux: Flux;
  readonly mean: MonthSums;
  readonly members: MonthSums[];
  /** land area of cells with any value, m² `[slot]` */
  readonly predicted: Float64Array;
}

/** Empty sums of a frame. @example emptySums(frame, view.months.length) */
export function emptySums({ regions, bands }: RegionFrame, months: number): MonthSums {
  const size = regions.length * bands.length * months;
  return { flux: new Float64Array(size), area: new Float64Array(size) };
}

/** Adds one month of one tile; a cell without a value adds nothing, area included. @example addMonth(sums, entries, 24, month, mean) */
export function addMonth({ flux, area }: MonthSums, entries: TileEntries, months: number, month: number, mean: Float64Array): void {
  for (let e = 0; e < entries.cell.length; e++) {
    const value = mean[entries.cell[e]!]!;
    if (value !== value) continue;
    const at = entries.slot[e]! * months + month;
    flux[at] += value * entries.area[e]!;
    area[at] += entries.area[e]!;
  }
}

/** Monthly totals of one region. */
export interface RegionMonths {
  /** g C per month; NaN where a band of the region has no value at all in that month `[month]` */
  readonly total: Float64Array;
  /** area of the month that was filled, m² `[month]` */
  readonly filled: Float64Array;
}

/**
 * Monthly totals of a region, or of one latitude band of it. A cell that lacks a month but has others is given that month's mean over its
 * latitude band, never zero; cells that have no month at all add nothing.
 * @param predicted land area of cells with any value, m² `[slot]`
 * @example regionMonths(frame, view.months, sums, predicted, 0).total
 */
export function regionMonths(frame: RegionFrame, months: Int32Array, sums: MonthSums, predicted: Float64Array, region: number, only?: number): RegionMonths {
  const bands = frame.bands.length;
  const own = only === undefined ? frame.bands.map((_, b) => b) : [only];
  const [total, filled] = [new Float64Array(months.length), new Float64Array(months.length)];
  for (let m = 0; m < months.length; m++) {
    for (const band of own) {
      const [at, whole, of] = [(region * bands + band) * months.length + m, band * months.length + m, predicted[region * bands + band]!];
      // rounding of the order of summing is no gap
      const lacking = of - sums.area[at]! > 1e-9 * of ? of - sums.area[at]! : 0;
      total[m] += sums.flux[at]! + (lacking > 0 ? lacking * (sums.flux[whole]! / sums.area[whole]!) : 0);
      filled[m] += lacking;
    }
    total[m] *= daysInMonth(months[m]!);
  }
  return { total, filled };
}
