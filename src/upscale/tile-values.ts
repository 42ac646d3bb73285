import { FLUXES, type Flux } from "../core/quantities";
import type { TileDrivers } from "../data/grid/predictors";
import { REASONS, type Reason } from "./layers";
import type { Component } from "./mixture";
import type { MonthAxis } from "./month-axis";

/** What was predicted, filled and left out, in numbers. */
export interface TileCounts {
  readonly cells: Record<Reason, number>;
  /** days with a value, summed over cells */
  cell_days: number;
  /** the same times the classes and members that were asked for each */
  model_days: number;
  /** cells of which a class below 5 % of the land was given to the others */
  small_classes: number;
  /** cells with 5 % or more land of no known class */
  unknown_class: number;
  /** driver values filled in short gaps, by channel */
  readonly filled: Record<string, number>;
  /** cells without a single value, by channel */
  readonly never: Record<string, number>;
  /** driver values that the reader took out or changed, by reason */
  readonly changed: Record<string, number>;
}

/** Everything that is said of the cells of one tile; cells run row by row. Filled while cells are predicted. */
export interface TileValues {
  readonly cells: number;
  readonly days: number;
  /** g C m⁻² d⁻¹ of land, GPP and RECO clipped at 0 `[day, cell]` */
  readonly fluxes: Readonly<Record<Flux, Float32Array>>;
  /** of an ensemble, before clipping `[day, cell]` */
  readonly spread: Readonly<Record<Flux, Float32Array>> | null;
  /** of an ensemble, monthly means `[member, month, cell]` */
  readonly members: Readonly<Record<Flux, Float32Array>> | null;
  readonly applicability: Float32Array;
  readonly inside: Uint8Array;
  readonly reason: Uint8Array;
  /** classes of each cell; none where there is no land */
  readonly mixtures: readonly (readonly Component[])[];
  readonly counts: TileCounts;
}

/** Values of a tile before anything is predicted: all missing, and no land. @example emptyValues(drivers, mixtures, 1461, months, 0) */
export function emptyValues({ landFraction, changed = [] }: TileDrivers, mixtures: TileValues["mixtures"], days: number, months: MonthAxis, members: number): TileValues {
  const cells = landFraction.length;
  const each = (n: number): Record<Flux, Float32Array> => ({ gpp: new Float32Array(n).fill(NaN), reco: new Float32Array(n).fill(NaN), nee: new Float32Array(n).fill(NaN) });
  return {
    cells, days, fluxes: each(cells * days), spread: members > 1 ? each(cells * days) : null, members: members > 1 ? each(members * months.starts.length * cells) : null,
    applicability: new Float32Array(cells).fill(NaN), inside: new Uint8Array(cells).fill(255), reason: new Uint8Array(cells).fill(REASONS.indexOf("no_land")), mixtures,
    counts: { cells: Object.fromEntries(REASONS.map((r) => [r, 0])) as Record<Reason, number>, cell_days: 0, model_days: 0, small_classes: 0, unknown_class: 0, filled: {}, never: {}, changed: Object.fromEntries(changed.map((c) => [c.reason, c.cellDays])) },
  };
}

/** Puts a cell's days `[day, flux]` into layers `[day, cell]`, GPP and RECO not below `floor`. */
export function placeDays(layers: Readonly<Record<Flux, Float32Array>>, { cells, days }: TileValues, cell: number, values: Float32Array, floor: number): void {
  FLUXES.forEach((flux, f) => {
    const least = flux === "nee" ? -Infinity : floor;
    for (let d = 0; d < days; d++) {
      const value = values[d * FLUXES.length + f]!;
      // one NaN of the many that arithmetic makes: stores of one command are equal to the byte
      layers[flux][d * cells + cell] = Number.isNaN(value) ? NaN : Math.max(least, value);
    }
  });
}

/** Puts the monthly means of one member's days `[day, flux]` of a cell into `[member, month, cell]`, GPP and RECO clipped at 0; a month with too few days stays missing. */
export function placeMonths(layers: Readonly<Record<Flux, Float32Array>>, { cells, days }: TileValues, cell: number, member: number, values: Float32Array, months: MonthAxis): void {
  const count = months.starts.length;
  FLUXES.forEach((flux, f) => {
    const [sum, n] = [new Float64Array(count), new Float64Array(count)];
    for (let d = 0; d < days; d++) {
      const value = values[d * FLUXES.length + f]!;
      if (Number.isNaN(value)) continue;
      sum[months.of[d]!] += flux === "nee" ? value : Math.max(0, value);
      n[months.of[d]!]++;
    }
    for (let m = 0; m < count; m++) if (n[m]! >= months.needed[m]!) layers[flux][(member * count + m) * cells + cell] = sum[m]! / n[m]!;
  });
}
