import { tf } from "../backend/tf";
import { gradients } from "../model/gradients";
import { fluxLoss, type LossOptions } from "../model/losses";
import type { FluxModel } from "../model/types";
import type { Batch } from "../windows/batches";
import type { AdaptRule } from "../windows/few-shot-adapt";
import type { Standardiser } from "../windows/standardise";
import type { RunConfig } from "./config";
import { disposeBatch, toTensors, type BatchTensors } from "./tensors";

/** Windows an adaptation learns from at most: those of two years, 15 days apart. */
const MOST_WINDOWS = 48;

/**
 * Windows of an adaptation. The loss is on the last two thirds of a window, not on the last days alone: a record that begins with its first
 * flux has no window that ends in its first month.
 */
export function adaptRule(config: RunConfig): AdaptRule {
  return { window: config.window, lossDays: Math.max(1, Math.round((2 * config.window) / 3)), most: MOST_WINDOWS, unknownQc: config.unknown_qc };
}

/** Windows by which an adaptation is judged: as in training, on their last days. */
export function judgeRule(config: RunConfig, most: number): AdaptRule {
  return { window: config.window, lossDays: config.stride, most, unknownQc: config.unknown_qc };
}

/** The loss of a run. */
export function lossOptions(config: RunConfig, { targetMean, targetSd }: Standardiser): LossOptions {
  return { balance: config.balance, balanceWeight: config.balance_weight, targetMean, targetSd };
}

/** A batch on the backend with the task embedding [1, latent] of its one site, where the model has one. */
export interface TaskBatch {
  readonly tensors: BatchTensors;
  readonly lossDays: number;
  readonly z: tf.Tensor2D | null;
}

/** Moves one site's windows to the backend; `z` stays the caller's. The caller disposes by `disposeBatch(task.tensors)`. */
export function taskBatch(batch: Batch, rule: AdaptRule, channels: number, z: tf.Tensor2D | null): TaskBatch {
  return { tensors: toTensors(batch, { window: rule.window, lossDays: rule.lossDays, support: 0, pastOnly: false }, channels), lossDays: rule.lossDays, z };
}

/** Loss of one site's windows; running statistics and no dropout unless `dropoutSeed` is given. */
export function taskLoss(model: FluxModel, task: TaskBatch, loss: LossOptions, dropoutSeed?: number): tf.Scalar {
  const { inputs, target, valid, weight } = task.tensors;
  const z = task.z === null ? {} : { z: tf.tile(task.z, [inputs.x.shape[0], 1]) as tf.Tensor2D };
  const prediction = model.forward({ ...inputs, ...z }, { training: dropoutSeed !== undefined, lastDays: task.lossDays, ...(dropoutSeed === undefined ? {} : { dropoutSeed }) });
  return fluxLoss({ prediction, target, valid, weight }, loss).total;
}

/** Makes `steps` gradient steps on one site's windows, each by `move`. */
export function descend(model: FluxModel, task: TaskBatch, loss: LossOptions, steps: number, move: (grads: ReadonlyMap<string, tf.Tensor>) => void): void {
  for (let k = 0; k < steps; k++) {
    const { value, grads } = gradients(model.parameters, () => taskLoss(model, task, loss));
    move(grads);
    tf.dispose([value, ...grads.values()]);
  }
}

/** `taskLoss` as a number. */
export function taskLossValue(model: FluxModel, task: TaskBatch, loss: LossOptions): number {
  return tf.tidy(() => taskLoss(model, task, loss).dataSync()[0]!);
}

export { disposeBatch };
