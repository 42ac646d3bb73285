import { WorkbookError } from "../core/errors";
import { readJson } from "../core/json";
import type { Progress } from "../core/progress";
import { ablate } from "../evaluate/ablate";
import { experiment, modelSpec, type ExperimentOptions, type ExperimentResult } from "../evaluate/experiment";
import { searchExperiment } from "../evaluate/search";
import { parseSets } from "../run/config";
import { PROTOCOLS } from "../run/protocol";
import { PUBLISHED_GRID, type Grid } from "../run/search";
import type { Given, OptionSpec } from "./arguments";
import { engineOf, ENGINE_OPTIONS } from "./engine-options";

const one = (help: string): OptionSpec => ({ kind: "one", help });

/** Options of `experiment`. */
export const EXPERIMENT_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  table: one("a Parquet table that ingest or simulate wrote"),
  out: one("folder of the experiment; the same command goes on where it stopped, more models, seeds and folds may join"),
  protocol: one(`${PROTOCOLS.join(", ")} (folds:5); folds:k for any k`),
  models: one("models separated by commas (climatology,lstm,ctlstm,tamrl)"),
  seeds: one("seeds separated by commas (1; ablations 1,2)"),
  folds: one("only these folds, counted from 1 (all; ablations 1,2,3)"),
  config: one("overrides shared by all, as a JSON file"),
  set: { kind: "many", help: "an override key=value shared by all; may be repeated" },
  ...ENGINE_OPTIONS,
  hours: one("refuse to begin when the estimate is longer (ablations 4)"),
  ablations: { kind: "flag", help: "one factor at a time from the default, as data/ablations.json lists" },
  factors: one("only these factors of the ablations, separated by commas"),
  "other-targets": one("ablations: the same towers with other targets (ingest --variant REF), one more arm"),
  search: { kind: "flag", help: "choose hyper-parameters on inner folds of the training sites first (the published grid)" },
  grid: { kind: "many", help: "a key of the search and its values, key=v1,v2; replaces the published grid; may be repeated" },
  inner: one("inner folds of the search (3)"),
};

/** Runs `experiment` as the command line gives it: models, ablations or a search. */
export async function experimentVerb(given: Given, context: { progress: Progress; signal: AbortSignal }): Promise<ExperimentResult> {
  const hours = given.number("hours", 0.001, 10_000);
  const options = { table: given.need("table"), out: given.need("out"), ...engineOf("experiment", given), ...(hours === undefined ? {} : { hours }), ...context } satisfies ExperimentOptions;
  refuseTogether(given);
  const config = { ...overridesOf(given), ...parseSets([...given.many("set"), ...given.words]) };
  const seeds = whole(given, "seeds");
  const folds = whole(given, "folds");
  const protocol = given.one("protocol");
  if (given.flag("ablations")) {
    const factors = list(given, "factors");
    const otherTargets = given.one("other-targets");
    return ablate({ ...options, config, ...(factors ? { factors } : {}), ...(otherTargets ? { otherTargets } : {}), ...(protocol ? { protocol } : {}), ...(folds ? { folds } : {}), ...(seeds ? { seeds } : {}) });
  }
  const models = list(given, "models") ?? ["climatology", "lstm", "ctlstm", "tamrl"];
  const spec = modelSpec(models, { protocol: protocol ?? "folds:5", seeds: seeds ?? [1], config, ...(folds ? { folds } : {}) });
  if (!given.flag("search")) return experiment(spec, options);
  const inner = given.number("inner", 2, 20);
  return searchExperiment(spec, { ...options, grid: gridOf(given), ...(inner === undefined ? {} : { inner }) });
}

function refuseTogether(given: Given): void {
  const clash = given.flag("ablations") ? ["models", "search", "grid", "inner"] : given.flag("search") ? ["factors", "other-targets"] : ["factors", "other-targets", "grid", "inner"];
  for (const name of clash) {
    const there = name === "search" ? given.flag(name) : name === "grid" ? given.many(name).length > 0 : given.one(name) !== undefined;
    if (there) throw new WorkbookError("BadArgument", `experiment: --${name} ${given.flag("ablations") ? "has no meaning with --ablations" : name === "factors" || name === "other-targets" ? "needs --ablations" : "needs --search"}; see experiment --help`);
  }
}

function overridesOf(given: Given): object {
  const file = given.one("config");
  const value = file === undefined ? {} : readJson<unknown>(file, "experiment --config");
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new WorkbookError("BadConfig", `experiment --config: ${file}: a JSON object is required`, { file: file ?? "" });
  return value;
}

function list(given: Given, name: string): string[] | undefined {
  return given.one(name)?.split(",").map((s) => s.trim()).filter((s) => s !== "");
}

function whole(given: Given, name: string): number[] | undefined {
  const numbers = list(given, name)?.map(Number);
  if (numbers?.some((n) => !Number.isInteger(n) || n < 0)) throw new WorkbookError("BadArgument", `experiment: --${name}: whole numbers separated by commas are required, got "${given.one(name)}"`);
  return numbers;
}

function gridOf(given: Given): Grid {
  const words = given.many("grid");
  if (words.length === 0) return PUBLISHED_GRID;
  return Object.fromEntries(words.map((word) => {
    const at = word.indexOf("=");
    if (at < 1) throw new WorkbookError("BadArgument", `experiment: --grid: key=v1,v2 is required, got "${word}"`);
    const values = word.slice(at + 1).split(",").map((v) => parseSets([`v=${v.trim()}`])["v"]);
    return [word.slice(0, at), values] as const;
  }));
}
