import { outOfMemory } from "../backend/out-of-memory";
import { WorkbookError } from "../core/errors";
import { counter } from "../core/progress";
import { random, type Random } from "../core/random";
import { gradients } from "../model/gradients";
import { fluxLoss, type LossOptions } from "../model/losses";
import type { Optimiser } from "../model/optimiser";
import type { NamedArrays } from "../model/safetensors";
import type { FluxModel } from "../model/types";
import { makeBatch, type Batch, type BatchRule, type Query } from "../windows/batches";
import { prefixed, restore, snapshot, under, writeCheckpoint, type Checkpoint, type TrainingState } from "./checkpoint";
import type { QuerySet } from "./dataset";
import type { TrainContext } from "./learner";
import { notFinite } from "./not-finite";
import { logLine, runPaths } from "./run-directory";
import { disposeBatch, toTensors } from "./tensors";

/** Epochs after which the step size halves. @source CarbonFluxBench, arXiv 2603.09868 (StepLR 10 × 0.5) */
const HALVE_EVERY = 10;
/** Windows validated at once: no gradient, so more fit. */
const VALIDATION_BATCH = 512;

/** One stage: a model, its optimiser and what it starts from. */
export interface Stage {
  readonly number: 1 | 2;
  readonly model: FluxModel;
  readonly optimiser: Optimiser;
  readonly rate: number;
  readonly rule: BatchRule;
  readonly loss: LossOptions;
  /** arrays of earlier stages that must survive in the checkpoint */
  readonly carried: NamedArrays;
  /** makes a batch of queries; `makeBatch` of windows/ where left out */
  readonly makeBatch?: (sites: QuerySet["sites"], queries: readonly Query[], r: Random, training: boolean) => Batch;
  /** one optimiser step that is not made of one batch (MAML): its loss; a loss that is not finite must leave the weights as they are */
  readonly step?: (r: Random) => number;
  /** the validation loss that goes with `step`; null where nothing is to validate on */
  readonly validate?: () => number | null;
}

/**
 * Trains one stage to its end and leaves the best weights in the model. All randomness hangs on (seed, stage, epoch, batch), so a run
 * continued from its last whole epoch reaches the same weights as one never interrupted.
 * @throws WorkbookError NotFinite when the loss is not a number, OutOfMemory, Interrupted when the signal aborts
 * @source method notes §6
 */
export async function trainStage(stage: Stage, context: TrainContext, resumed: Checkpoint | null): Promise<NamedArrays> {
  try {
    return await runStage(stage, context, resumed);
  } catch (error) {
    throw outOfMemory(error, `train: ${context.dir}`, `lower batch (it is ${context.config.batch}), hidden or window, or give this machine's memory free`) ?? error;
  }
}

async function runStage(stage: Stage, context: TrainContext, resumed: Checkpoint | null): Promise<NamedArrays> {
  const { config, dataset, dir } = context;
  let state: TrainingState = { stage: stage.number, epoch: 0, bestEpoch: 0, bestLoss: null, steps: 0, ended: false };
  let best = snapshot(stage.model);
  if (resumed && resumed.state.stage === stage.number) {
    state = resumed.state;
    restore(stage.model, under("now", resumed.arrays), dir);
    stage.optimiser.restore({ tensors: under("optimiser", resumed.arrays), stepCount: state.steps });
    best = under("best", resumed.arrays);
  }
  const report = counter(`${config.model} stage ${stage.number}`, config.epochs, context.progress);
  while (!state.ended) {
    const epoch = state.epoch + 1;
    stage.optimiser.lr = stage.rate * 0.5 ** Math.floor((epoch - 1) / HALVE_EVERY);
    const started = performance.now();
    const { loss: trainLoss, shortSupport } = await trainEpoch(stage, context, epoch);
    let { bestEpoch, bestLoss } = state;
    let validLoss: number | null = null;
    if (epoch % config.validate_every === 0 || epoch === config.epochs) {
      validLoss = await meanLoss(stage, dataset.validation, context);
      // without a validation set the last epoch is kept
      if (validLoss === null || bestLoss === null || validLoss < bestLoss) {
        best = snapshot(stage.model);
        [bestEpoch, bestLoss] = [epoch, validLoss];
      }
    }
    // only an epoch that was looked at can say that nothing got better
    const ended = epoch >= config.epochs || (validLoss !== null && epoch - bestEpoch >= config.patience);
    const { tensors, stepCount } = await stage.optimiser.state();
    state = { stage: stage.number, epoch, bestEpoch, bestLoss, steps: stepCount, ended };
    writeCheckpoint(runPaths(dir).checkpoint, {
      state,
      arrays: new Map([...prefixed("now", snapshot(stage.model)), ...prefixed("best", best), ...prefixed("optimiser", tensors), ...stage.carried]),
    });
    logLine(dir, { event: "epoch", stage: stage.number, epoch, lr: stage.optimiser.lr, train: trainLoss, validation: validLoss, short_support: shortSupport, seconds: (performance.now() - started) / 1000 });
    report(epoch, `loss ${trainLoss.toFixed(4)}${validLoss === null ? "" : `, validation ${validLoss.toFixed(4)}`}`);
  }
  restore(stage.model, best, dir);
  return best;
}

/**
 * One epoch over the training windows: mean loss, and the queries whose support fell back to their own window. The benchmark times it too.
 * @throws WorkbookError NotFinite when the loss is not a number, Interrupted when the signal aborts
 */
export async function trainEpoch(stage: Stage, context: TrainContext, epoch: number): Promise<{ loss: number; shortSupport: number }> {
  const { config, dataset } = context;
  const stream = random(config.seed, `stage ${stage.number} epoch ${epoch}`);
  const order = stream.split("order").shuffle(dataset.train.queries);
  let sum = 0;
  let windows = 0;
  let shortSupport = 0;
  for (let from = 0, b = 0; from < order.length; from += config.batch, b++) {
    await pause(context);
    const queries = order.slice(from, from + config.batch);
    const batch = stage.step === undefined ? batchOf(stage, dataset.train, queries, stream.split(`support ${b}`), true) : null;
    const value = batch === null ? stage.step!(stream.split(`step ${b}`)) : trainStep(stage, batch, stream.split(`dropout ${b}`).int(2 ** 31));
    if (!Number.isFinite(value)) {
      const failed = { sites: dataset.train.sites, queries, rule: stage.rule, channels: dataset.channels, model: stage.model, batch };
      throw notFinite(failed, { dir: context.dir, stage: stage.number, epoch, batch: b, loss: value });
    }
    sum += value * queries.length;
    windows += queries.length;
    shortSupport += batch?.shortSupport ?? 0;
  }
  return { loss: sum / windows, shortSupport };
}

/** One step on a batch, and its loss before the step. A loss that is not finite leaves the weights as they are. The benchmark times it too. */
export function trainStep(stage: Pick<Stage, "model" | "optimiser" | "rule" | "loss">, batch: Batch, dropoutSeed: number): number {
  const tensors = toTensors(batch, stage.rule, stage.model.config.channels);
  const { value: loss, grads } = gradients(stage.model.parameters, () => {
    const prediction = stage.model.forward(tensors.inputs, { training: true, lastDays: stage.rule.lossDays, dropoutSeed });
    return fluxLoss({ prediction, target: tensors.target, valid: tensors.valid, weight: tensors.weight }, stage.loss).total;
  });
  const value = loss.dataSync()[0]!;
  if (Number.isFinite(value)) stage.optimiser.step(grads);
  for (const t of [loss, ...grads.values()]) t.dispose();
  disposeBatch(tensors);
  return value;
}

/** Mean loss over a set in evaluation mode, or null when it is empty; support windows drawn once and for all. */
async function meanLoss(stage: Stage, set: QuerySet, context: TrainContext): Promise<number | null> {
  if (stage.validate !== undefined) return stage.validate();
  const stream = random(context.config.seed, "validation");
  let sum = 0;
  for (let from = 0, b = 0; from < set.queries.length; from += VALIDATION_BATCH, b++) {
    await pause(context);
    const queries = set.queries.slice(from, from + VALIDATION_BATCH);
    const batch = batchOf(stage, set, queries, stream.split(`support ${b}`), false);
    const tensors = toTensors(batch, stage.rule, context.dataset.channels.length);
    const loss = evaluationLoss(stage, tensors);
    disposeBatch(tensors);
    sum += loss * queries.length;
  }
  return set.queries.length > 0 ? sum / set.queries.length : null;
}

function batchOf(stage: Stage, { sites }: QuerySet, queries: readonly Query[], r: Random, training: boolean): Batch {
  return stage.makeBatch ? stage.makeBatch(sites, queries, r, training) : makeBatch(sites, queries, stage.rule, r);
}

function evaluationLoss(stage: Stage, tensors: ReturnType<typeof toTensors>): number {
  const prediction = stage.model.forward(tensors.inputs, { training: false, lastDays: stage.rule.lossDays });
  const { total, mse, balance } = fluxLoss({ prediction, target: tensors.target, valid: tensors.valid, weight: tensors.weight }, stage.loss);
  const value = total.dataSync()[0]!;
  for (const t of new Set([prediction, total, mse, balance])) t.dispose();
  return value;
}

/** Lets timers and signals in, and stops where the caller asked to. */
async function pause(context: TrainContext): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  if (context.signal?.aborted) throw new WorkbookError("Interrupted", `train: ${context.dir}: stopped after the last whole epoch as asked; continue with \`resume ${context.dir}\``, { file: context.dir });
}
