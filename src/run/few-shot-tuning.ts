import { withFastWeights } from "../model/maml";
import type { PreparedSite } from "../windows/batches";
import { firstMonths, shotSite, type ShotSite } from "../windows/few-shot";
import { judgingBatch } from "../windows/few-shot-adapt";
import { disposeBatch, judgeRule, lossOptions, taskBatch, taskLossValue } from "./few-shot-adapt";
import { taskEmbedding, tune, type Tuning } from "./few-shot-adapters";
import type { PredictContext } from "./learner";
import { loadModel } from "./neural-predictor";

/** Learning rates and step counts tried. */
export const TUNING_GRID = { lr: [1e-4, 5e-4, 2e-3], steps: [5, 20, 60] } as const;
/** Windows by which a tuning is judged on one site. */
const JUDGED = 64;

/** What was tried for one number of months: the loss over validation sites of each pair, and of no step at all. */
export interface TuningChoice extends Tuning {
  readonly months: number;
  readonly sites: number;
  readonly loss: number;
  readonly loss_untuned: number;
  readonly tried: readonly (Tuning & { readonly loss: number })[];
}

/**
 * Chooses learning rate and steps of fine-tuning for each number of months, on validation sites only: adapt to a site's first months, judge
 * on its windows outside them, average over sites. Months that no site has room for get the choice of the next shorter ones.
 * @param sites prepared validation sites (`Dataset.validation.sites`)
 * @returns empty where no site can judge
 * @example const choices = await chooseTuning({ dir, config, standardiser }, dataset.validation.sites, [1, 3, 12, 24])
 */
export async function chooseTuning(context: PredictContext, sites: readonly PreparedSite[], months: readonly number[], grid: { readonly lr: readonly number[]; readonly steps: readonly number[] } = TUNING_GRID): Promise<TuningChoice[]> {
  const model = await loadModel(context);
  const { config, standardiser } = context;
  const loss = lossOptions(config, standardiser);
  const laid = sites.map(shotSite);
  const choices: TuningChoice[] = [];
  try {
    for (const k of months.filter((m) => m > 0)) {
      const tried = grid.lr.flatMap((lr) => grid.steps.map((steps) => ({ lr, steps, loss: 0 })));
      let [n, untuned] = [0, 0];
      for (const shot of laid) {
        const query = judged(shot, k, config);
        if (query === null) continue;
        n++;
        const z = taskEmbedding(model, context, shot);
        const task = taskBatch(query, judgeRule(config, JUDGED), standardiser.channels.length, z);
        const before = taskLossValue(model, task, loss);
        untuned += before;
        for (const lr of grid.lr) withFastWeights(model.parameters, () => {
          const windows = tune(model, context, shot, k, { lr, steps: Math.max(...grid.steps) }, (step) => {
            const at = tried.find((t) => t.lr === lr && t.steps === step);
            if (at) at.loss += taskLossValue(model, task, loss);
          });
          // a site that shows no window stays as it was, whatever the rate
          if (windows === 0) for (const t of tried) if (t.lr === lr) t.loss += before;
        });
        disposeBatch(task.tensors);
        z?.dispose();
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (n > 0) {
        const means = tried.map((t) => ({ ...t, loss: t.loss / n }));
        const best = means.reduce((a, b) => (b.loss < a.loss ? b : a));
        choices.push({ months: k, sites: n, ...best, loss_untuned: untuned / n, tried: means });
      } else if (choices.length > 0) choices.push({ ...choices[choices.length - 1]!, months: k, sites: 0 });
    }
  } finally {
    model.dispose();
  }
  return choices;
}

/** Windows outside the first months of a site that has both them and windows to learn from; else null. */
function judged(shot: ShotSite, months: number, config: PredictContext["config"]): ReturnType<typeof judgingBatch> {
  const period = firstMonths(shot.observed, months);
  return period && judgingBatch(shot, period, judgeRule(config, JUDGED));
}
