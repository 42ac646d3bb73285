import * as path from "node:path";
import { isWorkbookError, WorkbookError } from "../core/errors";
import { writeJson, type Json } from "../core/json";
import { engineChoice, type EngineChoice } from "../engine/options";
import { runTasks } from "../engine/run-tasks";
import { readMark, type Task } from "../engine/task";
import { resolveConfig, type RunConfig } from "./config";
import { prepareDataset, settleConfig } from "./dataset";
import { checkBeginning, recordBeginning, recordHashes } from "./hashes";
import { heldRun } from "./lock";
import { runPreparation } from "./preparation";
import { provenanceOf, readProvenance, type Provenance } from "./provenance";
import { logLine, readHeader, readSplit, RUN_VERSION, runPaths, writeHeader, type RunHeader, type RunSplit } from "./run-directory";
import { checkNewRun, ensureRun, openTable, tableOf, type TrainOptions, type TrainResult } from "./train";

/**
 * What an ensemble's spread is over: `seed spread` (weights and order of the same towers) or `tower-bootstrap spread` (towers drawn anew
 * for each member, and seeds with them: what other towers would have taught).
 */
export type SpreadKind = "seed spread" | "tower-bootstrap spread";

/** What an ensemble may be told besides what a run is. */
export interface MemberOptions extends EngineChoice {
  /** members trained at once, each in a process of its own (as many as the machine has room for); 0: one after the other, in this process */
  readonly workers?: number;
}

/** Whether a configuration is one of an ensemble. @example isEnsemble(readHeader("data/runs/tamrl").config) */
export function isEnsemble(config: RunConfig): boolean {
  return config.ensemble > 1;
}

/** What the spread of an ensemble's members is over. */
export function spreadKind(config: RunConfig): SpreadKind {
  return config.resample === "towers" ? "tower-bootstrap spread" : "seed spread";
}

/** The run directory of each member. @example memberDirs("data/runs/five", config)[0] // data/runs/five/members/seed-1 */
export function memberDirs(dir: string, config: RunConfig): string[] {
  return Array.from({ length: config.ensemble }, (_, k) => path.join(dir, "members", `seed-${config.seed + k}`));
}

/** The configuration of a member: a plain run of its own seed, on the ensemble's split. */
export function memberConfig(config: RunConfig, k: number): RunConfig {
  return { ...config, ensemble: 1, seed: config.seed + k, split_seed: config.split_seed ?? config.seed };
}

/**
 * Trains the members of an ensemble: each a run directory of its own inside, all on one split. With `resample: "towers"` each learns from
 * clusters drawn with replacement. Called on what an interrupted call left, `resumeMembers` goes on.
 * @throws WorkbookError as `train`; BadConfig for an ensemble of one
 * @example await trainMembers({ table: "T.parquet", out: "data/runs/five", config: { model: "lstm", ensemble: 5 } })
 */
export async function trainMembers(options: TrainOptions & MemberOptions): Promise<TrainResult> {
  checkNewRun(options.out);
  const named = await openTable(options.table);
  const config = settleConfig(named.table, resolveConfig(options.config ?? {}));
  if (!isEnsemble(config)) throw new WorkbookError("BadConfig", `trainMembers: ensemble: at least 2 members required, got ${config.ensemble}; use train for a single run`, { column: "ensemble" });
  // what all members share: the split, before towers are drawn
  const { split, channels } = prepareDataset(named.table, { ...config, resample: "off" }, options.channels);
  const dir = options.out;
  return heldRun(dir, options.progress, (tell) => {
    // another process may have been first
    checkNewRun(dir);
    const header: RunHeader = { version: RUN_VERSION, status: "started", config, channels, ...runPreparation(named.table, channels) };
    writeJson(runPaths(dir).split, split);
    writeJson(runPaths(dir).provenance, provenanceOf(named, config.seed, null));
    if (typeof options.table === "string") writeJson(path.join(dir, "table.json"), { path: path.resolve(options.table) });
    recordBeginning(dir, header);
    writeHeader(dir, header);
    tell();
    logLine(dir, { event: "start", config, members: memberDirs(dir, config).map((m) => path.basename(m)) });
    return finish(dir, header, split, options);
  });
}

/**
 * Goes on with an interrupted ensemble, on its own table.
 * @throws WorkbookError BadRun when the table is not the one it began with
 * @example await resumeMembers({ dir: "data/runs/five" })
 */
export async function resumeMembers(options: { readonly dir: string; readonly table?: TrainOptions["table"]; readonly progress?: TrainOptions["progress"]; readonly signal?: AbortSignal } & MemberOptions): Promise<TrainResult> {
  const { dir } = options;
  readHeader(dir);
  const made = readProvenance(dir, "resume");
  const table = options.table ?? tableOf(dir);
  const named = await openTable(table);
  if (named.sha256 !== made.table.sha256) throw new WorkbookError("BadRun", `resume: ${dir}: the table the ensemble began with is required (${made.table.name}, sha256 ${made.table.sha256.slice(0, 12)}…), got ${named.name}; name it with --table`, { file: dir });
  return heldRun(dir, options.progress, (tell) => {
    tell();
    if (readHeader(dir).status === "started") checkBeginning(dir);
    logLine(dir, { event: "resume" });
    return finish(dir, readHeader(dir), readSplit(dir), { ...options, table, out: dir });
  });
}

async function finish(dir: string, header: RunHeader, split: RunSplit, options: TrainOptions & MemberOptions): Promise<TrainResult> {
  const started = performance.now();
  const { config } = header;
  const dirs = memberDirs(dir, config);
  const own = typeof options.table === "string" && options.workers !== 0 ? await sideBySide(dir, dirs, header, options.table, options) : await oneByOne(dirs, header, options);
  const done: RunHeader = { ...header, status: "done" };
  // what a finished ensemble recorded stays: it must not be made to fit what was changed since
  if (header.status !== "done") {
    writeJson(runPaths(dir).provenance, computedBy(readProvenance(dir, "ensemble"), dirs));
    recordHashes(dir, done, dirs);
    writeHeader(dir, done);
  }
  const seconds = (performance.now() - started) / 1000;
  logLine(dir, { event: "done", seconds });
  return {
    dir, header: done, sites: { train: split.train.length, validation: split.validation.length, test: split.test.length },
    windows: own.windows, seconds, warnings: own.warnings,
  };
}

/** What the members computed with is what the ensemble was computed with. */
function computedBy(made: Provenance, dirs: readonly string[]): Provenance {
  const own = dirs.map((member) => readProvenance(member, "ensemble"));
  const all = (pick: (p: Provenance) => string | null): string | null => [...new Set(own.map(pick))].join(", ") || null;
  return { ...made, device: all((p) => p.device), kernel: all((p) => p.kernel), versions: own[0]!.versions };
}

/** What members have to say: their training windows (of several members the mean), and what a reader should know. */
export interface Members {
  readonly windows: number;
  readonly warnings: readonly string[];
}

async function oneByOne(dirs: readonly string[], header: RunHeader, options: TrainOptions): Promise<Members> {
  const results: TrainResult[] = [];
  for (const [k, out] of dirs.entries()) results.push(await ensureRun({ ...options, out, config: memberConfig(header.config, k), channels: header.channels }));
  return gathered(results);
}

async function sideBySide(dir: string, dirs: readonly string[], header: RunHeader, table: string, options: TrainOptions & MemberOptions): Promise<Members> {
  const tasks = dirs.map((output, k): Task => ({
    id: `${path.basename(dir)}/${path.basename(output)}`, module: "src/run/ensemble-task", function: "trainMember", output,
    arguments: { table: path.resolve(table), config: { ...memberConfig(header.config, k) } as unknown as Json, channels: header.channels },
  }));
  const { failed } = await runTasks(tasks, {
    dir: path.join(dir, "members"), ...engineChoice(options), ...(options.progress ? { progress: options.progress } : {}), ...(options.signal ? { signal: options.signal } : {}),
  }).catch((cause: unknown) => {
    if (isWorkbookError(cause, "Planned")) throw new WorkbookError("Planned", `${cause.message.split(", and the same command")[0]}, then \`resume ${dir}\` goes on from there`, cause.fields);
    if (!isWorkbookError(cause, "Interrupted")) throw cause;
    throw new WorkbookError("Interrupted", `train: ${dir}: stopped as asked; finished members are kept, continue with \`resume ${dir}\``, { file: dir, cause });
  });
  if (failed.length > 0) throw new WorkbookError("BadRun", `train: ${dir}: every member is required, ${failed.length} of ${dirs.length} failed (${failed[0]!.id}: ${failed[0]!.reason}); mend that and continue with \`resume ${dir}\``, { file: dir });
  return gathered(tasks.map((task) => readMark(task)!.result as unknown as Members));
}

function gathered(results: readonly Members[]): Members {
  return { windows: Math.round(results.reduce((sum, r) => sum + r.windows, 0) / results.length), warnings: [...new Set(results.flatMap((r) => r.warnings))] };
}
