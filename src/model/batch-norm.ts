import { embedDays } from "../backend/embed-days";
import { BATCH_NORM_EPS, normalDays, SLOPE } from "../backend/normal-days";
import { tf } from "../backend/tf";
import type { BatchNorm } from "./weights";

const MOMENTUM = 0.1;

/** Days of windows and what is the same on every day of a site; a site's windows stand side by side. */
export interface DailyInputs {
  /** data [rows, time, channel] */
  readonly x: tf.Tensor3D;
  /** [width, channel] */
  readonly w: tf.Tensor2D;
  /** [width] */
  readonly offset: tf.Tensor1D;
  /** [sites, width] */
  readonly site: tf.Tensor2D;
}

/**
 * leakyReLU(BatchNorm(x·wᵀ + offset + site)) by running statistics → [rows, time, width].
 * @source torch.nn.BatchNorm1d, eval mode; Ioffe & Szegedy 2015
 */
export function normaliseByRunning({ x, w, offset, site }: DailyInputs, bn: BatchNorm): tf.Tensor3D {
  const [sites, width] = site.shape;
  const rows = x.shape[0];
  const scale = tf.mul<tf.Tensor1D>(bn.weight, tf.rsqrt(tf.add(bn.runningVar, BATCH_NORM_EPS))); // [width]
  const ofSite = tf.add<tf.Tensor2D>(tf.mul(tf.sub(site, bn.runningMean), scale), bn.bias); // [sites, width]
  const each = ofSite.expandDims(1).tile([1, rows / sites, 1]).reshape([rows, width]) as tf.Tensor2D;
  return tf.leakyRelu(embedDays(x, w, offset, { scale: scale.expandDims(0).tile([rows, 1]), shift: each }), SLOPE);
}

/**
 * The same by the statistics of the batch, over days and present rows (`present` [rows]: 1, or 0 for a row that does not count). The
 * running statistics move; their variance is the unbiased one. The offset cancels, so it is never added: its gradient is then zero, not
 * rounding noise that Adam would blow up.
 * @source torch.nn.BatchNorm1d, train mode; Ioffe & Szegedy 2015
 */
export function normaliseByBatch({ x, w, offset, site }: DailyInputs, bn: BatchNorm, present: tf.Tensor1D): tf.Tensor3D {
  return normalDays({ x, w, site, present, weight: bn.weight, bias: bn.bias }, (mean, variance) => {
    const days = tf.mul(tf.maximum(present.sum(), 1), x.shape[1]);
    follow(bn.runningMean, tf.add(mean, offset));
    follow(bn.runningVar, tf.mul(variance, tf.div(days, tf.maximum(tf.sub(days, 1), 1))));
    bn.updates.assign(tf.add(bn.updates, 1));
  });
}

function follow(running: tf.Variable<tf.Rank.R1>, now: tf.Tensor): void {
  running.assign(tf.add(tf.mul(running, 1 - MOMENTUM), tf.mul(now, MOMENTUM)));
}
