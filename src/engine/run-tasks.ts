import * as fs from "node:fs";
import * as path from "node:path";
import { WorkbookError } from "../core/errors";
import type { Progress } from "../core/progress";
import { lockFolder } from "./lock";
import { poolSize, type PoolSize } from "./sizes";
import { checkTasks, readMark, writeTasks, type Task } from "./task";
import { startWorker, type Outcome, type WorkerProcess } from "./worker-process";

/** What the engine may be told. */
export interface EngineOptions {
  /** folder for tasks.jsonl and log.jsonl */
  readonly dir: string;
  /** processes at once; default as `poolSize` says */
  readonly workers?: number;
  /** threads of each; workers × threads may not exceed the processors */
  readonly threads?: number;
  /** how often a task is tried whose worker dies under it (3); an error of its own ends it at once */
  readonly attempts?: number;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
}

/** What became of the tasks, by id. */
export interface EngineResult {
  readonly done: readonly string[];
  /** done before: not run again */
  readonly skipped: readonly string[];
  readonly failed: readonly { readonly id: string; readonly reason: string; readonly attempts: number }[];
  readonly seconds: number;
}

/**
 * Does every task on local workers. A task with its done-mark is not done again; one whose worker dies is tried again; one that fails
 * is named in the end and stops no other.
 * @throws WorkbookError Interrupted when the signal aborts (call again to go on), BadRun when another engine works in `dir`,
 *   MissingPart when no worker starts, BadArgument for tasks that clash
 * @example const { failed } = await runTasks(tasks, { dir: "data/runs/folds", progress })
 */
export async function runTasks(tasks: readonly Task[], options: EngineOptions): Promise<EngineResult> {
  checkTasks(tasks, "engine");
  const started = Date.now();
  const size = poolSize(tasks.length, options);
  const release = lockFolder(options.dir);
  try {
    writeTasks(path.join(options.dir, "tasks.jsonl"), tasks);
    const skipped = tasks.filter((task) => readMark(task) !== null);
    const run = new Run(tasks.filter((task) => !skipped.includes(task)), options, skipped.length);
    run.log({ event: "start", tasks: tasks.length, done_before: skipped.length, ...size });
    await run.finish(size);
    const seconds = (Date.now() - started) / 1000;
    if (options.signal?.aborted && run.done.length + run.failed.length + skipped.length < tasks.length) {
      run.log({ event: "interrupted", done: run.done.length + skipped.length });
      throw new WorkbookError("Interrupted", `engine: ${options.dir}: stopped as asked with ${run.done.length + skipped.length} of ${tasks.length} tasks done; the same command goes on from here`, { file: options.dir });
    }
    run.log({ event: "end", done: run.done.length, failed: run.failed.map((f) => f.id), seconds });
    return { done: run.done, skipped: skipped.map((t) => t.id), failed: run.failed, seconds };
  } finally {
    release();
  }
}

interface Waiting {
  readonly task: Task;
  readonly attempt: number;
}

/** One call of `runTasks`: the queue that its lanes share, and what has become of the tasks. */
class Run {
  readonly queue: Waiting[];
  readonly done: string[] = [];
  readonly failed: { id: string; reason: string; attempts: number }[] = [];
  /** ends every lane: the caller's wish, or no worker starts */
  private readonly halt = new AbortController();
  private readonly started = Date.now();
  private readonly count: number;
  private readonly work: number;
  private workDone = 0;

  constructor(tasks: readonly Task[], private readonly options: EngineOptions, private readonly doneBefore: number) {
    this.queue = tasks.map((task) => ({ task, attempt: 1 }));
    this.count = tasks.length;
    this.work = tasks.reduce((sum, t) => sum + (t.cost ?? 1), 0);
  }

  log(line: object): void {
    fs.appendFileSync(path.join(this.options.dir, "log.jsonl"), `${JSON.stringify({ time: new Date().toISOString(), ...line })}\n`);
  }

  /** Runs as many lanes as asked until nothing waits; returns with every worker gone, whatever happened. */
  async finish(size: PoolSize): Promise<void> {
    const { signal } = this.options;
    const stop = (): void => this.halt.abort();
    if (signal?.aborted) stop();
    signal?.addEventListener("abort", stop);
    const lanes = Array.from({ length: Math.min(size.workers, this.queue.length) }, () => this.lane(size.threads));
    const ends = await Promise.allSettled(lanes);
    signal?.removeEventListener("abort", stop);
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  }

  /** One worker's life: takes tasks until none waits, and a new process where its own has died. */
  private async lane(threads: number): Promise<void> {
    const halted = this.halt.signal;
    let worker: WorkerProcess | null = null;
    const end = (): void => void worker?.stop();
    halted.addEventListener("abort", end);
    try {
      while (this.queue.length > 0 && !halted.aborted) {
        worker ??= await this.start(threads);
        const next = halted.aborted ? undefined : this.queue.shift();
        if (!next) break;
        this.log({ event: "task", id: next.task.id, attempt: next.attempt, pid: worker.pid });
        const outcome = await worker.run(next.task, (p) => this.report(`${next.task.id}: ${p.what} ${p.done}/${p.total}${p.note ? `, ${p.note}` : ""}`));
        if (outcome.end === "died") worker = null;
        if (outcome.end === "died" && halted.aborted) break;
        this.settle(next, outcome);
      }
    } catch (error) {
      this.halt.abort();
      throw error;
    } finally {
      halted.removeEventListener("abort", end);
      await worker?.stop();
    }
  }

  private async start(threads: number): Promise<WorkerProcess> {
    const worker = startWorker(threads);
    const broken = await worker.ready;
    if (broken === null || this.halt.signal.aborted) return worker;
    throw new WorkbookError("MissingPart", `engine: a worker process that starts is required, ${broken}; run npm run setup`);
  }

  private settle({ task, attempt }: Waiting, outcome: Outcome): void {
    this.log({ event: outcome.end, id: task.id, attempt, ...(outcome.end === "done" ? { seconds: outcome.seconds } : { reason: outcome.reason }) });
    if (outcome.end === "died" && attempt < (this.options.attempts ?? 3)) {
      this.queue.push({ task, attempt: attempt + 1 });
      return;
    }
    if (outcome.end === "done") this.done.push(task.id);
    else this.failed.push({ id: task.id, reason: outcome.reason, attempts: attempt });
    this.workDone += task.cost ?? 1;
    this.report(`${task.id}: ${outcome.end}`);
  }

  /** How many tasks are behind us, and how long the rest will take at the pace of those done now. */
  private report(note: string): void {
    const elapsed = (Date.now() - this.started) / 1000;
    const done = this.doneBefore + this.done.length + this.failed.length;
    const secondsLeft = this.workDone >= 0.01 * this.work ? (elapsed / this.workDone) * (this.work - this.workDone) : null;
    this.options.progress?.({ what: "tasks", done, total: this.doneBefore + this.count, secondsLeft, note });
  }
}
