import { asDay, monthOf, type Day } from "../core/days";
import { counter, silent, type Progress } from "../core/progress";
import type { Flux } from "../core/quantities";
import { daysInMonth } from "../data/grid/cf";
import { cellAreas, cellEdges } from "./cell-area";
import { readLayers } from "./monthly-layers";
import { eachMemberMonth, eachMonth, GRID_NAME, openMonthly, viewTiles, type MonthlyView } from "./monthly-view";
import { addMeans, blocksOf, emptyMeans, meanOf, type Blocks, type Means } from "./monthly-blocks";
import { memberUncertainty, spreadKindOf } from "./totals-members";

/** Cells of a map, and where they lie; rows and columns as the store has them. */
export interface MapFrame {
  /** south and north of each row, degrees */
  readonly rows: readonly (readonly [number, number])[];
  /** west and east of each column, degrees */
  readonly columns: readonly (readonly [number, number])[];
}

/** Doubt of each cell's mean flux. */
export interface SpreadFields {
  /** e.g. "seed spread, 5 members" */
  readonly label: string;
  /** `mean`: standard deviation of members' means; `day`: mean of the daily standard deviation */
  readonly of: "mean" | "day";
  readonly values: Readonly<Partial<Record<Flux, Float64Array>>>;
}

/** What maps are drawn of: an upscaled store on at most 360 × 180 cells, means over land. NaN = no value. */
export interface MapFields {
  readonly path: string;
  readonly simulated: boolean;
  /** the store's own words: run, seed, commit, command */
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly period: { readonly first: Day; readonly last: Day };
  readonly frame: MapFrame;
  readonly fluxes: readonly Flux[];
  /** calendar months, 1…12, that the mean is over: those that any cell has */
  readonly months: readonly number[];
  /** m² `[cell]` */
  readonly land: Float64Array;
  /** mean of the months, each first over its years, g C m⁻² d⁻¹ `[cell]` */
  readonly mean: Readonly<Partial<Record<Flux, Float64Array>>>;
  /** 1 where a cell has a flux, but not in all of those months, so that it has no mean `[cell]` */
  readonly partial: Readonly<Partial<Record<Flux, Uint8Array>>>;
  /** mean by row and calendar month over land, g C m⁻² d⁻¹ `[row, month]` */
  readonly cycle: Readonly<Partial<Record<Flux, Float64Array>>>;
  readonly spread: SpreadFields | null;
  /** dissimilarity to the training sites, and share of the land inside the area of applicability `[cell]` */
  readonly applicability: { readonly values: Float64Array; readonly inside: Float64Array; readonly threshold: number | null } | null;
}

/** Most rows of a map: one degree; columns in proportion. */
export const MOST_ROWS = 180;

/**
 * Reads what maps need of an upscaled store, tile by tile: cells of fine grids are averaged over their land into blocks of at most a degree.
 * @throws WorkbookError what `openMonthly` throws
 * @example (await mapFields("O.zarr")).mean.gpp
 */
export async function mapFields(path: string, options: { readonly progress?: Progress } = {}): Promise<MapFields> {
  const view = await openMonthly(path);
  try {
    const blocks = blocksOf(view, MOST_ROWS);
    const areas = cellAreas(view.lat, view.lon);
    const size = blocks.rows * blocks.columns;
    const cycles = view.fluxes.map((): Means => emptyMeans(12 * size));
    const members = view.fluxes.map((): Means[] => []);
    const [spread, dissimilarity, inside] = [view.fluxes.map(() => emptyMeans(size)), emptyMeans(size), emptyMeans(size)];
    const land = new Float64Array(size);
    const tiles = await viewTiles(view);
    const step = counter("maps", tiles.length, options.progress ?? silent);
    for (const [i, tile] of tiles.entries()) {
      const layers = await readLayers(view, tile);
      const { block, weight } = blocks.of(tile, areas, layers.landFraction);
      weight.forEach((w, c) => (land[block[c]!] += w));
      if (weight.some((w) => w > 0)) {
        if (layers.dissimilarity !== null) addMeans(dissimilarity, block, weight, layers.dissimilarity);
        if (layers.inside !== null) addMeans(inside, block, weight, layers.inside);
        for (const [k, flux] of view.fluxes.entries()) {
          await eachMonth(view, GRID_NAME[flux], tile, (m) => addMeans(cycles[k]!, block, weight, m.mean, (monthOf(asDay(view.months[m.month]!)) - 1) * size));
          const count = await eachMemberMonth(view, flux, tile, (member, month, mean) => {
            while (members[k]!.length <= member) members[k]!.push(emptyMeans(size));
            addMeans(members[k]![member]!, block, weight, mean, 0, daysInMonth(view.months[month]!));
          });
          if (count < 2 && view.grid.names.includes(`${GRID_NAME[flux]}_spread`)) await eachMonth(view, `${GRID_NAME[flux]}_spread`, tile, (m) => addMeans(spread[k]!, block, weight, m.mean, 0, daysInMonth(view.months[m.month]!)));
        }
      }
      step(i + 1);
    }
    const byFlux = <T>(of: (k: number) => T): Partial<Record<Flux, T>> => Object.fromEntries(view.fluxes.map((flux, k) => [flux, of(k)]));
    const months = Array.from({ length: 12 }, (_, m) => m + 1).filter((m) => cycles.some((c) => c.weight.subarray((m - 1) * size, m * size).some((w) => w > 0)));
    return {
      path, simulated: view.simulated, attributes: view.grid.attributes, period: view.period, fluxes: view.fluxes, months, land,
      frame: frameOf(view, blocks),
      mean: byFlux((k) => meanOverMonths(meanOf(cycles[k]!), size, months)),
      partial: byFlux((k) => someMonths(cycles[k]!, size, months)),
      cycle: byFlux((k) => zonal(cycles[k]!, blocks)),
      spread: await spreadOf(view, byFlux, members, spread),
      applicability: dissimilarity.weight.some((w) => w > 0) ? { values: meanOf(dissimilarity), inside: meanOf(inside), threshold: await thresholdOf(view) } : null,
    };
  } finally {
    view.close();
  }
}

/** Mean length of each calendar month over four years, days. */
const MONTH_DAYS = [31, 28.25, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Mean over calendar months by their length; NaN for a cell that lacks one that others have: half a year is no mean of it. */
function meanOverMonths(cycle: Float64Array, size: number, months: readonly number[]): Float64Array {
  const days = months.reduce((sum, m) => sum + MONTH_DAYS[m - 1]!, 0);
  return Float64Array.from({ length: size }, (_, i) => months.reduce((sum, m) => sum + cycle[(m - 1) * size + i]! * MONTH_DAYS[m - 1]!, 0) / days);
}

function someMonths({ weight }: Means, size: number, months: readonly number[]): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => {
    const there = months.filter((m) => weight[(m - 1) * size + i]! > 0).length;
    return there > 0 && there < months.length ? 1 : 0;
  });
}

function zonal({ sum, weight }: Means, { rows, columns }: Blocks): Float64Array {
  return Float64Array.from({ length: rows * 12 }, (_, i) => {
    const from = (i % 12) * rows * columns + Math.floor(i / 12) * columns;
    const over = (of: Float64Array): number => of.subarray(from, from + columns).reduce((a, b) => a + b, 0);
    return over(weight) > 0 ? over(sum) / over(weight) : NaN;
  });
}

/** Where the blocks of a grid lie. @example frameOf(view, blocksOf(view, 180)).rows.length */
export function frameOf({ lat, lon }: Pick<MonthlyView, "lat" | "lon">, { factor }: Blocks): MapFrame {
  const joined = (edges: [number, number][]): [number, number][] =>
    Array.from({ length: Math.ceil(edges.length / factor) }, (_, i) => {
      const part = edges.slice(i * factor, (i + 1) * factor).flat();
      return [Math.min(...part), Math.max(...part)];
    });
  return { rows: joined(cellEdges(lat, 90)), columns: joined(cellEdges(lon, Infinity)) };
}

async function spreadOf(view: MonthlyView, byFlux: <T>(of: (k: number) => T) => Partial<Record<Flux, T>>, members: readonly (readonly Means[])[], daily: readonly Means[]): Promise<SpreadFields | null> {
  const kind = await spreadKindOf(view.grid);
  const count = Math.max(0, ...members.map((m) => m.length));
  if (count >= 2) return { label: memberUncertainty(kind, count).label, of: "mean", values: byFlux((k) => deviation(members[k]!.map(meanOf))) };
  return daily.some((d) => d.weight.some((w) => w > 0)) ? { label: kind ?? "spread of members", of: "day", values: byFlux((k) => meanOf(daily[k]!)) } : null;
}

/** Standard deviation over members `[cell]`, divisor n − 1. */
function deviation(members: readonly Float64Array[]): Float64Array {
  return members[0]!.map((_, i) => {
    const mean = members.reduce((sum, m) => sum + m[i]!, 0) / members.length;
    return Math.sqrt(members.reduce((sum, m) => sum + (m[i]! - mean) ** 2, 0) / (members.length - 1));
  });
}

async function thresholdOf(view: MonthlyView): Promise<number | null> {
  const threshold = Number((await view.grid.variable("applicability")).attributes["threshold"] ?? NaN);
  return Number.isNaN(threshold) ? null : threshold;
}
