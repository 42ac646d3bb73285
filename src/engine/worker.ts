import * as path from "node:path";
import * as readline from "node:readline";
import { WorkbookError } from "../core/errors";
import { projectRoot } from "../core/files";
import type { Json } from "../core/json";
import { nearest } from "../core/nearest";
import type { ProgressEvent } from "../core/progress";
import { KeptThings, type Keep } from "./keep";
import { writeMark, type Task, type TaskFunction } from "./task";

/** What a worker says, one JSON object a line on stdout. */
export type WorkerMessage =
  | { readonly event: "ready"; readonly pid: number }
  | { readonly event: "progress"; readonly id: string; readonly progress: ProgressEvent }
  | { readonly event: "done"; readonly id: string; readonly seconds: number }
  | { readonly event: "failed"; readonly id: string; readonly reason: string };

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
  const started = Date.now();
  try {
    const work = load(task);
    const result = await work(task.arguments as never, { output: task.output, keep, progress: (progress) => say({ event: "progress", id: task.id, progress }) });
    const seconds = (Date.now() - started) / 1000;
    writeMark(task, seconds, (result ?? null) as Json);
    say({ event: "done", id: task.id, seconds });
  } catch (error) {
    // a WorkbookError's message is made for a reader; of anything else the place matters too
    const ours = error instanceof Error && error.name === "WorkbookError";
    say({ event: "failed", id: task.id, reason: ours ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}

function load(task: Task): TaskFunction {
  const loaded = require(path.resolve(projectRoot(), task.module)) as Record<string, unknown>;
  const found = loaded[task.function];
  if (typeof found !== "function") {
    throw new WorkbookError("BadArgument", `worker: ${task.id}: a function of ${task.module} is required, got ${task.function}; nearest ${nearest(task.function, Object.keys(loaded), 2).join(", ")}`);
  }
  return found as TaskFunction;
}
