import { dense } from "../backend/dense";
import { lstm } from "../backend/lstm/lstm";
import { tf } from "../backend/tf";
import { normaliseByBatch, normaliseByRunning } from "./batch-norm";
import type { ModelConfig } from "./types";
import type { Weights } from "./weights";

/**
 * Windows of a site's own drivers [batch·windows, time, channel] and its one-hots [batch, static] → z [batch, latent].
 * `weight` [batch, windows] as in ModelInputs.
 */
export type TaskEncoder = (windows: tf.Tensor3D, statics: tf.Tensor2D, weight: tf.Tensor2D | undefined, training: boolean) => tf.Tensor2D;

/**
 * The task encoder E: per day Linear(D + S → L), BatchNorm over all days, LeakyReLU 0.2; a bidirectional LSTM whose two final states
 * are summed; Linear(L → L); the mean over the site's windows.
 * @source TAM-RL, arXiv 2603.09974; layers of CarbonFluxBench's ae_tamrl, arXiv 2603.09868; Ghosh et al. 2021, arXiv 2109.06429
 */
export function taskEncoder(weights: Weights, prefix: string, { channels, statics: width, latent }: ModelConfig): TaskEncoder {
  const instance = weights.linear(`${prefix}instance_encoder.0`, channels + width, latent);
  const bn = weights.batchNorm(`${prefix}instance_encoder.1`, latent);
  const ahead = weights.lstm(`${prefix}temporal_encoder`, latent, latent);
  const back = weights.lstm(`${prefix}temporal_encoder`, latent, latent, 0, true);
  const code = weights.linear(`${prefix}code_linear`, latent, latent);

  return (windows, statics, weight, training) => {
    const [rows, time] = windows.shape;
    const batch = statics.shape[0];
    const each = rows / batch;
    // The one-hots are the same every day: their product is made once a site and added to that of the drivers.
    const [ofDrivers, ofStatics] = tf.split<tf.Tensor2D>(instance.weight, [channels, width], 1);
    const daily = dense(windows.reshape([rows * time, channels]), ofDrivers!, tf.zeros([latent])).reshape([rows, time, latent]) as tf.Tensor3D;
    const site = tf.matMul(statics, ofStatics!, false, true).expandDims(1).tile([1, each, 1]).reshape([rows, 1, latent]); // one a window
    const raw = tf.add<tf.Tensor3D>(daily, site); // [rows, time, latent], the bias is left to BatchNorm
    const normal = training
      ? normaliseByBatch(raw, instance.bias, bn, presence(weight, rows))
      : normaliseByRunning(raw, instance.bias, bn);
    const e = tf.leakyRelu(normal, 0.2); // [rows, time, latent]
    const final = tf.add(
      lstm(e, ahead).slice([0, time - 1, 0], [-1, 1, -1]),
      lstm(e, back, { reverse: true }).slice([0, 0, 0], [-1, 1, -1]), // the backward pass ends on the first day
    ).reshape([rows, latent]) as tf.Tensor2D;
    const z = dense(final, code.weight, code.bias).reshape([batch, each, latent]); // [batch, windows, latent]
    return weight === undefined ? z.mean<tf.Tensor2D>(1) : tf.mul(z, weight.expandDims(2)).sum<tf.Tensor2D>(1); // [batch, latent]
  };
}

/** 1 for every window that is there, 0 for a missing one [1, rows]. */
function presence(weight: tf.Tensor2D | undefined, rows: number): tf.Tensor2D {
  return weight === undefined ? tf.ones([1, rows]) : tf.cast(tf.greater(weight, 0), "float32").reshape([1, rows]);
}
