import * as tf from "@tensorflow/tfjs";
import { WorkbookError } from "../core/errors";
import { rawOps } from "./raw";

/**
 * A linear layer: x [rows, in] · w [out, in]ᵀ + b [out] → [rows, out], differentiable in all three. The caller disposes.
 * On libtensorflow it is one MatMul and one BiasAdd instead of TensorFlow.js's batched product and broadcast sum.
 * @throws WorkbookError BadArgument when the shapes do not fit
 * @source torch.nn.Linear (layout of w)
 * @example dense(z, weights.w, weights.b) // [batch, out]
 */
export function dense(x: tf.Tensor2D, w: tf.Tensor2D, b: tf.Tensor1D): tf.Tensor2D {
  if (x.rank !== 2 || w.rank !== 2 || x.shape[1] !== w.shape[1] || b.rank !== 1 || b.shape[0] !== w.shape[0]) {
    throw new WorkbookError("BadArgument", `dense: x [rows, in], w [out, in] and b [out] are required, got [${x.shape}], [${w.shape}] and [${b.shape}]; check the layer's sizes`);
  }
  const ops = rawOps();
  if (ops === null) return tf.tidy(() => tf.add(tf.matMul(x, w, false, true), b) as tf.Tensor2D);
  const run = tf.customGrad((...all) => {
    const [x, w, b] = all as unknown as [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D];
    const save = all[3] as unknown as (tensors: tf.Tensor[]) => void;
    save([x, w]);
    return {
      value: ops.run("BiasAdd", [ops.float], [ops.matMul(x, w, false, true), b], 1)[0]!,
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [x, w] = saved as [tf.Tensor2D, tf.Tensor2D];
        const d = dy as tf.Tensor2D;
        return [ops.matMul(d, w), ops.matMul(d, x, true), ops.run("BiasAddGrad", [ops.float], [d], 1)[0]!];
      },
    };
  });
  return run(x, w, b) as tf.Tensor2D;
}
