import { spawn } from "node:child_process";
import * as crypto from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import * as readline from "node:readline";
import { WorkbookError } from "../core/errors";
import { projectRoot } from "../core/files";
import type { ProgressEvent } from "../core/progress";
import { venvFile } from "../core/venv";
import type { EngineOptions } from "./options";
import type { PoolSize } from "./sizes";
import type { Task } from "./task";
import { lastLine, parseEvent, threadSettings, WORKER_ENTRY } from "./worker-process";
import type { WorkerMessage } from "./worker";

/** What the driver says, one JSON object a line on stdout. */
export type DriverMessage =
  | Exclude<WorkerMessage, { readonly event: "ready" | "progress" }>
  | { readonly event: "ready"; readonly pid: number; readonly scheduler: string }
  | { readonly event: "workers"; readonly n: number }
  | { readonly event: "task"; readonly id: string; readonly pid: number; readonly host: string; readonly worker: string; readonly worker_pid: number }
  | { readonly event: "progress"; readonly id: string; readonly progress: ProgressEvent }
  | { readonly event: "died"; readonly id: string; readonly reason: string }
  /** a Dask worker cannot start Node there */
  | { readonly event: "unfit"; readonly id: string; readonly reason: string }
  | { readonly event: "refused"; readonly kind: RefusalKind; readonly reason: string };

/** Why the driver gave up: no scheduler, other versions, no cluster, or a scheduler that went away. */
export type RefusalKind = "unreachable" | "versions" | "cluster" | "lost";

/** The driver as its feeder sees it. */
export interface Driver {
  send(task: Task): void;
  /** resolves with its last words when it is gone */
  readonly gone: Promise<string>;
  /** ends the input, and with it the driver, its cluster and every Node worker */
  stop(): Promise<void>;
}

/** How much of the driver's last words is kept. */
const LAST_WORDS = 8000;
/** Closing a cluster takes its time; a driver that does not end by itself is killed. */
const GRACE_MS = 25_000;

/**
 * Starts the driver: a Python process that gives tasks to Dask's workers.
 * @throws WorkbookError MissingPart without a Python
 * @example const driver = startDriver(size, { dir: "out", cluster: "local" }, (message) => take(message))
 */
export function startDriver(size: PoolSize, options: EngineOptions, listen: (message: DriverMessage) => void): Driver {
  const python = daskPython();
  const how = {
    run: `tamrl-${crypto.randomUUID()}`, node: process.execPath, arguments: [WORKER_ENTRY], folder: projectRoot(), environment: { ...ownSettings(), ...threadSettings(size.threads) },
  };
  const where = options.scheduler === undefined ? ["--cluster", options.cluster ?? "local", "--workers", String(size.workers), "--logs", path.resolve(options.dir, "jobs")] : ["--scheduler", options.scheduler];
  // a group of its own: Ctrl-C reaches every process of the terminal, and we are the one that decides
  const child = spawn(python, ["-B", path.join(__dirname, "dask_driver.py"), ...where, "--how", JSON.stringify(how)], { stdio: ["pipe", "pipe", "pipe"], detached: true, env: { ...process.env, PYTHONUNBUFFERED: "1" } });
  let words = "";
  child.stderr.on("data", (data: Buffer) => (words = (words + data.toString()).slice(-LAST_WORDS)));
  child.stdin.on("error", () => undefined); // a dead driver's pipe; its end is told below
  readline.createInterface({ input: child.stdout }).on("line", (line) => {
    const message = parseEvent<DriverMessage>(line);
    if (message) listen(message);
  });
  const gone = new Promise<string>((resolve) => {
    child.on("error", (error) => resolve(`${python} does not start (${error.message})`));
    child.on("close", (code, signal) => resolve(`it ended with ${signal ?? `exit code ${code}`}${words.trim() === "" ? "" : `: ${lastLine(words)}`}`));
  });
  return {
    send: (task) => void child.stdin.write(`${JSON.stringify(absolute(task))}\n`),
    gone,
    async stop() {
      child.stdin.end();
      const timer = setTimeout(() => child.kill("SIGKILL"), GRACE_MS);
      await gone;
      clearTimeout(timer);
    },
  };
}

/** The Python that has Dask: set-up's, or the one that `TAMRL_DASK_PYTHON` names, where a cluster's own versions are wanted. */
function daskPython(): string {
  const named = process.env["TAMRL_DASK_PYTHON"];
  const file = named ?? venvFile("python");
  if (fs.existsSync(file)) return file;
  throw new WorkbookError("MissingPart", `dask: ${named === undefined ? "the Python of the project's .venv" : "a Python at TAMRL_DASK_PYTHON"} is required, ${file} is not there; ${named === undefined ? "run npm run setup" : "name another"}`, { file });
}

/** Settings of this workbook that workers elsewhere must share. */
function ownSettings(): Record<string, string> {
  return Object.fromEntries(Object.entries(process.env).flatMap(([key, value]) => (key.startsWith("TAMRL_") && value !== undefined ? [[key, value]] : [])));
}

/** A worker elsewhere starts in the project's folder, not in ours. */
function absolute(task: Task): Task {
  return { ...task, output: path.resolve(task.output) };
}
