import { WorkbookError } from "../core/errors";
import { sha256 } from "../core/files";
import type { SiteId } from "../core/sites";
import type { TaskContext } from "../engine/task";
import { readLog } from "../run/read-log";
import { runPaths } from "../run/run-directory";
import { ensureRun, openTable } from "../run/train";
import { predictRun } from "./predict";
import { writePredictions } from "./write-predictions";

/** Arguments of one run of an experiment, as they stand in a task file. */
export interface RunTask {
  readonly table: string;
  /** of the table's file: the run belongs to these bytes */
  readonly sha256: string;
  readonly config: object;
  /** sites to predict; null = all */
  readonly test: readonly SiteId[] | null;
}

/**
 * Trains one run into the task's output, or continues it, and leaves its predictions there, whose SHA-256 it hands back. A task of the engine.
 * @throws WorkbookError BadRun when the table has changed since the experiment was planned, and as `train`
 */
export async function trainAndPredict(task: RunTask, { output, progress }: TaskContext): Promise<{ seconds: number; windows: number; warnings: string[]; predictions: string }> {
  const named = await openTable(task.table);
  if (named.sha256 !== task.sha256) throw new WorkbookError("BadRun", `experiment: ${task.table}: the table the experiment was planned with is required (sha256 ${task.sha256.slice(0, 12)}…), found ${named.sha256.slice(0, 12)}…; name another output folder`, { file: task.table });
  const result = await ensureRun({ table: task.table, out: output, config: task.config, progress });
  const { predictions } = await predictRun(output, named.table, { progress, ...(task.test === null ? {} : { sites: task.test }) });
  await writePredictions(predictions, runPaths(output).predictions);
  return { seconds: result.seconds, windows: result.windows, warnings: [...result.warnings], predictions: sha256(runPaths(output).predictions) };
}

/** Times one epoch of each stage of a run, for the estimate before an experiment. A task of the engine. */
export async function timeOneEpoch(task: RunTask, { output, progress }: TaskContext): Promise<{ seconds: number }> {
  await ensureRun({ table: task.table, out: output, config: { ...task.config, epochs: 1 }, progress });
  // a learner that is no network writes no epochs
  return { seconds: readLog(output).reduce((sum, e) => sum + e.seconds, 0) };
}
