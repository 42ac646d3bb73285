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
 * Moves a batch to the backend: x `[batch, time, channel]`, support `[set * windows, time, channel]` (few-shot: with its flux channels), target `[batch, day, flux]`.
 * @example const tensors = toTensors(batch, rule, 20)
 */
export function toTensors(batch: Batch, rule: BatchRule, channels: number): BatchTensors {
  const { size } = batch;
  return {
    inputs: {
      x: tf.tensor3d(batch.x, [size, rule.window, channels]),
      statics: tf.tensor2d(batch.statics, [size, STATIC_WIDTH]),
      ...supportTensors(batch, rule.window),
    },
    target: tf.tensor3d(batch.y, [size, rule.lossDays, 3]),
    valid: tf.tensor3d(batch.valid, [size, rule.lossDays, 3]),
    weight: tf.tensor2d(batch.weight, [size, rule.lossDays]),
  };
}

function supportTensors({ size, windows, support, supportWeight, shared }: Batch, time: number): Pick<ModelInputs, "support" | "supportWeight" | "sets"> {
  if (support === null || supportWeight === null) return {};
  const sets = supportWeight.length / windows;
  const own = { support: tf.tensor3d(support, [sets * windows, time, support.length / (sets * windows * time)]), supportWeight: tf.tensor2d(supportWeight, [sets, windows]) };
  if (shared === null) return own;
  const of = new Float32Array(size * sets);
  shared.of.forEach((set, b) => (of[b * sets + set] = 1));
  return { ...own, sets: { of: tf.tensor2d(of, [size, sets]), statics: tf.tensor2d(shared.statics, [sets, STATIC_WIDTH]) } };
}

/** Frees a batch's tensors. */
export function disposeBatch({ inputs: { x, statics, support, supportWeight, sets }, target, valid, weight }: BatchTensors): void {
  tf.dispose([x, statics, target, valid, weight, ...[support, supportWeight, sets?.of, sets?.statics].filter((t) => t !== undefined)]);
}
