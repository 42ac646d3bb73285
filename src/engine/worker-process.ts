import { spawn, type ChildProcess } from "node:child_process";
import * as path from "node:path";
import * as readline from "node:readline";
import type { ProgressEvent } from "../core/progress";
import type { Task } from "./task";
import type { WorkerMessage } from "./worker";

/** How a task ended: done, failed with an error of its own, or its worker died under it. */
export type Outcome =
  | { readonly end: "done"; readonly seconds: number }
  | { readonly end: "failed"; readonly reason: string; /** why no task can write */ readonly storage?: string }
  | { readonly end: "died"; readonly reason: string };

/** A worker as its feeder sees it. */
export interface WorkerProcess {
  readonly pid: number;
  /** resolves once it can take tasks; the reason when it died before */
  readonly ready: Promise<string | null>;
  run(task: Task, progress: (event: ProgressEvent) => void): Promise<Outcome>;
  /** ends the input, and the process where it does not end with it */
  stop(): Promise<void>;
}

/** How much of a worker's last words is kept for the message about its death. */
const LAST_WORDS = 1500;
/** A worker in native code sees the end of its input only afterwards. */
const GRACE_MS = 3000;

/** What Node starts as a worker. */
export const WORKER_ENTRY = path.join(__dirname, "worker.cjs");

/**
 * Environment that tells a worker its threads: the feeder may have opened a backend itself and left its own number there.
 * @example threadSettings(2).TAMRL_THREADS // "2"
 */
export function threadSettings(threads: number): Readonly<Record<string, string>> {
  const told = String(threads);
  return { TAMRL_THREADS: told, TF_NUM_INTRAOP_THREADS: told, OMP_NUM_THREADS: told };
}

/** The outcome that a worker's last message of a task tells, or null for any other message. */
export function outcomeOf(message: WorkerMessage): Outcome | null {
  if (message.event === "done") return { end: "done", seconds: message.seconds };
  if (message.event === "failed") return { end: "failed", reason: message.reason, ...(message.storage === undefined ? {} : { storage: message.storage }) };
  return null;
}

/**
 * Starts a long-lived Node process (libtensorflow holds state of the whole process, so threads will not do) that is told how many
 * threads it may use.
 * @example const worker = startWorker(1); await worker.ready
 */
export function startWorker(threads: number): WorkerProcess {
  const child = spawn(process.execPath, [WORKER_ENTRY], { stdio: ["pipe", "pipe", "pipe"], env: { ...process.env, ...threadSettings(threads) } });
  let words = "";
  child.stderr.on("data", (data: Buffer) => (words = (words + data.toString()).slice(-LAST_WORDS)));
  child.stdin.on("error", () => undefined); // a dead worker's pipe; its end is told below
  let listen: (message: WorkerMessage) => void = () => undefined;
  readline.createInterface({ input: child.stdout }).on("line", (line) => {
    const message = parseEvent<WorkerMessage>(line);
    if (message) listen(message);
  });
  const gone = new Promise<string>((resolve) => {
    child.on("error", (error) => resolve(`it does not start (${error.message})`));
    child.on("close", (code, signal) => resolve(`its worker ended with ${signal ?? `exit code ${code}`}${words.trim() === "" ? "" : `: ${lastLine(words)}`}`));
  });
  const ready = new Promise<string | null>((resolve) => {
    listen = (message) => message.event === "ready" && resolve(null);
    void gone.then(resolve);
  });
  return {
    pid: child.pid ?? 0,
    ready,
    run: (task, progress) => new Promise((resolve) => {
      listen = (message) => {
        if (message.event === "progress") progress(message.progress);
        const outcome = outcomeOf(message);
        if (outcome) resolve(outcome);
      };
      void gone.then((reason) => resolve({ end: "died", reason }));
      child.stdin.write(`${JSON.stringify(task)}\n`);
    }),
    stop: () => stop(child, gone),
  };
}

async function stop(child: ChildProcess, gone: Promise<string>): Promise<void> {
  child.stdin?.end();
  const timer = setTimeout(() => child.kill("SIGKILL"), GRACE_MS);
  await gone;
  clearTimeout(timer);
}

/** An event that a child process told as a line of JSON, or null for a line that native code printed. */
export function parseEvent<E extends { readonly event: string }>(line: string): E | null {
  try {
    const value = JSON.parse(line) as E | null;
    return typeof value === "object" && value !== null && typeof value.event === "string" ? value : null;
  } catch {
    return null;
  }
}

/** Of a process's last words the line that names the error, else the last. */
export function lastLine(words: string): string {
  const lines = words.trim().split("\n");
  return (lines.reverse().find((l) => /error/i.test(l)) ?? lines[0]!).trim().slice(0, 300);
}
