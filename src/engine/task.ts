import * as crypto from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { WorkbookError } from "../core/errors";
import { readText, writeAtomic } from "../core/files";
import { parseJson, readJson, writeJson, type Json } from "../core/json";
import type { Progress } from "../core/progress";
import type { Keep } from "./keep";

/** One piece of work that any machine can do: a line of a task file. */
export interface Task {
  /** unique in its file; what logs and messages call it */
  readonly id: string;
  /** module that holds the function, from the project's folder, without its ending: `src/evaluate/experiment-task` */
  readonly module: string;
  readonly function: string;
  readonly arguments: Json;
  /** file or folder that the function writes; its done-mark lies beside it */
  readonly output: string;
  /** work to expect, in any unit common to the file (1); used for the time left only */
  readonly cost?: number;
}

/** What a task's function gets besides its arguments. */
export interface TaskContext {
  readonly output: string;
  readonly progress: Progress;
  /** what all tasks of this process share, opened once: `await keep(path, () => openGrid(path))` */
  readonly keep: Keep;
}

/**
 * A function that a task names. It may be killed at any moment and is then called again, so it continues from what it finds in
 * `output` or writes whole; its result goes into the done-mark.
 */
export type TaskFunction = (given: never, context: TaskContext) => Promise<Json | void>;

/** What lies beside a finished task's output. */
export interface DoneMark {
  readonly id: string;
  /** of the task that was done: another task under the same output is not taken for it */
  readonly hash: string;
  readonly seconds: number;
  readonly result: Json;
}

/** SHA-256 over what a task does; neither its output's place nor its cost is part of it. @example taskHash(task).slice(0, 12) */
export function taskHash(task: Task): string {
  return crypto.createHash("sha256").update(JSON.stringify(sorted([task.id, task.module, task.function, task.arguments]))).digest("hex");
}

/** Keys in order, so that equal arguments have equal hashes. */
function sorted(value: Json): Json {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(sorted);
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => [k, sorted(v as Json)]));
}

/** Where a task's done-mark lies. */
export function markFile(task: Pick<Task, "output">): string {
  return `${task.output}.done.json`;
}

/** Where the process that does a task says so. */
export function claimFile(task: Pick<Task, "output">): string {
  return `${task.output}.claim`;
}

/** The done-mark of exactly this task, or null where it is not done (or its output has gone). */
export function readMark(task: Task): DoneMark | null {
  if (!fs.existsSync(markFile(task)) || !fs.existsSync(task.output)) return null;
  const mark = readJson<DoneMark>(markFile(task), "readMark");
  return mark.hash === taskHash(task) ? mark : null;
}

/** Says that a task is done; the last thing written of it. */
export function writeMark(task: Task, seconds: number, result: Json): void {
  writeJson(markFile(task), { id: task.id, hash: taskHash(task), seconds, result } satisfies DoneMark);
}

/** Writes a task file: one task a line. @example writeTasks("out/tasks.jsonl", tasks) */
export function writeTasks(file: string, tasks: readonly Task[]): void {
  writeAtomic(file, tasks.map((task) => `${JSON.stringify(task)}\n`).join(""));
}

/**
 * Reads a task file.
 * @throws WorkbookError BadFile for a line that is no task, naming it
 * @example readTasks("out/tasks.jsonl").length
 */
export function readTasks(file: string): Task[] {
  if (!fs.existsSync(file)) throw new WorkbookError("BadFile", `readTasks: a task file is required, ${file} is not there; check the path`, { file });
  const lines = readText(file).split("\n");
  const tasks = lines.flatMap((line, i) => (line.trim() === "" ? [] : [parseTask(line, `readTasks: ${file} line ${i + 1}`)]));
  checkTasks(tasks, `readTasks: ${file}`);
  return tasks;
}

function parseTask(line: string, where: string): Task {
  let value: Partial<Task> | null = null;
  try {
    value = parseJson(line) as Partial<Task> | null;
  } catch {
    // said below, with what is required
  }
  if (value === null || typeof value !== "object" || [value.id, value.module, value.function, value.output].some((v) => typeof v !== "string") || value.arguments === undefined) {
    throw new WorkbookError("BadFile", `${where}: a JSON object with id, module, function, arguments and output is required, found ${line.slice(0, 60)}; make the file again`);
  }
  return value as Task;
}

/**
 * Refuses two tasks of one name or one output: the second would undo the first.
 * @throws WorkbookError BadArgument
 */
export function checkTasks(tasks: readonly Task[], where: string): void {
  const seen = new Map<string, string>();
  for (const task of tasks) {
    for (const key of [`id ${task.id}`, `output ${path.resolve(task.output)}`]) {
      const other = seen.get(key);
      if (other !== undefined) throw new WorkbookError("BadArgument", `${where}: each task needs an id and an output of its own, found ${key} at ${other} and at ${task.id}; rename one`);
      seen.set(key, task.id);
    }
  }
}
