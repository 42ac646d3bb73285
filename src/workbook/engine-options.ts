import { WorkbookError } from "../core/errors";
import { checkChoice, CLUSTERS, ENGINES, type ClusterName, type EngineChoice, type EngineName } from "../engine/options";
import type { Given, OptionSpec } from "./arguments";

const one = (help: string): OptionSpec => ({ kind: "one", help });

/** Options of every verb whose work is done as tasks. */
export const ENGINE_OPTIONS: Readonly<Record<"engine" | "workers" | "threads" | "scheduler" | "cluster", OptionSpec>> = {
  engine: one(`${ENGINES.join(", ")} (local): processes of this machine, Dask's workers, or only lay out the task file for \`tasks\``),
  workers: one("processes at once (one a processor, as memory allows)"),
  threads: one("threads of each; on this machine workers × threads may not exceed the processors"),
  scheduler: one("dask: a scheduler that runs, tcp://host:port"),
  cluster: one(`dask: a cluster started for this run, ${CLUSTERS.join(", ")} (local); slurm and pbs as Dask's jobqueue.yaml says`),
};

/**
 * Where the command line wants tasks done; what was not given is left out.
 * @throws WorkbookError BadArgument for names that are none, or a choice that contradicts itself
 * @example runTasks(tasks, { ...engineOf("upscale", given), dir })
 */
export function engineOf(verb: string, given: Given): EngineChoice {
  const choice: EngineChoice = Object.fromEntries(Object.entries({
    engine: named<EngineName>(verb, "engine", ENGINES, given), cluster: named<ClusterName>(verb, "cluster", CLUSTERS, given), scheduler: given.one("scheduler"),
    workers: given.number("workers", 1, 10_000), threads: given.number("threads", 1, 1024),
  }).filter(([, value]) => value !== undefined));
  checkChoice(choice);
  return choice;
}

/**
 * Where the members of an ensemble are trained; null for a run without members.
 * @throws WorkbookError BadArgument as `engineOf`, or for an engine without members
 * @example const members = membersOf("train", given, ensemblePlan(config))
 */
export function membersOf(verb: string, given: Given, ensemble: boolean): EngineChoice | null {
  if (given.number("workers", 0, 10_000) === 0) {
    const beside = (["engine", "threads", "scheduler", "cluster"] as const).find((option) => given.one(option) !== undefined);
    if (beside !== undefined) throw new WorkbookError("BadArgument", `${verb}: --workers of at least 1 is required with --${beside}, got 0 (members one after the other in this process)`);
    return ensemble ? { workers: 0 } : null;
  }
  const choice = engineOf(verb, given);
  if (!ensemble && choice.engine !== undefined && choice.engine !== "local") throw new WorkbookError("BadArgument", `${verb}: --engine ${choice.engine}: an ensemble is required, a single run is one task; see experiment for many runs`);
  return ensemble ? choice : null;
}

function named<T extends string>(verb: string, option: string, names: readonly T[], given: Given): T | undefined {
  const name = given.one(option);
  if (name === undefined || (names as readonly string[]).includes(name)) return name as T | undefined;
  throw new WorkbookError("BadArgument", `${verb}: --${option}: one of ${names.join(", ")} is required, got "${name}"; see ${verb} --help`);
}
