import * as path from "node:path";
import { asDay, formatDay } from "../core/days";
import { ABOUT_APPLICABILITY } from "../run/applicability";
import type { Engine } from "../run/learner";
import { runOrigin } from "../run/origin";
import { provenanceHere } from "../run/provenance";
import { LEAST_SHARE } from "./mixture";
import type { UpscalePlan } from "./plan";
import { runIdentity } from "./trained-run";
import { TOWERS_ATTRIBUTE, trainingTowers } from "./training-towers";

/**
 * The global attributes of an upscaled store: what it is, and of which run, grid and workbook. Nothing in it says when or where, so that
 * the same command gives the same store.
 * @source CF conventions 1.10, §2.6.2; ACDD 1.3
 * @example await createZarr(plan.out, outputAttributes(plan, engine), arrays)
 */
export function outputAttributes({ run, grid, identity }: UpscalePlan, engine: Engine | null): Record<string, string | number | boolean> {
  const { config } = run;
  const [here, origin] = [provenanceHere(engine), runOrigin(run.dir)];
  const last = asDay(grid.days.first + grid.days.length - 1);
  const towers = trainingTowers(run.split);
  const simulated = grid.simulated ? "simulated " : "";
  return {
    Conventions: "CF-1.10",
    title: `${simulated}GPP, RECO and NEE of land, upscaled from flux towers by ${config.model}`,
    summary: `daily fluxes of ${formatDay(grid.days.first)} to ${formatDay(last)} from the drivers of each cell; the first ${config.window - 1} days have no whole window`,
    ...(grid.simulated ? { simulated: "true" } : {}),
    source: `TAM-RL workbook ${here.workbook}, model ${config.model}`,
    references: "arXiv 2603.09974; arXiv 2603.09868",
    frequency: "day",
    run: path.basename(run.dir), run_model: config.model, run_config: JSON.stringify(config), run_seed: config.seed, run_members: run.members.length,
    ...(run.spread ? { run_spread: run.spread } : {}),
    run_config_sha256: origin.config_sha256, run_identity: runIdentity(run), run_table: origin.table.name, run_table_sha256: origin.table.sha256, run_commit: origin.commit ?? "unknown", run_kernel: origin.kernel ?? "none",
    ...(towers === null ? {} : { [TOWERS_ATTRIBUTE]: JSON.stringify(towers) }),
    grid: path.basename(grid.path), grid_identity: grid.identity, upscale_identity: identity,
    igbp_mixture: `a prediction for each class of at least ${100 * LEAST_SHARE} % of a cell's land, with that class's one-hot, mixed by share; smaller classes are given to the others, land of no known class is predicted without a class`,
    applicability: ABOUT_APPLICABILITY,
    workbook_commit: here.commit ?? "unknown", node: here.node, device: here.device ?? "CPU", kernel: here.kernel ?? "none", versions: JSON.stringify(here.versions),
  };
}
