import * as tf from "@tensorflow/tfjs";
import { dense } from "./dense";
import { nativeOps, type NativeOps } from "./native";
import { normalWasm } from "./wasm-normal";
import { wasmOps } from "./wasm-threads";

/** @source torch.nn.BatchNorm1d (default eps) */
export const BATCH_NORM_EPS = 1e-5;
/** Slope of the encoder's leaky ReLU. @source CarbonFluxBench, arXiv 2603.09868 */
export const SLOPE = 0.2;

/** What `normalDays` takes; `rows` is a multiple of `sites`, a site's rows side by side. */
export interface NormalInputs {
  /** data [rows, time, input] */
  readonly x: tf.Tensor3D;
  /** [width, input] */
  readonly w: tf.Tensor2D;
  /** added to every day of a site [sites, width] */
  readonly site: tf.Tensor2D;
  /** data [rows]: 1, or 0 for a row that stays out of the statistics */
  readonly present: tf.Tensor1D;
  /** scale [width] */
  readonly weight: tf.Tensor1D;
  /** shift [width] */
  readonly bias: tf.Tensor1D;
}

/** Statistics of the batch over present days: mean and variance (divided by n) [width]. They live no longer than the call. */
export type Statistics = (mean: tf.Tensor1D, variance: tf.Tensor1D) => void;

/**
 * leakyReLU(BatchNorm(x·wᵀ + site)) by the statistics of the batch, over all days of present rows → [rows, time, width].
 * Differentiable in w, site, weight and bias; `statistics` is told mean and variance. The caller disposes.
 * @source torch.nn.BatchNorm1d, train mode; Ioffe & Szegedy 2015, arXiv 1502.03167
 * @example normalDays({ x, w, site, present, weight, bias }, (mean, variance) => follow(mean, variance))
 */
export function normalDays(inputs: NormalInputs, statistics: Statistics): tf.Tensor3D {
  const native = nativeOps();
  if (native !== null) return normalNative(native, inputs, statistics);
  const wasm = wasmOps();
  return wasm === null ? normalReference(inputs, statistics) : normalWasm(wasm, { ...inputs, eps: BATCH_NORM_EPS, slope: SLOPE }, statistics);
}

/** The truth, in plain operations. */
export function normalReference({ x, w, site, present, weight, bias }: NormalInputs, statistics: Statistics): tf.Tensor3D {
  const [rows, time, input] = x.shape;
  const [sites, width] = site.shape;
  return tf.tidy(() => {
    const ofDrivers = dense(x.reshape([rows * time, input]), w, tf.zeros([width])).reshape([rows, time, width]);
    const ofSite = site.expandDims(1).tile([1, rows / sites, 1]).reshape([rows, 1, width]); // one a row
    const raw = tf.add<tf.Tensor3D>(ofDrivers, ofSite); // [rows, time, width]
    const share = tf.div<tf.Tensor1D>(present, tf.maximum(present.sum(), 1)).expandDims(0) as tf.Tensor2D; // [1, rows]
    const average = (values: tf.Tensor3D): tf.Tensor1D => tf.matMul(share, values.mean<tf.Tensor2D>(1)).reshape([width]); // [width]
    const mean = average(raw);
    const centred = tf.sub<tf.Tensor3D>(raw, mean);
    const variance = average(tf.square(centred));
    statistics(mean, variance);
    return tf.leakyRelu(tf.add<tf.Tensor3D>(tf.mul(centred, tf.mul(weight, tf.rsqrt(tf.add(variance, BATCH_NORM_EPS)))), bias), SLOPE);
  });
}

function normalNative({ run }: NativeOps, { x, w, site, present, weight, bias }: NormalInputs, statistics: Statistics): tf.Tensor3D {
  const op = tf.customGrad((...all) => {
    const [w, site, weight, bias] = all as unknown as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
    const save = all[4] as unknown as (tensors: tf.Tensor[]) => void;
    const given = [x, w, site, present, weight, bias];
    const [e, mean, variance] = run("Normal", [], given, 3) as [tf.Tensor, tf.Tensor1D, tf.Tensor1D];
    save([...given, mean, variance]);
    statistics(mean, variance);
    return { value: e, gradFunc: (de: tf.Tensor, saved: tf.Tensor[]) => run("NormalGrad", [], [...saved, de], 4) };
  });
  return op(w, site, weight, bias) as tf.Tensor3D;
}
