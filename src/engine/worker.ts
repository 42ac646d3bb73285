import * as path from "node:path";
import * as readline from "node:readline";
import { WorkbookError } from "../core/errors";
import { projectRoot } from "../core/files";
import type { Json } from "../core/json";
import { nearest } from "../core/nearest";
import { storageFault } from "../core/storage-fault";
import type { ProgressEvent } from "../core/progress";
import { KeptThings, type Keep } from "./keep";
import { hold, type Holder } from "./lock";
import { claimFile, readMark, writeMark, type Task, type TaskFunction } from "./task";

/** What a worker says, one JSON object a line on stdout. */
export type WorkerMessage =
  | { readonly event: "ready"; readonly pid: number }
  | { readonly event: "progress"; readonly id: string; readonly progress: ProgressEvent }
  | { readonly event: "done"; readonly id: string; readonly seconds: number }
  | {
      readonly event: "failed"; readonly id: string; readonly reason: string;
      /** why nothing can be written where the output lies: every other task would fail of the same */
      readonly storage?: string;
    };

/** What is kept has this long to be released. */
const RELEASE_MS = 2000;

/**
 * Serves tasks until the input ends: one task a line on stdin, done one after the other, the done-mark written last. The end of the
 * input ends the process at once, whatever it is doing: whoever fed it is gone or has had enough, and a task continues elsewhere.
 */
export function serve(): void {
  const say = claimStdout();
  // Ctrl-C reaches every process of the terminal; the one that feeds the workers decides
  process.on("SIGINT", () => undefined);
  const lines = readline.createInterface({ input: process.stdin });
  const kept = new KeptThings();
  let last: Promise<void> = Promise.resolve();
  let waiting = 0;
  lines.on("line", (line) => {
    waiting++;
    last = last.then(() => perform(JSON.parse(line) as Task, kept.keep, say)).finally(() => waiting--);
  });
  lines.on("close", () => {
    if (waiting > 0) process.exit(0);
    setTimeout(() => process.exit(0), RELEASE_MS);
    void kept.release().finally(() => process.exit(0));
  });
  say({ event: "ready", pid: process.pid });
}

/** Keeps stdout for messages: what a task or its libraries print goes to stderr. */
function claimStdout(): (message: WorkerMessage) => void {
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write;
  return (message) => void write(`${JSON.stringify(message)}\n`);
}

async function perform(task: Task, keep: Keep, say: (message: WorkerMessage) => void): Promise<void> {
  const started = performance.now();
  let release: (() => void) | null = null;
  try {
    release = await claim(task);
    // whoever held it may have done it
    const before = readMark(task);
    if (before) return say({ event: "done", id: task.id, seconds: before.seconds });
    const work = load(task);
    const result = await work(task.arguments as never, { output: task.output, keep, progress: (progress) => say({ event: "progress", id: task.id, progress }) });
    const seconds = (performance.now() - started) / 1000;
    writeMark(task, seconds, (result ?? null) as Json);
    say({ event: "done", id: task.id, seconds });
  } catch (error) {
    const storage = storageFault(error, path.dirname(path.resolve(task.output)));
    // a WorkbookError's message is made for a reader; of anything else the place matters too
    const ours = error instanceof Error && error.name === "WorkbookError";
    const reason = ours ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error);
    say({ event: "failed", id: task.id, reason, ...(storage === null ? {} : { storage }) });
  } finally {
    release?.();
  }
}

/** Longer than a lost worker on another machine keeps its claim. */
const CLAIM_MS = 90_000;

/**
 * Takes a task for this process alone: a scheduler that lost sight of a worker gives its task to another, and two runs may share an output.
 * @throws WorkbookError BadRun when another process keeps it
 */
async function claim(task: Task): Promise<() => void> {
  const until = performance.now() + CLAIM_MS;
  let held: Holder | (() => void) = hold(claimFile(task));
  while (typeof held !== "function") {
    if (performance.now() > until) throw new WorkbookError("BadRun", `worker: ${task.id}: a task of its own is required, process ${held.pid} on ${held.host} is at it; wait for it, then run again`, { file: task.output });
    await new Promise((resolve) => setTimeout(resolve, 200));
    held = hold(claimFile(task));
  }
  return held;
}

function load(task: Task): TaskFunction {
  const loaded = require(path.resolve(projectRoot(), task.module)) as Record<string, unknown>;
  const found = loaded[task.function];
  if (typeof found !== "function") {
    throw new WorkbookError("BadArgument", `worker: ${task.id}: a function of ${task.module} is required, got ${task.function}; nearest ${nearest(task.function, Object.keys(loaded), 2).join(", ")}`);
  }
  return found as TaskFunction;
}
