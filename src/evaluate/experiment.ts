import * as fs from "node:fs";
import * as path from "node:path";
import { writeAtomic } from "../core/files";
import { writeJson } from "../core/json";
import { removeLeftovers } from "../core/leftovers";
import { duration } from "../core/progress";
import type { EngineResult } from "../engine/options";
import { isSimulated } from "../data/daily-table";
import { planExperiment, type ExperimentPlan, type ExperimentSpec, type PlannedRun } from "../run/experiment-plan";
import { MODELS, type ModelName } from "../run/config";
import { provenanceOfRuns } from "../run/origin";
import { openTable } from "../run/train";
import { comparison, writeComparison } from "./comparison";
import { compare, type Contender } from "./evaluate";
import { writeTables } from "./evaluate-runs";
import { poolFolds, runFolder, type PooledExperiment } from "./experiment-scores";
import { trainRuns, type ExperimentPlace } from "./experiment-tasks";
import { toMarkdown, type TableRow } from "./table";

/** How an experiment is run, whatever it compares. */
export interface ExperimentOptions extends Omit<ExperimentPlace, "table" | "file"> {
  /** Parquet file of the table */
  readonly table: string;
}

/** What an experiment came to. */
export interface ExperimentResult {
  readonly json: {
    readonly out: string; readonly title: string; readonly runs: number; readonly seconds: number; readonly estimate: number; readonly rows: readonly TableRow[];
    readonly failed: readonly { readonly id: string; readonly reason: string }[]; readonly left: ExperimentPlan["left"]; readonly incomplete: PooledExperiment["incomplete"]; readonly notes: readonly string[];
  };
  readonly text: string;
  /** a run failed, or an arm could not be planned */
  readonly failed: boolean;
}

/**
 * Models under a protocol: every fold and seed trained as a task of its own on the chosen engine, every site scored once by the model that
 * did not see it (temporal: on the years it did not see), all models on the same site-days. Called again it goes on where it stopped.
 * @throws WorkbookError as `planExperiment` and `trainRuns`; Interrupted when the signal aborts
 * @example await experiment(modelSpec(["tamrl", "lstm"], { protocol: "folds:5", seeds: [1, 2] }), { table: "T.parquet", out: "data/runs/folds" })
 */
export async function experiment(spec: ExperimentSpec, options: ExperimentOptions, adapt: (run: PlannedRun) => PlannedRun = (run) => run): Promise<ExperimentResult> {
  const table = await openTable(options.table);
  const drawn = planExperiment(table.table, spec);
  const laid = { ...drawn, runs: drawn.runs.map(adapt) };
  const place: ExperimentPlace = { ...options, table, file: options.table };
  const result = await trainRuns(laid.runs, place, () => writePlan(options.out, laid, table.name));
  const finished = new Set([...result.done, ...result.skipped]);
  const pooled = await poolFolds(laid, table.table, options.out, finished);
  const compared = path.join(options.out, "comparison");
  const { rows, empty } = scoreModels(pooled, drawn, table.name, compared);
  if (rows.length > 0) writeJson(path.join(compared, "provenance.json"), provenanceOfRuns(table, laid.runs.filter((run) => finished.has(run.id)).map((run) => runFolder(options.out, run.id)), null));
  const plan = { ...laid, notes: [...laid.notes, ...empty] };
  const text = `${heading(plan, isSimulated(table.table))}\n${rows.length > 0 ? toMarkdown(rows) : "no arm has all its folds\n"}${closing(plan, result, pooled, options.out)}`;
  return { json: resultJson(options.out, plan, result, pooled, rows), text, failed: result.failed.length > 0 || plan.left.length > 0 };
}

/** The arms of a comparison of models. @example modelSpec(["tamrl", "lstm"], { protocol: "folds:5", seeds: [1] }).arms.length */
export function modelSpec(models: readonly string[], spec: Omit<ExperimentSpec, "arms">): ExperimentSpec {
  return { ...spec, arms: models.map((model) => ({ name: model, config: { model } })) };
}

/** Whether a name is a model that search and timing know as a network. */
export function isNetwork(model: string): boolean {
  return (MODELS as readonly string[]).includes(model) && !(["xgboost", "ridge", "climatology"] as readonly ModelName[]).includes(model as ModelName);
}

/** Scores each arm and seed on the days that all predict, and writes the comparison under its title. */
function scoreModels(pooled: PooledExperiment, plan: ExperimentPlan, tableName: string, dir: string): { rows: TableRow[]; empty: string[] } {
  if (pooled.pooled.length === 0) return { rows: [], empty: [] };
  removeLeftovers(dir);
  const named = pooled.pooled.map((p): Contender => ({ model: plan.seeds.length > 1 ? `${p.arm} (seed ${p.seed})` : p.arm, predictions: p.predictions }));
  const metrics = compare(pooled.table, named, { tableName, sites: pooled.sites });
  writeTables(dir, metrics);
  const grouped = pooled.pooled.map((p): Contender => ({ model: p.arm, predictions: p.predictions }));
  const all = comparison({ table: pooled.table, contenders: grouped, metrics, sites: pooled.sites });
  writeComparison(dir, all, metrics, pooled.table);
  const file = path.join(dir, "table.md");
  writeAtomic(file, `${heading(plan, false)}\n${fs.readFileSync(file, "utf8")}`);
  const scored = new Set(metrics[0]!.sites.filter((s) => s.n > 0).map((s) => s.site));
  const empty = plan.protocol.folds.filter((f) => !(f.test ?? pooled.sites).some((s) => scored.has(s))).map((f) => `${f.name}: no day with an observed flux of QC 1 or unknown that every model predicts; its sites are in no score`);
  return { rows: [...all.main], empty };
}

/** The line that stands above every table, so that zero-shot and known sites are never mistaken for one another. */
export function heading(plan: ExperimentPlan, simulated: boolean): string {
  const { protocol, seeds } = plan;
  return `# ${protocol.title}; seeds ${seeds.join(", ")}\n${simulated ? "\nSimulated data: these numbers test the code, not the paper's claim.\n" : ""}`;
}

/** What was laid out, for whoever opens the folder. */
export function writePlan(out: string, plan: ExperimentPlan, tableName: string): void {
  const { protocol, arms, seeds, left, notes } = plan;
  writeJson(path.join(out, "experiment.json"), { table: tableName, protocol, arms, seeds, left, notes });
}

/** What failed, was left out or is worth knowing. */
export function closing(plan: ExperimentPlan, result: EngineResult, pooled: PooledExperiment, out: string): string {
  const lines = [
    ...result.failed.map((f) => `failed: ${f.id} (${f.attempts} attempt${f.attempts === 1 ? "" : "s"}): ${f.reason.split("\n")[0]}`),
    ...pooled.incomplete.map((i) => `in no table: ${i.arm} seed ${i.seed}, for it lacks ${i.folds.join(", ")}`),
    ...plan.left.map((l) => `left out: ${l.arm}: ${l.reason}`),
    ...plan.notes.map((n) => `note: ${n}`),
  ];
  return `${lines.length > 0 ? `\n${lines.map((l) => `- ${l}\n`).join("")}` : ""}\n${duration(result.seconds)} → ${out}`;
}

/** An experiment's result as one JSON object. */
export function resultJson(out: string, plan: ExperimentPlan, result: EngineResult & { estimate: number }, pooled: PooledExperiment, rows: readonly TableRow[]): ExperimentResult["json"] {
  return { out, title: plan.protocol.title, runs: plan.runs.length, seconds: result.seconds, estimate: result.estimate, rows, failed: result.failed, left: plan.left, incomplete: pooled.incomplete, notes: plan.notes };
}
