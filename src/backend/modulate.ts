import * as tf from "@tensorflow/tfjs";
import type { Modulation } from "./embed-days";
import { nativeOps, type NativeOps } from "./native";
import { modulateWasm } from "./wasm-days";
import { wasmOps } from "./wasm-threads";

/**
 * Modulates every day of a row: y = mask ∘ (scale ∘ x + shift); x and mask [batch, days, hidden], scale and shift [batch, hidden].
 * Differentiable in x, scale and shift; the mask (dropout) is data. The caller disposes.
 * @source Perez et al. 2018, arXiv 1709.07871 (FiLM)
 * @example modulate(h, { scale, shift }, dropoutMask(h.shape, 0.3, seed)) // [batch, days, hidden]
 */
export function modulate(x: tf.Tensor3D, modulation: Modulation, mask: tf.Tensor3D | null = null): tf.Tensor3D {
  const native = nativeOps();
  if (native !== null) return modulateNative(native, x, modulation, mask);
  const wasm = wasmOps();
  return wasm === null ? modulateReference(x, modulation, mask) : modulateWasm(wasm, x, modulation.scale, modulation.shift, mask);
}

/** The truth, in plain operations. */
export function modulateReference(x: tf.Tensor3D, { scale, shift }: Modulation, mask: tf.Tensor3D | null): tf.Tensor3D {
  return tf.tidy(() => {
    const y = tf.add<tf.Tensor3D>(tf.mul(x, scale.expandDims(1)), shift.expandDims(1));
    return mask === null ? y : tf.mul(y, mask);
  });
}

function modulateNative({ raw, run }: NativeOps, x: tf.Tensor3D, { scale, shift }: Modulation, mask: tf.Tensor3D | null): tf.Tensor3D {
  const attributes = [raw.flag("masked", mask !== null)];
  const op = tf.customGrad((...all) => {
    const [x, scale, shift] = all as unknown as [tf.Tensor, tf.Tensor, tf.Tensor];
    const save = all[3] as unknown as (tensors: tf.Tensor[]) => void;
    save([x, scale, mask ?? scale]);
    return {
      value: run("Modulate", attributes, [x, scale, shift, mask ?? scale], 1)[0]!,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => run("ModulateGrad", attributes, [...saved, dy], 3),
    };
  });
  return op(x, scale, shift) as tf.Tensor3D;
}
