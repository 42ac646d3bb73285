import * as fs from "node:fs";
import * as path from "node:path";
import { WorkbookError } from "../core/errors";
import { sha256 } from "../core/files";
import { readJson, writeJson, type Json } from "../core/json";
import { duration } from "../core/progress";
import { engineChoice, type EngineOptions, type EngineResult } from "../engine/options";
import { runTasks } from "../engine/run-tasks";
import { engineSize } from "../engine/sizes";
import { markFile, readMark, type Task } from "../engine/task";
import { estimateSeconds, runCost } from "../run/experiment-cost";
import type { PlannedRun } from "../run/experiment-plan";
import type { NamedTable } from "../run/provenance";
import { runPaths } from "../run/run-directory";
import { runFolder } from "./experiment-scores";

const MODULE = "src/evaluate/experiment-task";

/** The table's file and the folder of an experiment, with how to run it. */
export interface ExperimentPlace extends Omit<EngineOptions, "dir"> {
  readonly file: string;
  readonly table: NamedTable;
  readonly out: string;
  /** an estimate above this is refused before anything is trained */
  readonly hours?: number;
}

/** Tasks of planned runs: each trains and predicts into a folder of its own. */
export function experimentTasks(runs: readonly PlannedRun[], place: ExperimentPlace): Task[] {
  return runs.map((run): Task => ({
    id: run.id, module: MODULE, function: "trainAndPredict", output: runFolder(place.out, run.id), cost: 1 + runCost(place.table.table, run).whole / 1e9,
    arguments: { table: path.resolve(place.file), sha256: place.table.sha256, config: run.config as unknown as Json, test: run.test },
  }));
}

/**
 * Trains all runs on the chosen engine after saying how long it will take. Runs that are done are not trained again; further arms, seeds
 * and folds may join an experiment later. Of one whose predictions are no longer those it left (damaged, or kept anew by an evaluation of other
 * sites) they are made again.
 * @param begin called when nothing stands in the way any more, before the first run
 * @throws WorkbookError BadRun when `out` holds another experiment, BadArgument when the estimate exceeds `hours`
 * @example await trainRuns(plan.runs, { file: "T.parquet", table, out: "data/runs/folds" })
 */
export async function trainRuns(runs: readonly PlannedRun[], place: ExperimentPlace, begin: () => void = () => undefined): Promise<EngineResult & { readonly estimate: number }> {
  const tasks = experimentTasks(runs, place);
  const known = joined(tasks, place.out);
  forgetChanged(tasks, place);
  const open = runs.filter((_, i) => readMark(tasks[i]!) === null);
  // where tasks are only laid out, this machine is not the one that does them
  const estimate = open.length === 0 || place.engine === "file" ? 0 : await estimateOf(open, runs, place);
  const { workers, threads } = engineSize(open.length, place);
  place.progress?.({ what: "estimate", done: 1, total: 1, secondsLeft: null, note: `${open.length} of ${runs.length} runs to train, about ${duration(estimate)} on ${workers} worker${workers === 1 ? "" : "s"} of ${threads} thread${threads === 1 ? "" : "s"}` });
  if (place.hours !== undefined && estimate > place.hours * 3600) {
    throw new WorkbookError("BadArgument", `experiment: at most ${place.hours} h are allowed, the estimate is ${duration(estimate)} for ${open.length} runs; take fewer folds, seeds, factors or epochs, or raise --hours`);
  }
  // only now, so that an experiment refused leaves its folder free for another
  writeJson(runsFile(place.out), known);
  begin();
  return { ...(await runTasks(tasks, { ...place, dir: place.out })), estimate };
}

/** Takes away the marks of runs whose predictions were changed since, so that they predict again; it is said. */
function forgetChanged(tasks: readonly Task[], { progress }: ExperimentPlace): void {
  for (const task of tasks) {
    const told = (readMark(task)?.result as { readonly predictions?: string } | undefined)?.predictions;
    const file = runPaths(task.output).predictions;
    if (told === undefined || (fs.existsSync(file) && sha256(file) === told)) continue;
    fs.rmSync(markFile(task));
    progress?.({ what: `experiment: ${file}: not the predictions that the run left: made again`, done: 1, total: 1, secondsLeft: null });
  }
}

/** Seconds the runs still open will take, from one epoch timed now (or when the experiment began): that of a run in the middle of all, done or not, so that it is timed once. */
async function estimateOf(open: readonly PlannedRun[], runs: readonly PlannedRun[], place: ExperimentPlace): Promise<number> {
  const costs = runs.map((r) => runCost(place.table.table, r).epoch);
  const { workers, threads } = engineSize(open.length, place);
  if (Math.max(...costs) === 0) return estimateSeconds(place.table.table, open, { run: open[0]!, seconds: 0 }, workers);
  const networks = costs.filter((c) => c > 0).sort((a, b) => a - b);
  const median = networks[networks.length >> 1]!;
  const run = runs[costs.indexOf(median)]!;
  const dir = path.join(place.out, "probe");
  // a probe cut short holds nothing worth going on from
  const probe: Task = { ...experimentTasks([run], place)[0]!, function: "timeOneEpoch", id: "one epoch", output: path.join(dir, "run") };
  if (readMark(probe) === null) fs.rmSync(dir, { recursive: true, force: true });
  const { failed } = await runTasks([probe], { dir, ...engineChoice(place), workers: 1, threads, ...(place.progress ? { progress: place.progress } : {}), ...(place.signal ? { signal: place.signal } : {}) });
  // a run that cannot be trained is named by the experiment itself; its time is not known
  const seconds = failed.length > 0 ? 0 : (readMark(probe)!.result as { seconds: number }).seconds;
  return estimateSeconds(place.table.table, open, { run, seconds }, workers);
}

function runsFile(out: string): string {
  return path.join(out, "runs.json");
}

/** All runs of a folder, these included. Two experiments are not mixed: a run's name must stand for the same table and configuration as before. */
function joined(tasks: readonly Task[], out: string): Record<string, Json> {
  const file = runsFile(out);
  const before = fs.existsSync(file) ? readJson<Record<string, Json>>(file, "experiment") : {};
  const other = tasks.find((t) => before[t.id] !== undefined && JSON.stringify(before[t.id]) !== JSON.stringify(t.arguments));
  if (other) throw new WorkbookError("BadRun", `experiment: ${out}: the folder of this experiment or a new one is required, ${other.id} was another table, configuration or fold before; name another folder with --out`, { file: out });
  return { ...before, ...Object.fromEntries(tasks.map((t) => [t.id, t.arguments])) };
}
