import * as tf from "@tensorflow/tfjs";
import { WorkbookError } from "../core/errors";
import { rawOps } from "./raw";
import { wasmProduct } from "./wasm-product";
import { wasmOps } from "./wasm-threads";

/**
 * A linear layer: x [rows, in] · w [out, in]ᵀ + b [out] → [rows, out], differentiable in all three. The caller disposes.
 * @throws WorkbookError BadArgument when the shapes do not fit
 * @source torch.nn.Linear (layout of w)
 * @example dense(z, weights.w, weights.b) // [batch, out]
 */
export function dense(x: tf.Tensor2D, w: tf.Tensor2D, b: tf.Tensor1D): tf.Tensor2D {
  if (b.rank !== 1 || b.shape[0] !== w.shape[0]) {
    throw new WorkbookError("BadArgument", `dense: b [out] with w [out, in] is required, got [${b.shape}] with [${w.shape}]; check the layer's sizes`);
  }
  return tf.tidy(() => addBias(product(x, w, true), b));
}

/**
 * The product of two matrices, a [rows, k] · b [k, columns] (or b [columns, k]ᵀ), differentiable in both. The caller disposes.
 * TensorFlow.js's own product is slow in two places, which this goes round: on libtensorflow it is a BatchMatMulV2, here a
 * MatMul; on wasm it has one thread, and a transposed operand leaves the fast path: here it is the project's own, or where that
 * cannot be had operands are transposed beforehand.
 * @throws WorkbookError BadArgument when the shapes do not fit
 * @example product(x, w, true) // x · wᵀ
 */
export function product(a: tf.Tensor2D, b: tf.Tensor2D, transposeB = false): tf.Tensor2D {
  if (a.rank !== 2 || b.rank !== 2 || a.shape[1] !== b.shape[transposeB ? 1 : 0]) {
    throw new WorkbookError("BadArgument", `dense: matrices that fit are required, got [${a.shape}] · [${b.shape}]${transposeB ? "ᵀ" : ""}; check the layer's sizes`);
  }
  const times = multiplier();
  const run = tf.customGrad((...all) => {
    const [a, b] = all as unknown as [tf.Tensor2D, tf.Tensor2D];
    const save = all[2] as unknown as (tensors: tf.Tensor[]) => void;
    save([a, b]);
    return {
      value: times(a, b, false, transposeB),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [a, b] = saved as [tf.Tensor2D, tf.Tensor2D];
        const d = dy as tf.Tensor2D;
        return [times(d, b, false, !transposeB), transposeB ? times(d, a, true, false) : times(a, d, true, false)];
      },
    };
  });
  return run(a, b) as tf.Tensor2D;
}

/** The current backend's fastest product of two matrices. */
function multiplier(): (a: tf.Tensor2D, b: tf.Tensor2D, transposeA: boolean, transposeB: boolean) => tf.Tensor2D {
  const ops = rawOps();
  if (ops !== null) return ops.matMul;
  const wasm = wasmOps();
  if (wasm !== null) return (a, b, transposeA, transposeB) => wasmProduct(wasm, a, b, transposeA, transposeB);
  const turned = (m: tf.Tensor2D, turn: boolean): tf.Tensor2D => (turn ? tf.transpose(m) : m);
  return (a, b, transposeA, transposeB) => tf.tidy(() => tf.matMul(turned(a, transposeA), turned(b, transposeB)));
}

/** Adds b [out] to each row of y [rows, out]; on libtensorflow without a broadcast sum in the gradient. */
function addBias(y: tf.Tensor2D, b: tf.Tensor1D): tf.Tensor2D {
  const ops = rawOps();
  if (ops === null) return tf.add(y, b);
  const run = tf.customGrad((...all) => {
    const [y, b] = all as tf.Tensor[];
    return {
      value: ops.run("BiasAdd", [ops.float], [y!, b!], 1)[0]!,
      gradFunc: (dy: tf.Tensor) => [tf.clone(dy), ops.run("BiasAddGrad", [ops.float], [dy], 1)[0]!],
    };
  });
  return run(y, b) as tf.Tensor2D;
}
