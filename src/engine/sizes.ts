import * as os from "node:os";
import { WorkbookError } from "../core/errors";
import type { EngineChoice } from "./options";

/** How many workers run at once, and the threads of each. */
export interface PoolSize {
  readonly workers: number;
  readonly threads: number;
}

/** Memory to leave each worker: a table of a million site-days, its windows and the library. */
const BYTES_PER_WORKER = 2 * 2 ** 30;

/**
 * Workers × threads ≤ processors. By default a worker of one thread on each processor, as far as memory allows, the processors
 * left over shared out as threads: whole tasks side by side leave no processor waiting for the serial part of a step, and two
 * jobs that each use every processor slow one another far more than twofold.
 * @throws WorkbookError BadArgument for more workers than processors, or threads that do not fit
 * @example poolSize(10).workers // 2 on two processors
 */
export function poolSize(tasks: number, asked: { readonly workers?: number; readonly threads?: number } = {}, machine: { cores: number; bytes: number } = { cores: os.availableParallelism(), bytes: os.totalmem() }): PoolSize {
  const { cores, bytes } = machine;
  for (const key of ["workers", "threads"] as const) {
    const n = asked[key];
    if (n !== undefined && (!Number.isInteger(n) || n < 1 || n > cores)) throw new WorkbookError("BadArgument", `engine: ${key}: a whole number from 1 to ${cores} (processors) is required, got ${n}`);
  }
  const fit = Math.max(1, Math.min(Math.floor(cores / (asked.threads ?? 1)), Math.floor(bytes / BYTES_PER_WORKER)));
  const workers = asked.workers ?? Math.max(1, Math.min(tasks, fit));
  const threads = asked.threads ?? Math.max(1, Math.floor(cores / workers));
  if (workers * threads > cores) throw new WorkbookError("BadArgument", `engine: workers × threads of at most ${cores} (processors) is required, got ${workers} × ${threads}; lower one`);
  return { workers, threads };
}

/**
 * Workers and threads of the chosen engine. Off this machine a worker has one thread, and there are as many as asked (one, where nobody
 * says how many a scheduler has): what its machines hold is the cluster's to know.
 * @throws WorkbookError BadArgument as `poolSize`
 * @example engineSize(100, { engine: "dask", cluster: "slurm", workers: 40 }) // { workers: 40, threads: 1 }
 */
export function engineSize(tasks: number, choice: EngineChoice = {}): PoolSize {
  const here = choice.engine !== "dask" || (choice.scheduler === undefined && (choice.cluster ?? "local") === "local");
  if (here) return poolSize(tasks, choice);
  for (const key of ["workers", "threads"] as const) {
    const n = choice[key];
    if (n !== undefined && (!Number.isInteger(n) || n < 1)) throw new WorkbookError("BadArgument", `engine: ${key}: a whole number of at least 1 is required, got ${n}`);
  }
  return { workers: choice.workers ?? 1, threads: choice.threads ?? 1 };
}
