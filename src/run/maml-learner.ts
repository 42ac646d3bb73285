import { tf, openBackend } from "../backend/tf";
import { WorkbookError } from "../core/errors";
import type { Random } from "../core/random";
import { gradients } from "../model/gradients";
import { gradientStep, metaGradients, withFastWeights, type MetaTask } from "../model/maml";
import { createModel } from "../model/model";
import { adam } from "../model/optimiser";
import type { FluxModel } from "../model/types";
import { drawPeriod, firstMonths, shotDays, shotLadder, shotSite, type Period, type ShotSite } from "../windows/few-shot";
import { adaptationBatch, judgingBatch } from "../windows/few-shot-adapt";
import { writeWeights } from "./checkpoint";
import type { RunConfig } from "./config";
import { adaptRule, descend, disposeBatch, judgeRule, lossOptions, taskBatch, taskLoss, taskLossValue, type TaskBatch } from "./few-shot-adapt";
import type { Learner, TrainContext } from "./learner";
import { modelConfig, weightsFile } from "./model-config";
import { loadPredictor } from "./neural-predictor";
import { openCheckpoint } from "./open-checkpoint";
import { logLine } from "./run-directory";
import { trainStage } from "./stage";

/** Sites of one meta-step; each is judged by `batch` / 4 windows, so that an epoch looks at as many windows as any other model's. */
const TASKS = 4;
/** Windows by which an adaptation is judged on a validation site. */
const VALIDATION_WINDOWS = 64;

/**
 * First-order MAML with the plain LSTM: weights from which `inner_steps` gradient steps on a site's first months go far. Its plain
 * prediction is that of the unadapted weights; `mamlAdapter` adapts them.
 * @source Finn, Abbeel & Levine 2017, arXiv 1703.03400
 */
export const mamlLearner: Learner = { open: () => openBackend(), train, load: (context) => loadPredictor(asLstm(context)) };

/** The context of the network that MAML trains. */
export function asLstm<T extends { readonly config: RunConfig }>(context: T): T {
  return { ...context, config: { ...context.config, model: "lstm", shots: 0 } };
}

async function train(context: TrainContext): Promise<void> {
  const { config, dataset, dir } = context;
  const backend = await openBackend();
  logLine(dir, { event: "backend", backend: backend.backend, kernel: backend.kernel, device: backend.device, why: backend.why });
  const model = createModel(modelConfig(config, dataset.standardiser, "lstm"), config.seed);
  const optimiser = adam(model.parameters, { lr: config.lr1 });
  const sites = dataset.train.sites.map(shotSite).filter((s) => s.observed.to - s.observed.from > shotDays(1) + config.window);
  if (sites.length === 0) throw new WorkbookError("EmptyTable", `train: ${dir}: a training site with more than ${shotDays(1) + config.window} days of flux record is required for maml, found none among ${dataset.train.sites.length}; train another model`);
  logLine(dir, { event: "episodes", sites: sites.length, too_short: dataset.train.sites.length - sites.length, ladder: shotLadder(config.shots) });
  const judged = dataset.validation.sites.map(shotSite);
  const best = await trainStage({
    number: 1, model, optimiser, rate: config.lr1, loss: lossOptions(config, dataset.standardiser), carried: new Map(),
    rule: { window: config.window, lossDays: config.stride, support: 0, pastOnly: false },
    step(r) {
      const { loss, grads } = metaGradients(model.parameters, Array.from({ length: TASKS }, () => drawTask(model, sites, context, r)));
      if (Number.isFinite(loss)) optimiser.step(grads);
      tf.dispose([...grads.values()]);
      return loss;
    },
    validate: () => validationLoss(model, judged, context),
  }, context, openCheckpoint(context));
  writeWeights(weightsFile(dir), best, { model: config.model });
  optimiser.dispose();
  model.dispose();
}

/** A site and months drawn, the months placed anywhere in its record, as in the few-shot form of TAM-RL. */
function drawTask(model: FluxModel, sites: readonly ShotSite[], { config, dataset }: TrainContext, r: Random): MetaTask {
  const ladder = shotLadder(config.shots).slice(1);
  const shot = sites[r.int(sites.length)]!;
  const { from, to } = shot.observed;
  const wanted = ladder[r.int(ladder.length)]!;
  // the longest that leaves a window beside it; the filter of the sites makes sure that one month does
  const months = [...ladder].reverse().find((k) => k <= wanted && shotDays(k) + config.window < to - from) ?? 1;
  const period = drawPeriod(shot.observed, shotDays(months), { from: to, to }, r)!;
  const query = judgingBatch(shot, period, judgeRule(config, Math.max(1, Math.round(config.batch / TASKS))));
  const support = adaptationBatch(shot, period, adaptRule(config));
  const loss = lossOptions(config, dataset.standardiser);
  const channels = dataset.channels.length;
  const seed = r.int(2 ** 31);
  return {
    adapt: () => support && using(taskBatch(support, adaptRule(config), channels, null), (task) => descend(model, task, loss, config.inner_steps, (grads) => gradientStep(model.parameters, grads, config.inner_lr))),
    judge() {
      if (query === null) return { loss: 0, grads: new Map([...model.parameters].map(([name, v]) => [name, tf.zeros(v.shape)])) };
      return using(taskBatch(query, judgeRule(config, 1), channels, null), (task) => {
        const { value, grads } = gradients(model.parameters, () => taskLoss(model, task, loss, seed));
        const number = value.dataSync()[0]!;
        value.dispose();
        return { loss: number, grads };
      });
    },
  };
}

/** Mean loss after adaptation over validation sites and months, judged outside the adaptation months; null where no site has any. */
function validationLoss(model: FluxModel, sites: readonly ShotSite[], { config, dataset }: TrainContext): number | null {
  const losses = sites.flatMap((shot) => shotLadder(config.shots).slice(1).flatMap((months) => {
    const period = firstMonths(shot.observed, months);
    const query = period && judgingBatch(shot, period, judgeRule(config, VALIDATION_WINDOWS));
    if (period === null || query === null) return [];
    const [loss, channels] = [lossOptions(config, dataset.standardiser), dataset.channels.length];
    return [withFastWeights(model.parameters, () => {
      mamlAdapt(model, config, shot, period, loss, channels);
      return using(taskBatch(query, judgeRule(config, 1), channels, null), (task) => taskLossValue(model, task, loss));
    })];
  }));
  return losses.length > 0 ? losses.reduce((a, b) => a + b, 0) / losses.length : null;
}

/** Moves the model by its inner steps on a site's months; the number of windows it learned from. */
export function mamlAdapt(model: FluxModel, config: RunConfig, shot: ShotSite, period: Period, loss: ReturnType<typeof lossOptions>, channels: number): number {
  const support = adaptationBatch(shot, period, adaptRule(config));
  if (support === null) return 0;
  using(taskBatch(support, adaptRule(config), channels, null), (task) => descend(model, task, loss, config.inner_steps, (grads) => gradientStep(model.parameters, grads, config.inner_lr)));
  return support.size;
}

function using<T>(task: TaskBatch, work: (task: TaskBatch) => T): T {
  try {
    return work(task);
  } finally {
    disposeBatch(task.tensors);
  }
}
