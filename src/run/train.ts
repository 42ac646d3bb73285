import * as fs from "node:fs";
import * as path from "node:path";
import { WorkbookError } from "../core/errors";
import { readJson, readJsonObject, writeJson } from "../core/json";
import { silent, type Progress } from "../core/progress";
import type { DailyTable } from "../data/daily-table";
import { readTable } from "../data/store";
import { applicabilityFile } from "./applicability";
import { previousCheckpoint } from "./checkpoint";
import { resolveConfig, type RunConfig } from "./config";
import { layRecords, prepareDataset, settleConfig, type Dataset } from "./dataset";
import { checkBeginning, recordBeginning, recordHashes } from "./hashes";
import type { Engine } from "./learner";
import { LEARNERS } from "./learners";
import { heldRun } from "./lock";
import { modelRecord } from "./model-view";
import { runPreparation } from "./preparation";
import { nameTable, provenanceOf, readProvenance, type NamedTable } from "./provenance";
import { logLine, readHeader, readSplit, readStandardiser, RUN_VERSION, runPaths, writeHeader, type RunHeader } from "./run-directory";
import { writeTrainingPlaces } from "./training-places";

/** What `train` takes. */
export interface TrainOptions {
  /** a Parquet file that `ingest` or `simulate` wrote, or a table in memory */
  readonly table: string | DailyTable;
  /** the run directory; must not hold a run yet */
  readonly out: string;
  /** overrides of the defaults */
  readonly config?: object;
  /** channels that replace the feature set's, for experiments */
  readonly channels?: readonly string[];
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/** A trained run in brief. */
export interface TrainResult {
  readonly dir: string;
  readonly header: RunHeader;
  readonly sites: { readonly train: number; readonly validation: number; readonly test: number };
  readonly windows: number;
  readonly seconds: number;
  /** what a reader of its numbers should know */
  readonly warnings: readonly string[];
}

/**
 * Trains one model into a run directory: configuration, standardiser, split, weights, log and provenance.
 * @throws WorkbookError BadRun when `out` holds a run already, BadConfig, BadSplit, Leakage, EmptyTable, Interrupted
 * @example await train({ table: "T.parquet", out: "data/runs/tamrl", config: { model: "tamrl", epochs: 20 } })
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
  checkNewRun(options.out);
  const wanted = resolveConfig(options.config ?? {});
  if (wanted.ensemble > 1) throw new WorkbookError("BadConfig", `train: ensemble: 1 (a single run) required, got ${wanted.ensemble}; train an ensemble with trainEnsemble`, { column: "ensemble" });
  const named = await openTable(options.table);
  const config = settleConfig(named.table, wanted);
  const dataset = prepareDataset(named.table, config, options.channels);
  const engine = await LEARNERS[config.model].open();
  // written only now, so that bad input leaves nothing behind
  return heldRun(options.out, options.progress, (tell) => begin(named, config, dataset, engine, options, tell));
}

async function begin(named: NamedTable, config: RunConfig, dataset: Dataset, engine: Engine | null, options: TrainOptions, tell: () => void): Promise<TrainResult> {
  const dir = options.out;
  // another process may have been first
  checkNewRun(dir);
  writeJson(runPaths(dir).standardiser, dataset.standardiser);
  writeJson(runPaths(dir).split, dataset.split);
  writeJson(path.join(dir, "dataset.json"), dataset.report);
  const header: RunHeader = { version: RUN_VERSION, status: "started", config, channels: dataset.channels, ...runPreparation(named.table, dataset.channels) };
  writeJson(runPaths(dir).provenance, provenanceOf(named, config.seed, engine));
  if (typeof options.table === "string") writeJson(path.join(dir, "table.json"), { path: path.resolve(options.table) });
  // before the header, by which a run is one
  recordBeginning(dir, header);
  writeHeader(dir, header);
  tell();
  logDataset(dir, dataset, header);
  return finish(dir, header, dataset, options);
}

/**
 * Continues an interrupted run on its own table to the same end.
 * @throws WorkbookError BadRun when the table is not the one the run began with
 * @example await resume({ dir: "data/runs/tamrl", table: "T.parquet" })
 */
export async function resume(options: { dir: string; table?: string | DailyTable; progress?: Progress; signal?: AbortSignal }): Promise<TrainResult> {
  const header = readHeader(options.dir);
  if (header.config.ensemble > 1) throw new WorkbookError("BadRun", `resume: ${options.dir}: a single run is required, this is an ensemble of ${header.config.ensemble}; continue it with resumeEnsemble`, { file: options.dir });
  const provenance = readProvenance(options.dir, "resume");
  const source = options.table ?? tableOf(options.dir);
  const named = await openTable(source);
  if (named.sha256 !== provenance.table.sha256) {
    throw new WorkbookError("BadRun", `resume: ${options.dir}: the table the run began with is required (${provenance.table.name}, sha256 ${provenance.table.sha256.slice(0, 12)}…), got ${named.name} (${named.sha256.slice(0, 12)}…); name it with --table`, { file: options.dir });
  }
  const dataset = prepareDataset(named.table, settleConfig(named.table, header.config), header.channels);
  return heldRun(options.dir, options.progress, (tell) => goOn(readHeader(options.dir), named.table, dataset, options, tell));
}

async function goOn(header: RunHeader, table: DailyTable, dataset: Dataset, options: { dir: string; progress?: Progress; signal?: AbortSignal }, tell: () => void): Promise<TrainResult> {
  tell();
  if (header.status === "done" && !fs.existsSync(applicabilityFile(options.dir))) return addApplicability(options.dir, header, table, dataset);
  checkBeginning(options.dir);
  for (const [file, now] of [["split", dataset.split], ["standardiser", dataset.standardiser]] as const) {
    if (JSON.stringify(readJson(runPaths(options.dir)[file])) === JSON.stringify(now)) continue;
    throw new WorkbookError("BadRun", `resume: ${options.dir}: the same ${file} as when the run began is required, this workbook makes another (data/site-exceptions.json or the code has changed); train it again`, { file: options.dir });
  }
  logLine(options.dir, { event: "resume" });
  if (header.status === "done") return summary(options.dir, header, dataset, 0);
  return finish(options.dir, header, dataset, options);
}

/** Of a finished run of an older workbook: where the sites lie that it learned from, by its own split; nothing is trained. */
async function addApplicability(dir: string, header: RunHeader, table: DailyTable, dataset: Dataset): Promise<TrainResult> {
  const { config, channels } = header;
  const split = readSplit(dir);
  const { records } = layRecords(table, config, channels);
  const learned = split.train.flatMap((site) => records.get(site) ?? []).map((record) => modelRecord(config, record));
  await writeTrainingPlaces({ dir, config, standardiser: readStandardiser(dir) }, learned);
  logLine(dir, { event: "applicability" });
  return summary(dir, header, { ...dataset, split }, 0);
}

async function finish(dir: string, header: RunHeader, dataset: Dataset, options: { progress?: Progress; signal?: AbortSignal }): Promise<TrainResult> {
  const started = performance.now();
  const context = { dir, config: header.config, dataset, progress: options.progress ?? silent, ...(options.signal ? { signal: options.signal } : {}) };
  await LEARNERS[header.config.model].train(context);
  await writeTrainingPlaces({ dir, config: header.config, standardiser: dataset.standardiser }, dataset.train.sites.map((s) => s.record));
  const done: RunHeader = { ...header, status: "done" };
  // before the run calls itself done, so that a finished run never lacks them
  recordHashes(dir, done);
  fs.rmSync(previousCheckpoint(runPaths(dir).checkpoint), { force: true });
  writeHeader(dir, done);
  const seconds = (performance.now() - started) / 1000;
  logLine(dir, { event: "done", seconds });
  return summary(dir, done, dataset, seconds);
}

function summary(dir: string, header: RunHeader, dataset: Dataset, seconds: number): TrainResult {
  const { train: t, validation: v, test } = dataset.split;
  return { dir, header, sites: { train: t.length, validation: v.length, test: test.length }, windows: dataset.train.queries.length, seconds, warnings: dataset.report.warnings };
}

function logDataset(dir: string, dataset: Dataset, header: RunHeader): void {
  const w = dataset.weighting;
  logLine(dir, { event: "start", config: header.config, channels: dataset.channels.length, windows: dataset.train.queries.length, validation_windows: dataset.validation.queries.length });
  logLine(dir, { event: "split", train: dataset.split.train.length, validation: dataset.split.validation.length, test: dataset.split.test.length, notes: dataset.split.notes });
  logLine(dir, { event: "class_weights", mode: header.config.class_weights, min: w.min, max: w.max, effective_share: w.effectiveShare, heaviest: w.heaviest, warnings: w.warnings });
  for (const warning of dataset.report.warnings) logLine(dir, { event: "warning", warning });
  for (const r of dataset.report.removed) logLine(dir, { event: "removed", ...r });
}

/** Reads a table by its file, or takes one from memory, with the hash that ties a run to it. */
export async function openTable(source: string | DailyTable): Promise<NamedTable> {
  if (typeof source === "string" && fs.existsSync(source) && !fs.statSync(source).isFile()) throw new WorkbookError("BadFile", `openTable: a Parquet file is required, ${source} is a folder; make a table of it with ingest`, { file: source });
  if (typeof source !== "string") return nameTable(source, null);
  const before = fs.statSync(source, { throwIfNoEntry: false });
  const named = nameTable(await readTable(source), path.resolve(source));
  const after = fs.statSync(source, { throwIfNoEntry: false });
  const same = after !== undefined && (["mtimeMs", "size", "ino"] as const).every((key) => before?.[key] === after[key]);
  // else the hash would be of other rows than those that were read
  if (!same) throw new WorkbookError("BadFile", `openTable: ${source}: a table that stays as it is while it is read is required, it was ${after ? "written anew" : "removed"} meanwhile; run again once it is whole`, { file: source });
  return named;
}

/** Where a run's table lay when it was trained from a file. */
export function tableOf(dir: string): string {
  const file = path.join(dir, "table.json");
  if (!fs.existsSync(file)) throw new WorkbookError("BadRun", `resume: ${dir}: the run was trained on a table in memory; pass it again`, { file: dir });
  const { path: table } = readJsonObject<{ path: string }>(file, "resume");
  if (!fs.existsSync(table)) throw new WorkbookError("BadRun", `resume: ${dir}: the run's table is required, ${table} is gone; say where it is now with --table`, { file: table });
  return table;
}

/** A folder may be taken for a run when it is not there or holds nothing of another run. */
export function checkNewRun(dir: string): void {
  if (!fs.existsSync(dir)) return;
  if (!fs.statSync(dir).isDirectory()) throw new WorkbookError("BadArgument", `train: a folder is required for the run, ${dir} is a file; name another`, { file: dir });
  const { header, checkpoint, weights, log } = runPaths(dir);
  const found = [header, checkpoint, weights, log].find((part) => fs.existsSync(part));
  if (found !== undefined) throw new WorkbookError("BadRun", `train: a new run directory is required, ${dir} holds ${path.basename(found)} of a run; continue it with \`resume\`, or name another folder`, { file: dir });
}

/**
 * The run in `out` where it is one of this table and configuration, finished if need be; else a new one.
 * @throws WorkbookError BadRun when `out` holds a run of another table or configuration
 * @example await ensureRun({ table: "T.parquet", out: "data/runs/lstm", config: { model: "lstm" } })
 */
export async function ensureRun(options: TrainOptions): Promise<TrainResult> {
  if (!fs.existsSync(runPaths(options.out).header)) return train(options);
  const header = readHeader(options.out);
  const named = await openTable(options.table);
  const wanted = settleConfig(named.table, resolveConfig(options.config ?? {}));
  const made = readProvenance(options.out, "ensureRun");
  const different = made.table.sha256 !== named.sha256 ? "another table" : JSON.stringify(header.config) !== JSON.stringify(wanted) ? "another configuration" : null;
  if (different !== null) throw new WorkbookError("BadRun", `ensureRun: ${options.out}: a run of this table and configuration is required, found one of ${different}; name another folder, or remove this one`, { file: options.out });
  return resume({ dir: options.out, table: options.table, ...(options.progress ? { progress: options.progress } : {}), ...(options.signal ? { signal: options.signal } : {}) });
}
