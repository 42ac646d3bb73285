import * as tf from "@tensorflow/tfjs";
import { dense } from "../dense";
import { nativeOps, type NativeOps } from "../native";
import { wasmOps } from "../wasm-threads";
import { slideWasm } from "./slide-wasm";
import type { LstmWeights } from "./weights";

/**
 * The last state of each of many windows over the same days, `time` days from each of `starts`: days [days, input] → [windows, hidden].
 * Windows overlap, so x·W_ihᵀ is made once a day instead of once a window and day: about half of the arithmetic. For prediction: no
 * gradient. Null where the kernel in use has no such form; windows are then cut. The caller disposes.
 * @example lstmSlide(u, starts, 45, weights) ?? lstm(cut(u, starts, 45), weights, { lastDays: 1 })
 */
export function lstmSlide(days: tf.Tensor2D, starts: Int32Array, time: number, weights: LstmWeights): tf.Tensor2D | null {
  const native = nativeOps();
  if (native !== null) return slideNative(native, days, starts, time, weights);
  const wasm = wasmOps();
  return wasm === null ? null : slideWasm(wasm, days, starts, time, weights);
}

function slideNative({ raw, run }: NativeOps, days: tf.Tensor2D, starts: Int32Array, time: number, { wIh, wHh, bIh, bHh }: LstmWeights): tf.Tensor2D {
  return tf.tidy(() => {
    const projected = dense(days, wIh, tf.add(bIh, bHh)); // [days, 4·hidden]
    return run("Slide", [raw.whole("time", time)], [projected, wHh, tf.tensor1d(Float32Array.from(starts))], 1)[0] as tf.Tensor2D;
  });
}
