import { dense, product } from "../backend/dense";
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
    const rows = windows.shape[0];
    const batch = statics.shape[0];
    const each = rows / batch;
    // The one-hots are the same every day: their product is made once a site and added to that of the drivers.
    const [ofDrivers, ofStatics] = tf.split<tf.Tensor2D>(instance.weight, [channels, width], 1);
    const daily = { x: windows, w: ofDrivers!, offset: instance.bias, site: product(statics, ofStatics!, true) };
    const e = training ? normaliseByBatch(daily, bn, presence(weight, rows)) : normaliseByRunning(daily, bn); // [rows, time, latent]
    // The backward pass ends on the first day.
    const final = tf.add(lstm(e, ahead, { lastDays: 1 }), lstm(e, back, { reverse: true, lastDays: 1 })).reshape([rows, latent]) as tf.Tensor2D;
    const z = dense(final, code.weight, code.bias).reshape([batch, each, latent]); // [batch, windows, latent]
    return weight === undefined ? z.mean<tf.Tensor2D>(1) : tf.mul(z, weight.expandDims(2)).sum<tf.Tensor2D>(1); // [batch, latent]
  };
}

/** 1 for every window that is there, 0 for a missing one [rows]. */
function presence(weight: tf.Tensor2D | undefined, rows: number): tf.Tensor1D {
  return weight === undefined ? tf.ones([rows]) : tf.cast(tf.greater(weight, 0), "float32").reshape([rows]);
}
