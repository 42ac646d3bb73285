import * as path from "node:path";
import { writeJson } from "../core/json";
import { FLUXES, STATIC_WIDTH } from "../core/quantities";
import { random } from "../core/random";
import { siteRows, type DailyTable } from "../data/daily-table";
import { readTable, writeTable } from "../data/store";
import { simulate } from "../data/simulate/simulate";
import { resolveConfig, type RunConfig } from "../run/config";
import { prepareDataset, settleConfig, type Dataset } from "../run/dataset";
import { modelConfig } from "../run/model-config";
import { oneHots } from "../core/sites";
import { drawSupport, predictSupport, supportCandidates } from "../windows/support";
import { layRecord, type SiteRecord } from "../windows/record";
import { predictionStarts } from "../windows/windows";
import type { Query } from "../windows/batches";
import type { Standardiser } from "../windows/standardise";
import { writeArrays } from "./arrays";
import { LATENT, type BenchCase } from "./cases";
import type { Work } from "./rows";
import type { Training } from "./stage-of";
import { writeNewWeights } from "./synthetic";

/** What a contender of the epoch and inference cases finds in its folder as `job.json`. */
export interface NetworkJob {
  readonly table: string;
  readonly config: ReturnType<typeof settleConfig>;
  readonly standardiser: Standardiser;
  readonly training: Training;
  readonly batch: number;
  readonly seed: number;
  /** batches whose losses are compared, dropout off */
  readonly checkBatches: number;
  /** sites whose days are predicted */
  readonly sites: readonly string[];
}

/** The most that is worked through in one run, so that a large table does not take an hour: training windows, and predicted site-days. */
const MOST_WINDOWS = 4096;
const MOST_DAYS = 8192;
const CHECK_BATCHES = 2;
const SEED = 1;

/**
 * Writes what the contenders of the epoch or the inference case share, from a table or, without one, from 51 virtual towers: weights, the
 * job, and for the peer the prepared records as arrays. Says what one run works through.
 * @example await writeNetwork(dir, benchCases(false, ["epoch"])[0], "T.parquet")
 */
export async function writeNetwork(dir: string, c: BenchCase, file: string | undefined): Promise<Work> {
  const { job: laid, dataset, daily } = await layNetwork(dir, c, file);
  const { config } = laid;
  const records = c.part === "inference" ? mostRecords(siteRows(daily).map((rows) => layRecord(daily, rows, dataset.channels, config.max_gap)), config.window) : [];
  const job: NetworkJob = { ...laid, sites: records.map((r) => r.site.site) };
  writeJson(path.join(dir, "job.json"), job);
  const name = `${c.name}, ${file === undefined ? "51 virtual towers" : path.basename(file)}`;
  if (c.part === "inference") {
    writeRecords(dir, records, config);
    return { name, unit: "site-days", units: records.reduce((sum, r) => sum + predictionStarts(r, config.window).length, 0) };
  }
  const queries = epochQueries(dataset);
  writeEpoch(dir, dataset, queries, job);
  return { name, unit: "windows", units: queries.length };
}

/** New weights in `dir`, and the job without sites yet, on a table or, without one, on 51 virtual towers. */
export async function layNetwork(dir: string, c: BenchCase, file: string | undefined): Promise<{ job: NetworkJob; dataset: Dataset; daily: DailyTable }> {
  const table = file === undefined ? path.join(dir, "T.parquet") : path.resolve(file);
  if (file === undefined) await writeTable(simulate({ sites: 51, years: 4, seed: SEED }).table, table);
  const daily = await readTable(table);
  const config = settleConfig(daily, resolveConfig({ model: "tamrl", split: "none", position: true, batch: c.batch, hidden: c.hidden, latent: LATENT, window: c.time, ...(c.part === "epoch" ? { support: c.windows } : { support_predict: c.windows }), seed: SEED }));
  const dataset = prepareDataset(daily, config);
  const { standardiser } = dataset;
  const training: Training = { model: modelConfig(config, standardiser, "tamrl"), lr: config.lr2, balanceWeight: config.balance_weight, window: config.window, lossDays: config.stride, support: config.support };
  await writeNewWeights(dir, training.model, SEED);
  return { job: { table, config, standardiser, training, batch: c.batch, seed: SEED, checkBatches: CHECK_BATCHES, sites: [] }, dataset, daily };
}

/** The training windows of one timed epoch: all, or as many as `MOST_WINDOWS` drawn by seed. @example epochQueries(dataset).length */
export function epochQueries({ train: { queries } }: Pick<Dataset, "train">): readonly Query[] {
  return queries.length <= MOST_WINDOWS ? queries : random(SEED, "bench windows").shuffle(queries).slice(0, MOST_WINDOWS);
}

/** Sites in their order until there are days enough. */
function mostRecords(records: readonly SiteRecord[], window: number): SiteRecord[] {
  let days = 0;
  return records.filter((record) => {
    const more = predictionStarts(record, window).length;
    const take = more > 0 && days < MOST_DAYS;
    if (take) days += more;
    return take;
  });
}

/** The prepared training records for the peer: sites one after the other, `site_from` where each begins. */
function writeEpoch(dir: string, { train }: Dataset, queries: readonly Query[], { batch, training, seed }: NetworkJob): void {
  const { sites } = train;
  const pairs = (list: readonly Query[]): Int32Array => Int32Array.from(list.flatMap(({ site, start }) => [site, start]));
  const checked = queries.slice(0, CHECK_BATCHES * batch);
  const starts = new Int32Array(checked.length * training.support).fill(-1);
  for (let from = 0, b = 0; from < checked.length; from += batch, b++) {
    const r = random(seed, `check ${b}`);
    checked.slice(from, from + batch).forEach((q, k) => starts.set(drawSupport(sites[q.site]!.candidates, q.start, training.support, r).starts, (from + k) * training.support));
  }
  const quarters = [0, 1, 2, 3].map((k) => sites.map((s) => s.candidates.byQuarter[k]!));
  writeArrays(dir, {
    ...joined("x", sites.map((s) => s.x), sites[0]!.x.length / sites[0]!.record.length),
    ...joined("y", sites.map((s) => s.y), FLUXES.length), ...joined("weight", sites.map((s) => s.weight), 1), ...joined("statics", sites.map((s) => s.statics), STATIC_WIDTH),
    site_from: counted(sites.map((s) => s.record.length)),
    ...Object.fromEntries(quarters.flatMap((lists, k) => [[`quarter${k}`, { shape: [lists.reduce((n, l) => n + l.length, 0)], data: Int32Array.from(lists.flatMap((l) => [...l])) }], [`quarter${k}_from`, counted(lists.map((l) => l.length))]])),
    queries: { shape: [queries.length, 2], data: pairs(queries) },
    check_queries: { shape: [checked.length, 2], data: pairs(checked) }, check_starts: { shape: [checked.length, training.support], data: starts },
  });
}

/** Records to predict, for the peer: drivers in physical units, and the support windows that the product takes. */
export function writeRecords(dir: string, records: readonly SiteRecord[], { window, support_predict }: RunConfig): void {
  const support = records.map((r) => Int32Array.from(predictSupport(supportCandidates(r, window), support_predict)));
  writeArrays(dir, {
    ...joined("drivers", records.map((r) => r.drivers), records[0]!.drivers.length / records[0]!.length), ...joined("statics", records.map((r) => oneHots(r.site)), STATIC_WIDTH),
    site_from: counted(records.map((r) => r.length)),
    support: { shape: [support.reduce((n, s) => n + s.length, 0)], data: Int32Array.from(support.flatMap((s) => [...s])) }, support_from: counted(support.map((s) => s.length)),
  });
}

/** Arrays `[row, width]` one after the other. */
function joined(name: string, parts: readonly Float32Array[], width: number): Record<string, { shape: number[]; data: Float32Array }> {
  const data = new Float32Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const part of parts) {
    data.set(part, at);
    at += part.length;
  }
  return { [name]: { shape: width === 1 ? [data.length] : [data.length / width, width], data } };
}

/** Where each part begins, and at last the end. */
function counted(lengths: readonly number[]): { shape: number[]; data: Int32Array } {
  const data = new Int32Array(lengths.length + 1);
  lengths.forEach((n, k) => (data[k + 1] = data[k]! + n));
  return { shape: [data.length], data };
}
