import { WorkbookError } from "../core/errors";
import type { Progress } from "../core/progress";

/** Where tasks are done. */
export interface EngineChoice {
  /** `local`: processes of this machine (default); `dask`: Node workers under Dask's; `file`: nowhere, the task file is laid out and that is all */
  readonly engine?: EngineName;
  /** processes at once; default as `poolSize` says. Of a scheduler elsewhere: how many to reckon with when time is estimated */
  readonly workers?: number;
  /** threads of each; on this machine workers × threads may not exceed the processors */
  readonly threads?: number;
  /** dask: a scheduler that runs already, tcp://host:port */
  readonly scheduler?: string;
  /** dask: a cluster that is started for the run and ends with it (local); slurm and pbs as Dask's own YAML says */
  readonly cluster?: ClusterName;
}

/** Names of engines. */
export const ENGINES = ["local", "dask", "file"] as const;
/** One of them. */
export type EngineName = (typeof ENGINES)[number];
/** Clusters that Dask starts itself. */
export const CLUSTERS = ["local", "slurm", "pbs"] as const;
/** One of them. */
export type ClusterName = (typeof CLUSTERS)[number];

/** What the engine may be told. */
export interface EngineOptions extends EngineChoice {
  /** folder for tasks.jsonl and log.jsonl */
  readonly dir: string;
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
 * The choice alone, of options that carry more: what one part of a job hands to another.
 * @example runTasks(tasks, { ...engineChoice(options), dir })
 */
export function engineChoice({ engine, workers, threads, scheduler, cluster }: EngineChoice): EngineChoice {
  const all = { engine, workers, threads, scheduler, cluster };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/**
 * Refuses a choice that contradicts itself.
 * @throws WorkbookError BadArgument
 * @example checkChoice({ engine: "dask", cluster: "slurm" })
 */
export function checkChoice({ engine = "local", scheduler, cluster }: EngineChoice): void {
  const refuse = (required: string, found: string): never => {
    throw new WorkbookError("BadArgument", `engine: ${required} is required, got ${found}`);
  };
  if (!ENGINES.includes(engine)) refuse(`one of ${ENGINES.join(", ")}`, `"${engine}"`);
  if (engine !== "dask" && (scheduler !== undefined || cluster !== undefined)) refuse("engine dask", `${scheduler === undefined ? "a cluster" : "a scheduler"} with engine ${engine}; add --engine dask`);
  if (scheduler !== undefined && cluster !== undefined) refuse("a scheduler or a cluster", `both (${scheduler}, ${cluster}); a cluster brings its own scheduler`);
  if (cluster !== undefined && !CLUSTERS.includes(cluster)) refuse(`a cluster of ${CLUSTERS.join(", ")}`, `"${cluster}"; for another start its Dask scheduler yourself and give its address`);
  if (scheduler !== undefined && !/^(tcp|tls|ws|wss|ucx):\/\/[^\s/]+:\d+$/.test(scheduler)) refuse("a scheduler's address like tcp://host:8786", `"${scheduler}"`);
}
