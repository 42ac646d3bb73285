import { WorkbookError } from "../core/errors";
import { FLUXES, type Flux } from "../core/quantities";
import { counter, silent, type Progress } from "../core/progress";
import { quantile } from "../core/quantile";
import type { Range } from "../data/grid/grid";
import type { Tile } from "../data/grid/predictors";
import { LEVELS, type Level } from "../evaluate/conformal";
import { mean, scores } from "../evaluate/metrics";
import { MIN_DAYS_R2, MIN_SD_R2 } from "../evaluate/site-metrics";
import { cellAreas } from "./cell-area";
import { intervalName } from "./layers";
import { readLayers } from "./monthly-layers";
import { GRID_NAME, openMonthly, viewTiles, type MonthlyView } from "./monthly-view";
import { DAYS_PER_YEAR, PETAGRAM } from "./units";

/** How well the cells of one part of the land are told. */
export interface TruthRow {
  readonly flux: Flux;
  /** inside or outside the area of applicability; unknown where the store does not say */
  readonly part: "all" | "inside" | "outside" | "unknown";
  readonly cells: number;
  /** cells whose truth varies enough for an R² */
  readonly n_r2: number;
  readonly r2_q25: number | null;
  readonly r2_median: number | null;
  readonly r2_q75: number | null;
  readonly rmse_mean: number | null;
  readonly bias_mean: number | null;
  /** over the days that both have, area and land fraction weighted, Pg C yr⁻¹ */
  readonly total: number;
  readonly total_true: number;
  /** median over cells of the share of days inside the interval; null without one */
  readonly coverage_80: number | null;
  readonly coverage_90: number | null;
}

interface CellScore {
  readonly part: TruthRow["part"];
  readonly r2: number | null;
  readonly rmse: number;
  readonly bias: number;
  /** Pg C yr⁻¹ */
  readonly total: number;
  readonly total_true: number;
  readonly coverage: Readonly<Record<number, number>>;
}

/** What one tile is judged by: both stores, what is said of its cells, and the land in each, m² `[cell]`. */
interface TileFrame {
  readonly ours: MonthlyView;
  readonly known: MonthlyView;
  readonly tile: Tile;
  readonly land: Float64Array;
  readonly inside: Float64Array | null;
}

/**
 * Judges an upscaled store by the true fluxes of the virtual globe that it was made of, cell by cell over the days that both have.
 * @throws WorkbookError BadArgument for a truth on another grid or other days
 * @example await againstTruth("O.zarr", gridTruthPath("G.zarr"))
 */
export async function againstTruth(store: string, truth: string, options: { readonly progress?: Progress } = {}): Promise<TruthRow[]> {
  const [ours, known] = [await openMonthly(store), await openMonthly(truth)];
  try {
    checkSame(ours, known);
    const tiles = await viewTiles(ours);
    const areas = cellAreas(ours.lat, ours.lon);
    const cells: Record<Flux, CellScore[]> = { gpp: [], reco: [], nee: [] };
    const report = counter("against the truth", tiles.length, options.progress ?? silent);
    for (const [k, tile] of tiles.entries()) {
      const { landFraction, inside } = await readLayers(ours, tile);
      const width = tile.columns[1] - tile.columns[0];
      const land = landFraction.map((share, c) => share * areas[tile.rows[0] + Math.floor(c / width)]!);
      for (const flux of FLUXES) cells[flux].push(...(await scoreTile({ ours, known, tile, land, inside }, flux)));
      report(k + 1);
    }
    return FLUXES.flatMap((flux) => {
      const parts = (["all", "inside", "outside", "unknown"] as const).map((part) => [part, cells[flux].filter((c) => part === "all" || c.part === part)] as const);
      return parts.filter(([part, list]) => part === "all" || list.length > 0).map(([part, list]) => row(flux, part, list));
    });
  } finally {
    ours.close();
    known.close();
  }
}

function checkSame(ours: MonthlyView, known: MonthlyView): void {
  const frame = ({ lat, lon, days, step }: MonthlyView): string => `${lat.centres.length} × ${lon.centres.length} cells from ${lat.centres[0]}, ${lon.centres[0]}, ${days.length} ${step}s from ${days[0]}`;
  if (frame(ours) === frame(known)) return;
  throw new WorkbookError("BadArgument", `againstTruth: ${ours.path}: the grid and days of ${known.path} required (${frame(known)}), found ${frame(ours)}; give the truth of the grid that was upscaled`, { file: ours.path });
}

async function scoreTile({ ours, known, tile, land, inside }: TileFrame, flux: Flux): Promise<CellScore[]> {
  const ranges: Range[] = [[0, ours.days.length], tile.rows, tile.columns];
  const read = async (view: MonthlyView, name: string): Promise<Float64Array> => (await view.grid.variable(name)).read(ranges);
  const [predicted, observed] = [await read(ours, GRID_NAME[flux]), await read(known, GRID_NAME[flux])];
  const intervals = new Map<Level, { low: Float64Array; high: Float64Array }>();
  for (const level of LEVELS) {
    const [low, high] = (["low", "high"] as const).map((end) => intervalName(flux, end, level));
    if (ours.grid.names.includes(low!)) intervals.set(level, { low: await read(ours, low!), high: await read(ours, high!) });
  }
  const cells = land.length;
  return Array.from({ length: cells }, (_, c) => c).flatMap((c): CellScore[] => {
    const both = Array.from(ours.days.keys(), (t) => t * cells + c).filter((i) => Number.isFinite(predicted[i]!) && Number.isFinite(observed[i]!));
    if (both.length === 0) return [];
    const [o, p] = [both.map((i) => observed[i]!), both.map((i) => predicted[i]!)];
    const { r2, rmse, bias, sd } = scores(o, p);
    const total = (values: readonly number[]): number => (mean(values)! * DAYS_PER_YEAR * land[c]!) / PETAGRAM;
    const told = both.length >= MIN_DAYS_R2 && sd! > MIN_SD_R2;
    return [{ part: partOf(inside?.[c]), r2: told ? r2 : null, rmse: rmse!, bias: bias!, total: total(p), total_true: total(o), coverage: coverageOf(intervals, both, observed) }];
  });
}

/** Share of a cell's days `[…]`, places in the tile's values, on which the truth lies between both ends; a flux without ends has none. */
function coverageOf(intervals: ReadonlyMap<Level, { low: Float64Array; high: Float64Array }>, both: readonly number[], observed: Float64Array): Record<number, number> {
  const out: Record<number, number> = {};
  for (const [level, { low, high }] of intervals) {
    const bounded = both.filter((i) => Number.isFinite(low[i]!) && Number.isFinite(high[i]!));
    if (bounded.length > 0) out[level] = bounded.filter((i) => observed[i]! >= low[i]! && observed[i]! <= high[i]!).length / bounded.length;
  }
  return out;
}

function partOf(inside: number | undefined): TruthRow["part"] {
  return inside === 1 ? "inside" : inside === 0 ? "outside" : "unknown";
}

function row(flux: Flux, part: TruthRow["part"], cells: readonly CellScore[]): TruthRow {
  const r2 = cells.flatMap((c) => c.r2 ?? []);
  const sum = (pick: (c: CellScore) => number): number => cells.reduce((s, c) => s + pick(c), 0);
  const average = (pick: (c: CellScore) => number): number | null => (cells.length > 0 ? sum(pick) / cells.length : null);
  const covered = (level: Level): number | null => quantile(cells.flatMap((c) => c.coverage[level] ?? []), 0.5);
  return {
    flux, part, cells: cells.length, n_r2: r2.length, r2_q25: quantile(r2, 0.25), r2_median: quantile(r2, 0.5), r2_q75: quantile(r2, 0.75),
    rmse_mean: average((c) => c.rmse), bias_mean: average((c) => c.bias), total: sum((c) => c.total), total_true: sum((c) => c.total_true),
    coverage_80: covered(0.8), coverage_90: covered(0.9),
  };
}
