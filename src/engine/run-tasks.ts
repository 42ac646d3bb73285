import * as path from "node:path";
import { WorkbookError } from "../core/errors";
import { removeLeftovers } from "../core/leftovers";
import { storageFault } from "../core/storage-fault";
import { runOnDask } from "./dask";
import { Ledger, storageError } from "./ledger";
import { runLocally } from "./local-pool";
import { clearDead, lockFolder, type Holder } from "./lock";
import { checkChoice, type EngineOptions, type EngineResult } from "./options";
import { engineSize } from "./sizes";
import { checkTasks, claimFile, readMark, writeTasks, type Task } from "./task";

/**
 * Does every task on local workers or on Dask's. A task with its done-mark is not done again; one whose worker dies is tried again; one
 * that fails is named in the end and stops no other.
 * @throws WorkbookError Interrupted when the signal aborts (call again to go on), Planned when the engine is `file`, BadRun when another
 *   engine works in `dir`, BadFile when nothing can be written, MissingPart when no worker starts or Dask is not to be had, BadArgument
 *   for tasks that clash or options that contradict one another
 * @example const { failed } = await runTasks(tasks, { dir: "data/runs/folds", engine: "dask", cluster: "slurm", workers: 40, progress })
 */
export async function runTasks(tasks: readonly Task[], options: EngineOptions): Promise<EngineResult> {
  checkTasks(tasks, "engine");
  checkChoice(options);
  const size = engineSize(tasks.length, options);
  const inFolder = (error: unknown): never => {
    const fault = storageFault(error, path.resolve(options.dir));
    throw fault !== null && !(error instanceof WorkbookError && error.cause === undefined) ? storageError(options.dir, fault, "the engine's own files", error) : error;
  };
  const started = performance.now();
  let release = (): void => undefined;
  const former: Holder[] = [];
  try {
    release = lockFolder(options.dir, "engine", (holder) => former.push(holder));
    removeLeftovers(options.dir, ...new Set(tasks.map((task) => path.dirname(task.output))));
    writeTasks(path.join(options.dir, "tasks.jsonl"), tasks);
    const marked = new Set(tasks.filter((task) => readMark(task) !== null));
    for (const task of marked) clearDead(claimFile(task));
    const skipped = [...marked].map((task) => task.id);
    const ledger = new Ledger(tasks.filter((task) => !marked.has(task)), options, skipped.length);
    const open = ledger.queue.length;
    for (const holder of former) ledger.tookOver(holder);
    if (options.engine === "file") throw laidOut(options.dir, tasks.length, open);
    ledger.log({ event: "start", tasks: tasks.length, done_before: skipped.length, engine: options.engine ?? "local", ...size });
    if (open > 0) await (options.engine === "dask" ? runOnDask(ledger, size, options) : runLocally(ledger, size, options.signal));
    const seconds = (performance.now() - started) / 1000;
    if (options.signal?.aborted && ledger.settled < open) {
      ledger.log({ event: "interrupted", done: ledger.done.length + skipped.length });
      throw new WorkbookError("Interrupted", `engine: ${options.dir}: stopped as asked with ${ledger.done.length + skipped.length} of ${tasks.length} tasks done; the same command goes on from here`, { file: options.dir });
    }
    ledger.log({ event: "end", done: ledger.done.length, failed: ledger.failed.map((f) => f.id), seconds });
    return { done: ledger.done, skipped, failed: ledger.failed, seconds };
  } catch (error) {
    return inFolder(error);
  } finally {
    release();
  }
}

function laidOut(dir: string, count: number, open: number): WorkbookError {
  const file = path.join(dir, "tasks.jsonl");
  return new WorkbookError("Planned", `engine: ${file}: ${count} tasks are laid out, ${open} still to do; \`tamrl tasks ${file} --part I/N\` does every N-th of them, and the same command without --engine file goes on from there`, { file });
}
