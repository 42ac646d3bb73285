import * as tf from "@tensorflow/tfjs";
import { addressOf, emptyTensor } from "./wasm-heap";
import { packWeights } from "./wasm-product";
import type { WasmThreads } from "./wasm-threads";

/** Slices of the batch for each thread: enough that none waits long for the last. */
const SLICES = 3;

/** Rows of a slice and the number of slices. */
export function slicesOfRows(wasm: WasmThreads, batch: number): { readonly rows: number; readonly count: number } {
  const rows = Math.ceil(batch / (wasm.threads === 1 ? 1 : SLICES * wasm.threads));
  return { rows, count: Math.ceil(batch / rows) };
}

/** An address, or 0 for what is not there. */
const at = (tensor: tf.Tensor | null): number => (tensor === null ? 0 : addressOf(tensor));

/**
 * `embedDays` in one pass over the days each way; without modulation scale and shift are null.
 * @example embedWasm(wasm, x, w, b, scale, shift) // [batch, time, hidden]
 */
export function embedWasm(wasm: WasmThreads, x: tf.Tensor3D, w: tf.Tensor2D, b: tf.Tensor1D, scale: tf.Tensor2D | null, shift: tf.Tensor2D | null): tf.Tensor3D {
  const [batch, time, input] = x.shape;
  const hidden = w.shape[0];
  const slices = slicesOfRows(wasm, batch);
  const sizes = [slices.rows, batch, time, input, hidden];
  const op = tf.customGrad((...all) => {
    const [w, b, scale = null, shift = null] = all.slice(0, -1) as tf.Tensor[];
    const save = all[all.length - 1] as unknown as (tensors: tf.Tensor[]) => void;
    save([x, w!, b!, ...(scale === null ? [] : [scale])]);
    return {
      value: tf.tidy(() => {
        const y = emptyTensor<tf.Tensor3D>([batch, time, hidden]);
        const [packed, scratch] = [packWeights(wasm, w as tf.Tensor2D), emptyTensor([slices.count * wasm.size("spareSize")])];
        wasm.run("embed", slices.count, ...sizes, ...[x, packed, b!, scale, shift, y, scratch].map(at));
        return y;
      }),
      gradFunc: (dy: tf.Tensor, [x, w, b, scale = null]: (tf.Tensor | null)[]) => tf.tidy(() => {
        const [dw, db] = [emptyTensor([hidden, input]), emptyTensor([hidden])];
        const [dScale, dShift] = [emptyTensor([batch, hidden]), emptyTensor([batch, hidden])];
        const each = wasm.size("embedScratch", input, hidden);
        const [packed, scratch] = [packWeights(wasm, w as tf.Tensor2D), emptyTensor([slices.count * each])];
        wasm.run("embedGradient", slices.count, ...sizes, ...[x!, packed, b!, scale, dy, dScale, dShift, scratch].map(at), 4 * each);
        const sums = addressOf(scratch) + 4 * (each - wasm.size("embedSums", input, hidden));
        wasm.run("turnedSums", 1, slices.count, input, hidden, sums, 4 * each, ...[dw, db].map(at));
        return scale === null ? [dw, db] : [dw, db, dScale, dShift];
      }),
    };
  });
  return (scale === null || shift === null ? op(w, b) : op(w, b, scale, shift)) as tf.Tensor3D;
}

/** `modulate` in one pass each way. @example modulateWasm(wasm, h, scale, shift, mask) */
export function modulateWasm(wasm: WasmThreads, x: tf.Tensor3D, scale: tf.Tensor2D, shift: tf.Tensor2D, mask: tf.Tensor3D | null): tf.Tensor3D {
  const [batch, time, hidden] = x.shape;
  const slices = slicesOfRows(wasm, batch);
  const sizes = [slices.rows, batch, time, hidden];
  const op = tf.customGrad((...all) => {
    const [x, scale, shift] = all as unknown as [tf.Tensor, tf.Tensor, tf.Tensor];
    const save = all[3] as unknown as (tensors: tf.Tensor[]) => void;
    save([x, scale, ...(mask === null ? [] : [mask])]);
    const y = emptyTensor<tf.Tensor3D>([batch, time, hidden]);
    wasm.run("modulate", slices.count, ...sizes, ...[x, scale, shift, mask, y].map(at));
    return {
      value: y,
      gradFunc: (dy: tf.Tensor, [x, scale, mask = null]: (tf.Tensor | null)[]) => {
        const [dx, dScale, dShift] = [emptyTensor([batch, time, hidden]), emptyTensor([batch, hidden]), emptyTensor([batch, hidden])];
        wasm.run("modulateGradient", slices.count, ...sizes, ...[x!, scale!, mask, dy, dx, dScale, dShift].map(at));
        return [dx, dScale, dShift];
      },
    };
  });
  return op(x, scale, shift) as tf.Tensor3D;
}

/**
 * One step of Adam, in one pass over each parameter; the eight rates are those of wasm/days.ts. The caller disposes.
 * @example adamWasm(wasm, rates, mean, square, gradients, parameters)
 */
export function adamWasm(wasm: WasmThreads, rates: readonly number[], mean: tf.Tensor1D, square: tf.Tensor1D, gradients: readonly tf.Tensor[], parameters: readonly tf.Tensor[]): { mean: tf.Tensor1D; square: tf.Tensor1D; parameters: tf.Tensor[] } {
  const numbers = tf.tensor1d([...rates]);
  const next = { mean: emptyTensor<tf.Tensor1D>(mean.shape), square: emptyTensor<tf.Tensor1D>(square.shape), parameters: parameters.map((p) => emptyTensor(p.shape)) };
  let from = 0;
  parameters.forEach((p, k) => {
    const moments = [mean, square, next.mean, next.square].map((t) => addressOf(t) + 4 * from) as [number, number, number, number];
    wasm.run("adam", 1, p.size, at(numbers), at(p), at(gradients[k]!), moments[0], moments[1], at(next.parameters[k]!), moments[2], moments[3]);
    from += p.size;
  });
  numbers.dispose();
  return next;
}
