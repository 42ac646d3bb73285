import * as tf from "@tensorflow/tfjs";
import type { NormalInputs, Statistics } from "./normal-days";
import { slicesOfRows } from "./wasm-days";
import { addressOf, emptyTensor } from "./wasm-heap";
import { packWeights } from "./wasm-product";
import type { WasmThreads } from "./wasm-threads";

/** What `normalDays` is given, with ε of BatchNorm and the slope of the leaky ReLU. */
export interface NormalTensors extends NormalInputs {
  readonly eps: number;
  readonly slope: number;
}

/**
 * `normalDays`: three passes over the days forward (product and sum, squares, result), two backward. The statistics are told to
 * `statistics`. A batch without a present row is standardised by mean 0 and variance 0.
 * @example normalWasm(wasm, { x, w, site, present, weight, bias, eps: 1e-5, slope: 0.2 }, follow) // [rows, time, width]
 */
export function normalWasm(wasm: WasmThreads, { x, w, site, present, weight, bias, eps, slope }: NormalTensors, statistics: Statistics): tf.Tensor3D {
  const [rows, time, input] = x.shape;
  const [sites, width] = site.shape;
  const slices = slicesOfRows(wasm, sites);
  const sizes = [slices.rows, sites, rows / sites, time] as const;
  const count = time * Math.max(1, (present.dataSync() as Float32Array).reduce((sum, p) => sum + p, 0));
  const ats = (...tensors: tf.Tensor[]): number[] => tensors.map(addressOf);
  /** doubles: two floats each */
  const sumsOf = (values: number): tf.Tensor => emptyTensor([slices.count, 2 * values]);
  const share = (sums: tf.Tensor, values: number): tf.Tensor1D => {
    const out = emptyTensor<tf.Tensor1D>([values]);
    wasm.run("normalShare", 1, slices.count, values, count, ...ats(sums, out));
    return out;
  };
  const op = tf.customGrad((...all) => {
    const [w, site, weight, bias] = all as unknown as [tf.Tensor2D, tf.Tensor, tf.Tensor, tf.Tensor];
    const save = all[4] as unknown as (tensors: tf.Tensor[]) => void;
    const [e, raw, settings] = [emptyTensor<tf.Tensor3D>([rows, time, width]), emptyTensor([rows, time, width]), tf.tensor1d([eps, slope])];
    const [packed, scratch, sums] = [packWeights(wasm, w), emptyTensor([slices.count * wasm.size("spareSize")]), sumsOf(width)];
    wasm.run("normalRaw", slices.count, ...sizes, input, width, ...ats(x, packed, site, present, raw, sums, scratch));
    const mean = share(sums, width);
    wasm.run("normalSquares", slices.count, ...sizes, width, ...ats(raw, present, mean, sums));
    const variance = share(sums, width);
    wasm.run("normalFinish", slices.count, ...sizes, width, ...ats(settings, raw, mean, variance, weight, bias, e));
    statistics(mean, variance);
    save([x, w, present, weight, bias, raw, mean, variance, settings]);
    return {
      value: e,
      gradFunc: (de: tf.Tensor, saved: tf.Tensor[]) => tf.tidy(() => {
        const [x, w, present, weight, bias, raw, mean, variance, settings] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
        const [g, sums] = [emptyTensor([rows, time, width]), sumsOf(2 * width)];
        wasm.run("normalSums", slices.count, ...sizes, width, ...ats(settings, raw, mean, variance, weight, bias, de, g, sums));
        const shares = share(sums, 2 * width);
        const each = wasm.size("normalScratch", input, width);
        const [dw, dSite, scratch] = [emptyTensor(w.shape), emptyTensor([sites, width]), emptyTensor([slices.count * each])];
        wasm.run("normalGradient", slices.count, ...sizes, input, width, ...ats(settings, x, present, raw, mean, variance, weight, shares, g, dSite, scratch), 4 * each);
        wasm.run("turnedSums", 1, slices.count, input, width, addressOf(scratch) + 4 * wasm.size("spareSize"), 4 * each, addressOf(dw), 0);
        const [dBias, dWeight] = tf.split(tf.mul(shares, count), 2) as [tf.Tensor, tf.Tensor];
        return [dw, dSite, dWeight, dBias];
      }),
    };
  });
  return op(w, site, weight, bias) as tf.Tensor3D;
}
