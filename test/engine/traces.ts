import * as fs from "node:fs";
import * as path from "node:path";
import type { Task } from "../../src/engine/task";
import { scratch } from "../helpers/cli";

const MODULE = "test/engine/tasks";

/** A task of test/engine/tasks with a folder in which it leaves its traces. */
export function aTask(dir: string, id: string, name: string, value = 2): Task {
  return { id, module: MODULE, function: name, arguments: { value, trace: path.join(dir, "trace") }, output: path.join(dir, "out", id) };
}

/** How often a task was begun. */
export function calls(dir: string, id: string): number {
  const file = path.join(dir, "trace", id);
  return fs.existsSync(file) ? fs.readFileSync(file, "utf8").trim().split("\n").length : 0;
}

/** A new folder for tasks, their traces and outputs. */
export function folder(): string {
  const dir = scratch("engine");
  for (const part of ["trace", "out"]) fs.mkdirSync(path.join(dir, part));
  return dir;
}

/** A line of the engine's log, as far as tests look at it. */
export interface LogEvent {
  readonly event: string;
  readonly id?: string;
  readonly attempt?: number;
  readonly pid?: number;
  readonly worker_pid?: number;
  readonly driver?: number;
  readonly host?: string;
}

/** The engine's log so far. */
export function readEvents(dir: string): LogEvent[] {
  const file = path.join(dir, "log.jsonl");
  if (!fs.existsSync(file)) return [];
  return fs.readFileSync(file, "utf8").split("\n").slice(0, -1).map((line) => JSON.parse(line) as LogEvent);
}

/** What was begun so far, each with its processes. */
export function began(dir: string): LogEvent[] {
  return readEvents(dir).filter((e) => e.event === "task");
}

/** Waits until `look` finds something; a test that would wait for ever fails. */
export async function whenever<T>(look: () => T | undefined | false | null): Promise<T> {
  for (let tries = 0; tries < 6000; tries++) {
    const found = look();
    if (found !== undefined && found !== false && found !== null) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`nothing came of ${String(look)}`);
}

/** Waits until a process has ended (one that nobody waits for any more counts as ended). */
export async function gone(pid: number): Promise<void> {
  await whenever(() => {
    try {
      process.kill(pid, 0);
      return fs.existsSync("/proc/self/stat") && / Z /.test(fs.readFileSync(`/proc/${pid}/stat`, "utf8"));
    } catch {
      return true;
    }
  });
}
