import * as path from "node:path";
import { writeJson } from "../core/json";
import { clusterSites } from "../data/splits/clusters";
import { spelledOut } from "../run/benchmark-protocol";
import { resolveConfig } from "../run/config";
import { planExperiment, planFolds, usableSites, type Arm, type ExperimentPlan, type ExperimentSpec } from "../run/experiment-plan";
import { innerFolds, type Fold } from "../run/protocol";
import { gridArms, type Grid } from "../run/search";
import { openTable } from "../run/train";
import { WorkbookError } from "../core/errors";
import { experiment, isNetwork, type ExperimentOptions, type ExperimentResult } from "./experiment";
import { poolFolds } from "./experiment-scores";
import { trainRuns } from "./experiment-tasks";
import { rankArms, type Scored } from "./search-choice";

/** What a search tries and how. */
export interface SearchOptions extends ExperimentOptions {
  readonly grid: Grid;
  /** folds inside the training sites (3) */
  readonly inner?: number;
}

/** The choice of one model in one outer fold. */
export interface Choice {
  readonly model: string;
  readonly fold: string;
  readonly chosen: object;
  readonly ranking: readonly Scored[];
}

/**
 * An experiment whose networks are tuned first: in every fold each combination of the grid is trained and scored on inner folds of the
 * training clusters alone, the best goes on to the whole training side. The test sites take no part in the choice.
 * @throws WorkbookError as `experiment`; BadSplit for a protocol that holds no sites out; MissingPart when a
 *   combination could not be trained
 * @source method §6 (grid); CarbonFluxBench, arXiv 2603.09868 (cross-validation by site for tuning)
 * @example await searchExperiment(modelSpec(["tamrl"], { protocol: "koppen", seeds: [1] }), { table: "T.parquet", out: "out", grid: PUBLISHED_GRID })
 */
export async function searchExperiment(spec: ExperimentSpec, options: SearchOptions): Promise<ExperimentResult> {
  const choices = await chooseByInnerFolds(spec, options);
  writeJson(path.join(options.out, "search.json"), choices);
  const result = await experiment(spec, options, (run) => {
    const choice = choices.find((c) => c.model === run.arm && c.fold === run.fold);
    return choice ? { ...run, config: resolveConfig({ ...run.config, ...choice.chosen }) } : run;
  });
  const lines = choices.map((c) => `- ${c.model} in ${c.fold}: ${c.ranking[0]!.arm} (score ${c.ranking[0]!.score.toFixed(3)}, median of the grid ${c.ranking[c.ranking.length >> 1]!.score.toFixed(3)})\n`);
  return { ...result, text: `Chosen on inner folds of the training sites:\n\n${lines.join("")}\n${result.text}` };
}

/** Trains the grid on the inner folds of every outer fold, and ranks it there. */
export async function chooseByInnerFolds(spec: ExperimentSpec, options: SearchOptions): Promise<Choice[]> {
  const table = await openTable(options.table);
  const outer = planExperiment(table.table, spec).protocol;
  const config = spelledOut(spec.config ?? {}, spec.protocol);
  const { sites } = usableSites(table.table, config);
  const clusters = clusterSites(table.table.sites);
  const models = spec.arms.filter((a) => isNetwork(a.name));
  const combinations = gridArms(options.grid);
  const arms = models.flatMap((m) => combinations.map((c): Arm => ({ name: `${m.name} ${c.name}`, config: { ...m.config, ...c.config } })));
  const plans = outer.folds.map((fold) => ({ fold, plan: innerPlan(fold) }));
  const out = path.join(options.out, "search");
  const result = await trainRuns(plans.flatMap((p) => p.plan.runs), { ...options, table, file: options.table, out });
  const first = result.failed[0];
  if (first) throw new WorkbookError("MissingPart", `search: every combination is required for a fair choice, ${result.failed.length} could not be trained (${first.id}: ${first.reason.split("\n")[0]}); mend it and run again, or take it out of the grid`);
  const done = new Set([...result.done, ...result.skipped]);
  const choices: Choice[] = [];
  for (const { fold, plan } of plans) {
    const pooled = await poolFolds(plan, table.table, out, done);
    for (const model of models) {
      const ranking = rankArms({ ...pooled, pooled: pooled.pooled.filter((p) => p.arm.startsWith(`${model.name} `)) }, table.name);
      choices.push({ model: model.name, fold: fold.name, chosen: combinations.find((c) => `${model.name} ${c.name}` === ranking[0]!.arm)!.config, ranking });
    }
  }
  return choices;

  function innerPlan(fold: Fold): ExperimentPlan {
    const folds = innerFolds(sites, clusters, fold, options.inner ?? 3, spec.splitSeed ?? 1);
    return planFolds(table.table, { name: "search", kind: "zero-shot", title: `inner folds of ${fold.name}`, folds }, { ...spec, config, arms, seeds: spec.seeds.slice(0, 1) });
  }
}
