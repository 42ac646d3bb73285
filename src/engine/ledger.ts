import * as path from "node:path";
import { WorkbookError } from "../core/errors";
import { appendJsonLine } from "../core/json";
import type { ProcessId } from "../core/processes";
import type { ProgressEvent } from "../core/progress";
import type { EngineOptions } from "./options";
import type { Task } from "./task";
import type { Outcome } from "./worker-process";

/** A task and which try it is. */
export interface Waiting {
  readonly task: Task;
  readonly attempt: number;
}

/** One call of `runTasks`: what waits, what has become of the tasks, the log and the progress; the same whatever engine does them. */
export class Ledger {
  readonly queue: Waiting[];
  readonly done: string[] = [];
  readonly failed: { id: string; reason: string; attempts: number }[] = [];
  private readonly started = performance.now();
  private readonly count: number;
  private readonly work: number;
  private workDone = 0;

  constructor(tasks: readonly Task[], private readonly options: EngineOptions, private readonly doneBefore: number) {
    this.queue = tasks.map((task) => ({ task, attempt: 1 }));
    this.count = tasks.length;
    this.work = tasks.reduce((sum, t) => sum + (t.cost ?? 1), 0);
  }

  /** Tasks of which nothing more is to come. */
  get settled(): number {
    return this.done.length + this.failed.length;
  }

  log(line: object): void {
    appendJsonLine(path.join(this.options.dir, "log.jsonl"), line);
  }

  /** Says that the folder was held by a process that has gone. */
  tookOver(former: ProcessId): void {
    this.log({ event: "took over", ...former });
    this.report(`process ${former.pid} on ${former.host} has gone and left its lock: taken over`);
  }

  begun({ task, attempt }: Waiting, by: object): void {
    this.log({ event: "task", id: task.id, attempt, ...by });
  }

  /** Passes on what a task tells of itself. */
  heard(task: Task, { what, done, total, note }: ProgressEvent): void {
    this.report(`${task.id}: ${what} ${done}/${total}${note ? `, ${note}` : ""}`);
  }

  /**
   * Takes down how a try ended; a task whose worker died waits again until its tries are used up.
   * @throws WorkbookError BadFile when nothing can be written: the other tasks would only fail alike
   */
  settle({ task, attempt }: Waiting, outcome: Outcome): void {
    const { end, ...rest } = outcome;
    this.log({ event: end, id: task.id, attempt, ...rest });
    if (end === "died" && attempt < (this.options.attempts ?? 3)) {
      this.queue.push({ task, attempt: attempt + 1 });
      return;
    }
    if (outcome.end === "failed" && outcome.storage !== undefined) throw storageError(path.dirname(task.output), outcome.storage, task.id);
    if (outcome.end === "done") this.done.push(task.id);
    else this.failed.push({ id: task.id, reason: outcome.reason, attempts: attempt });
    this.workDone += task.cost ?? 1;
    this.report(`${task.id}: ${end}`);
  }

  /** How many tasks are behind us, and how long the rest will take at the pace of those done now. */
  report(note: string): void {
    const elapsed = (performance.now() - this.started) / 1000;
    const secondsLeft = this.workDone > 0 && this.workDone >= 0.01 * this.work ? (elapsed / this.workDone) * (this.work - this.workDone) : null;
    this.options.progress?.({ what: "tasks", done: this.doneBefore + this.settled, total: this.doneBefore + this.count, secondsLeft, note });
  }
}

/** Says once that nothing can be written into a folder, and what to do. */
export function storageError(folder: string, fault: string, at: string, cause?: unknown): WorkbookError {
  return new WorkbookError("BadFile", `engine: ${folder}: a folder that takes files is required, ${fault} (found at ${at}); make room or give leave to write, and the same command goes on from what is done`, { file: folder, cause });
}
