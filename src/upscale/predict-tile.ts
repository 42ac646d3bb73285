import { WorkbookError } from "../core/errors";
import { FLUXES, IGBP, type Physical } from "../core/quantities";
import { parseKoppen, type Site } from "../core/sites";
import type { PredictorGrid, Tile, TileDrivers } from "../data/grid/predictors";
import { moments } from "../evaluate/ensemble-predict";
import type { RunConfig } from "../run/config";
import type { Predictor, RecordPrediction } from "../run/learner";
import { modelRecord } from "../run/model-view";
import { driverClimatology } from "../windows/driver-climatology";
import { recordOfDrivers, type SiteRecord } from "../windows/record";
import { WindowLists } from "../windows/window-lists";
import { applicabilityThreshold, cellDissimilarity } from "./applicability";
import { REASONS, type Reason } from "./layers";
import { LEAST_SHARE, tileMixtures, type Component } from "./mixture";
import type { MonthAxis } from "./month-axis";
import { emptyValues, placeDays, placeMonths, type TileValues } from "./tile-values";
import { seesClasses, type TrainedMember, type TrainedRun } from "./trained-run";

/** Bytes that the members' fluxes of the cells in hand may take. */
const MEMBER_BYTES = 24 * 2 ** 20;
/** Cells predicted together at most. */
const CELLS_AT_ONCE = 64;

/** A land cell of a tile. */
export interface Cell {
  /** place in its tile */
  readonly index: number;
  readonly record: SiteRecord;
  readonly mixture: readonly Component[];
}

/** A member ready to predict. */
export interface LoadedMember extends TrainedMember {
  readonly predictor: Predictor;
}

/** What the tiles of a job share. */
export interface TileJob {
  readonly run: TrainedRun;
  readonly members: readonly LoadedMember[];
  readonly grid: PredictorGrid;
  readonly months: MonthAxis;
}

/**
 * Predicts every land cell of a tile with every member: the cell's own drivers, short gaps closed as in training, one prediction for each of
 * its classes, mixed by their shares.
 * @throws WorkbookError BadFile for drivers that do not fill the grid's days
 * @source method §4 (support set from the cell's own drivers); arXiv 2603.09974
 * @example const values = await predictTile(job, tile, await grid.readTile(tile, run.channels))
 */
export async function predictTile(job: TileJob, tile: Tile, drivers: TileDrivers, report: (done: number, of: number) => void = () => undefined): Promise<TileValues> {
  const { grid, run, members, months } = job;
  const cells = drivers.landFraction.length;
  const days = grid.days.length;
  if (drivers.drivers.length !== cells * days * run.channels.length) throw new WorkbookError("BadFile", `upscale: ${grid.path}: ${cells} cells of ${days} days and ${run.channels.length} channels required, found ${drivers.drivers.length} values; give a whole grid`, { file: grid.path });
  const mixtures = tileMixtures(drivers);
  const values = emptyValues(drivers, mixtures, days, months, members.length);
  const land = [...mixtures.keys()].filter((i) => mixtures[i]!.length > 0);
  values.counts.cells.no_land = cells - land.length;
  const atOnce = Math.max(1, Math.min(CELLS_AT_ONCE, Math.floor(MEMBER_BYTES / (4 * FLUXES.length * days * members.length))));
  for (let from = 0; from < land.length; from += atOnce) {
    const part = land.slice(from, from + atOnce).map((index) => layCell(job, tile, drivers, index, mixtures[index]!));
    await predictCells(job, part, values);
    for (const cell of part) count(cell, drivers, run.channels, values);
    report(from + part.length, land.length);
  }
  return values;
}

/**
 * A cell of a tile, its short gaps closed as in training (in `drivers` itself).
 * @example layCell(job, tile, drivers, 0, tileMixtures(drivers)[0]).record.complete
 */
export function layCell({ grid, run }: Pick<TileJob, "grid"> & { readonly run: Pick<TrainedRun, "channels" | "config"> }, tile: Tile, drivers: TileDrivers, index: number, mixture: readonly Component[]): Cell {
  const each = grid.days.length * run.channels.length;
  const own = drivers.drivers.subarray(index * each, (index + 1) * each) as Physical<Float32Array>;
  return { index, mixture, record: recordOfDrivers(cellSite(grid, tile, index, drivers), grid.days.first, own, run.channels, run.config.max_gap) };
}

/**
 * What a model is asked of a cell: its record under each of its classes; once where the model sees no class.
 * @example askedOf(config, cell).map((record) => record.site.igbp)
 */
export function askedOf(config: RunConfig, { record, mixture }: Pick<Cell, "record" | "mixture">): SiteRecord[] {
  return (seesClasses(config) ? mixture : mixture.slice(0, 1)).map(({ igbp }) => modelRecord(config, { ...record, site: { ...record.site, igbp } }));
}

/** A cell as a site: its centre, its climate, no class yet. */
function cellSite({ lat, lon }: PredictorGrid, tile: Tile, index: number, { koppen }: TileDrivers): Site {
  const width = tile.columns[1] - tile.columns[0];
  const [north, east] = [lat.centres[tile.rows[0] + Math.floor(index / width)]!, lon.centres[tile.columns[0] + (index % width)]!];
  return { site: `cell ${north} ${east}`, lat: north, lon: east > 180 ? east - 360 : east, igbp: null, ...parseKoppen(koppen[index]) };
}

/** Mean, spread and monthly means of some cells over all members, into the tile's layers, and how far they lie from the training sites. */
async function predictCells({ run, members, months, grid }: TileJob, cells: readonly Cell[], values: TileValues): Promise<void> {
  const fluxes = cells.map((): Float32Array[] => []);
  const climatologies = cells.map((cell) => driverClimatology(cell.record));
  const dissimilarities = cells.map(() => 0);
  const lists = new WindowLists();
  for (const [m, member] of members.entries()) {
    const predicted = await predictMixtures(member, cells, lists);
    for (const [i, cell] of cells.entries()) {
      const mixed = mix(predicted[i]!, cell, grid.days.length);
      fluxes[i]!.push(mixed);
      if (values.members) placeMonths(values.members, values, cell.index, m, mixed, months);
      const climatology = climatologies[i]!;
      dissimilarities[i] += climatology === null ? NaN : cellDissimilarity(member, climatology, predicted[i]!.length === 1 ? [{ igbp: null, share: 1 }] : cell.mixture, predicted[i]!.map((p) => p.z)) / members.length;
    }
  }
  const threshold = applicabilityThreshold(run);
  for (const [i, cell] of cells.entries()) {
    const own = fluxes[i]!;
    if (values.spread) {
      const { mean, sd } = moments(own);
      placeDays(values.fluxes, values, cell.index, mean, 0);
      placeDays(values.spread, values, cell.index, sd, -Infinity);
    } else placeDays(values.fluxes, values, cell.index, own[0]!, 0);
    const index = dissimilarities[i]!;
    values.applicability[cell.index] = index;
    if (threshold !== null && !Number.isNaN(index)) values.inside[cell.index] = index <= threshold ? 1 : 0;
    note(cell, members, values);
  }
}

/** Predictions of one member for every class of every cell `[cell][component]`; a member that sees no class is asked once a cell. */
async function predictMixtures({ config, predictor }: LoadedMember, cells: readonly Cell[], lists: WindowLists): Promise<RecordPrediction[][]> {
  const asked = cells.map((cell) => askedOf(config, cell));
  const records = asked.flat();
  const predicted = predictor.predictAll ? await predictor.predictAll(records, lists) : await oneByOne(predictor, records);
  let at = 0;
  return asked.map((own) => predicted.slice(at, (at += own.length)));
}

async function oneByOne(predictor: Predictor, records: readonly SiteRecord[]): Promise<RecordPrediction[]> {
  const out: RecordPrediction[] = [];
  for (const record of records) out.push({ fluxes: await predictor.predict(record), z: null });
  return out;
}

/** The fluxes of a cell's classes by their shares `[day, flux]`, before clipping. */
function mix(predicted: readonly RecordPrediction[], { mixture }: Cell, days: number): Float32Array {
  if (predicted.length === 1) return predicted[0]!.fluxes;
  const out = new Float32Array(days * FLUXES.length);
  predicted.forEach(({ fluxes }, k) => {
    const { share } = mixture[k]!;
    for (let i = 0; i < out.length; i++) out[i] += share * fluxes[i]!;
  });
  return out;
}

/** Why a cell has values or not. */
function note(cell: Cell, members: readonly LoadedMember[], values: TileValues): void {
  const { config, predictor } = members[0]!;
  const { gpp } = values.fluxes;
  let predicted = 0;
  for (let d = 0; d < values.days; d++) if (!Number.isNaN(gpp[d * values.cells + cell.index]!)) predicted++;
  const possible = values.days - Math.max(0, (predictor.history ?? config.window) - 1);
  const reason: Reason = predicted >= possible ? "predicted" : predicted > 0 ? "some_days_lack_a_driver_in_their_window" : neverThere(cell.record).length > 0 ? "a_driver_is_missing_on_every_day" : "no_window_of_days_with_all_drivers";
  values.reason[cell.index] = REASONS.indexOf(reason);
  values.counts.cells[reason]++;
  values.counts.cell_days += predicted;
  values.counts.model_days += members.reduce((sum, m) => sum + predicted * (seesClasses(m.config) ? cell.mixture.length : 1), 0);
}

/** Channels, by number, without a single value. */
function neverThere({ drivers, length }: SiteRecord): number[] {
  const width = drivers.length / length;
  return Array.from({ length: width }, (_, c) => c).filter((c) => {
    for (let d = 0; d < length; d++) if (!Number.isNaN(drivers[d * width + c]!)) return false;
    return true;
  });
}

function count({ index, record, mixture }: Cell, { igbp }: TileDrivers, channels: readonly string[], { counts, reason }: TileValues): void {
  for (const [channel, n] of Object.entries(record.filled)) counts.filled[channel] = (counts.filled[channel] ?? 0) + n;
  if (REASONS[reason[index]!] === "a_driver_is_missing_on_every_day") for (const c of neverThere(record)) counts.never[channels[c]!] = (counts.never[channels[c]!] ?? 0) + 1;
  if (mixture.some((m) => m.igbp === null)) counts.unknown_class++;
  const small = igbp.subarray(index * IGBP.length, (index + 1) * IGBP.length).some((share) => share > 0 && share < LEAST_SHARE);
  if (small) counts.small_classes++;
}
