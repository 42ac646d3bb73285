import { STATIC_WIDTH } from "../core/quantities";
import { tf } from "../backend/tf";
import type { ModelInputs } from "../model/types";
import type { Batch, BatchRule } from "../windows/batches";

/** A batch as tensors; the caller disposes by `disposeBatch`. */
export interface BatchTensors {
  readonly inputs: ModelInputs;
  readonly target: ReturnType<typeof tf.tensor3d>;
  readonly valid: ReturnType<typeof tf.tensor3d>;
  readonly weight: ReturnType<typeof tf.tensor2d>;
}

/**
 * Moves a batch to the backend: x `[batch, time, channel]`, support `[batch * windows, time, channel]` (few-shot: with its flux channels), target `[batch, day, flux]`.
 * @example const tensors = toTensors(batch, rule, 20)
 */
export function toTensors(batch: Batch, rule: BatchRule, channels: number): BatchTensors {
  const { size, windows } = batch;
  return {
    inputs: {
      x: tf.tensor3d(batch.x, [size, rule.window, channels]),
      statics: tf.tensor2d(batch.statics, [size, STATIC_WIDTH]),
      ...(batch.support && batch.supportWeight
        ? { support: tf.tensor3d(batch.support, [size * windows, rule.window, batch.support.length / (size * windows * rule.window)]), supportWeight: tf.tensor2d(batch.supportWeight, [size, windows]) }
        : {}),
    },
    target: tf.tensor3d(batch.y, [size, rule.lossDays, 3]),
    valid: tf.tensor3d(batch.valid, [size, rule.lossDays, 3]),
    weight: tf.tensor2d(batch.weight, [size, rule.lossDays]),
  };
}

/** Frees a batch's tensors. */
export function disposeBatch(tensors: BatchTensors): void {
  tf.dispose([tensors.inputs.x, tensors.inputs.statics, tensors.target, tensors.valid, tensors.weight]);
  if (tensors.inputs.support) tensors.inputs.support.dispose();
  if (tensors.inputs.supportWeight) tensors.inputs.supportWeight.dispose();
}
