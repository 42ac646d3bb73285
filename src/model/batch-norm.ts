import { tf } from "../backend/tf";
import type { BatchNorm } from "./weights";

const EPS = 1e-5;
const MOMENTUM = 0.1;

/**
 * BatchNorm of x + offset by running statistics: x [rows, time, width], offset [width] → [rows, time, width].
 * @source torch.nn.BatchNorm1d, eval mode; Ioffe & Szegedy 2015
 */
export function normaliseByRunning(x: tf.Tensor3D, offset: tf.Tensor1D, bn: BatchNorm): tf.Tensor3D {
  const scale = tf.mul(bn.weight, tf.rsqrt(tf.add(bn.runningVar, EPS))); // [width]
  return tf.add(tf.mul(x, scale), tf.add(bn.bias, tf.mul(tf.sub(offset, bn.runningMean), scale)));
}

/**
 * BatchNorm of x + offset by the statistics of the batch, over days and present rows: x [rows, time, width], offset [width],
 * present [1, rows] (1, or 0 for a row that does not count) → [rows, time, width]. The running statistics move; their variance is the
 * unbiased one. The offset cancels, so it is never added: its gradient is then zero, not rounding noise that Adam would blow up.
 * @source torch.nn.BatchNorm1d, train mode; Ioffe & Szegedy 2015
 */
export function normaliseByBatch(x: tf.Tensor3D, offset: tf.Tensor1D, bn: BatchNorm, present: tf.Tensor2D): tf.Tensor3D {
  const [, time, width] = x.shape;
  const rows = tf.maximum(present.sum(), 1);
  const share = tf.div<tf.Tensor2D>(present, rows);
  const average = (values: tf.Tensor3D): tf.Tensor1D => tf.matMul(share, values.mean<tf.Tensor2D>(1)).reshape([width]); // [width]
  const mean = average(x);
  const centred = tf.sub<tf.Tensor3D>(x, mean);
  const variance = average(tf.square(centred));
  const days = tf.mul(rows, time);
  follow(bn.runningMean, tf.add(mean, offset));
  follow(bn.runningVar, tf.mul(variance, tf.div(days, tf.maximum(tf.sub(days, 1), 1))));
  bn.updates.assign(tf.add(bn.updates, 1));
  return tf.add(tf.mul(centred, tf.mul(bn.weight, tf.rsqrt(tf.add(variance, EPS)))), bn.bias);
}

function follow(running: tf.Variable<tf.Rank.R1>, now: tf.Tensor): void {
  running.assign(tf.add(tf.mul(running, 1 - MOMENTUM), tf.mul(now, MOMENTUM)));
}
