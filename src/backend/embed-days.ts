import * as tf from "@tensorflow/tfjs";
import { WorkbookError } from "../core/errors";
import { dense } from "./dense";
import { modulate } from "./modulate";
import { nativeOps, type NativeOps } from "./native";
import { embedWasm } from "./wasm-days";
import { wasmOps } from "./wasm-threads";

/** Modulation of every day of a row: scale and shift [batch, hidden]. */
export interface Modulation {
  readonly scale: tf.Tensor2D;
  readonly shift: tf.Tensor2D;
}

/**
 * A linear layer on every day of the drivers, modulated by row: y = scale ∘ (x·wᵀ + b) + shift, or without modulation y = x·wᵀ + b.
 * x [batch, time, input] is data: differentiable in w [hidden, input], b [hidden], scale and shift only. The caller disposes.
 * @throws WorkbookError BadArgument when the shapes do not fit
 * @source Perez et al. 2018, arXiv 1709.07871 (FiLM)
 * @example embedDays(x, weights.w, weights.b, { scale, shift }) // [batch, time, hidden]
 */
export function embedDays(x: tf.Tensor3D, w: tf.Tensor2D, b: tf.Tensor1D, modulation: Modulation | null = null): tf.Tensor3D {
  const [batch, , input] = x.shape;
  const hidden = w.shape[0];
  const fits = w.shape[1] === input && b.shape[0] === hidden && (modulation === null || [modulation.scale, modulation.shift].every((m) => m.shape[0] === batch && m.shape[1] === hidden));
  if (!fits) throw new WorkbookError("BadArgument", `embedDays: x [batch, time, input], w [hidden, input], b [hidden], scale and shift [batch, hidden] are required, got [${x.shape}], [${w.shape}], [${b.shape}]${modulation ? `, [${modulation.scale.shape}], [${modulation.shift.shape}]` : ""}; check the layer's sizes`);
  const native = nativeOps();
  if (native !== null) return embedNative(native, x, w, b, modulation);
  const wasm = wasmOps();
  return wasm === null ? embedReference(x, w, b, modulation) : embedWasm(wasm, x, w, b, modulation?.scale ?? null, modulation?.shift ?? null);
}

/** The truth, in plain operations. */
export function embedReference(x: tf.Tensor3D, w: tf.Tensor2D, b: tf.Tensor1D, modulation: Modulation | null): tf.Tensor3D {
  const [batch, time, input] = x.shape;
  return tf.tidy(() => {
    const y = dense(x.reshape([batch * time, input]), w, b).reshape([batch, time, w.shape[0]]) as tf.Tensor3D; // [batch, time, hidden]
    return modulation === null ? y : modulate(y, modulation);
  });
}

function embedNative({ raw, run }: NativeOps, x: tf.Tensor3D, w: tf.Tensor2D, b: tf.Tensor1D, modulation: Modulation | null): tf.Tensor3D {
  const attributes = [raw.flag("modulated", modulation !== null)];
  const op = tf.customGrad((...all) => {
    const [w, b, scale = b, shift = b] = all.slice(0, modulation === null ? 2 : 4) as [tf.Tensor, tf.Tensor, tf.Tensor?, tf.Tensor?];
    const save = all[all.length - 1] as unknown as (tensors: tf.Tensor[]) => void;
    save([x, w, b, scale]);
    return {
      value: run("Embed", attributes, [x, w, b, scale, shift], 1)[0]!,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [dw, db, dScale, dShift] = run("EmbedGrad", attributes, [...saved, dy], 4) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
        if (modulation !== null) return [dw, db, dScale, dShift];
        tf.dispose([dScale, dShift]);
        return [dw, db];
      },
    };
  });
  return (modulation === null ? op(w, b) : op(w, b, modulation.scale, modulation.shift)) as tf.Tensor3D;
}
