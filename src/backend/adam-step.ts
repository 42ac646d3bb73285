import * as tf from "@tensorflow/tfjs";
import { nativeOps } from "./native";
import { adamWasm } from "./wasm-days";
import { wasmOps } from "./wasm-threads";

/** State and parameters of Adam before a step, or after it. */
export interface AdamState {
  /** first moments of all parameters, one after the other [total] */
  readonly mean: tf.Tensor1D;
  /** second moments [total] */
  readonly square: tf.Tensor1D;
  readonly parameters: readonly tf.Tensor[];
}

/** Rates of one step: bias corrections for step `count` (from 1) are made of them. */
export interface AdamRates {
  readonly lr: number;
  readonly betas: readonly [number, number];
  readonly eps: number;
  /** decoupled weight decay; 0 = Adam */
  readonly decay: number;
  readonly count: number;
}

/**
 * One step of Adam or AdamW over all parameters at once: an eager operation has a price of its own, and a step per variable would pay it
 * some 250 times. p ← (1 − lr·decay)·p − lr/(1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε). The caller disposes.
 * @source Kingma & Ba 2015, arXiv 1412.6980; Loshchilov & Hutter 2019, arXiv 1711.05101; torch.optim.Adam, AdamW
 * @example adamStep({ mean, square, parameters }, gradients, { lr: 1e-3, betas: [0.9, 0.999], eps: 1e-8, decay: 0, count: 1 })
 */
export function adamStep(state: AdamState, gradients: readonly tf.Tensor[], rates: AdamRates): AdamState {
  const native = nativeOps();
  const wasm = wasmOps();
  if (native === null && wasm === null) return adamReference(state, gradients, rates);
  const { lr, betas: [beta1, beta2], eps, decay, count } = rates;
  const list = [beta1, 1 - beta1, beta2, 1 - beta2, eps, lr / (1 - beta1 ** count), Math.sqrt(1 - beta2 ** count), 1 - lr * decay];
  if (native === null) return adamWasm(wasm!, list, state.mean, state.square, gradients, state.parameters);
  return tf.tidy(() => {
    const numbers = tf.tensor1d(list);
    const [mean, square, ...parameters] = native.run("Adam", [native.raw.whole("N", gradients.length)], [numbers, state.mean, state.square, ...gradients, ...state.parameters], 2 + gradients.length);
    return { mean: mean as tf.Tensor1D, square: square as tf.Tensor1D, parameters } as never;
  });
}

/** The truth, in plain operations. */
export function adamReference({ mean, square, parameters }: AdamState, gradients: readonly tf.Tensor[], { lr, betas: [beta1, beta2], eps, decay, count }: AdamRates): AdamState {
  const flat = (tensors: readonly tf.Tensor[]): tf.Tensor1D => tf.concat(tensors.map((t) => t.reshape([t.size]) as tf.Tensor1D));
  return tf.tidy(() => {
    const g = flat(gradients);
    const p = flat(parameters);
    const m = tf.add<tf.Tensor1D>(tf.mul(mean, beta1), tf.mul(g, 1 - beta1));
    const v = tf.add<tf.Tensor1D>(tf.mul(square, beta2), tf.mul(tf.square(g), 1 - beta2));
    const root = tf.add(tf.div(tf.sqrt(v), Math.sqrt(1 - beta2 ** count)), eps);
    const next = tf.sub<tf.Tensor1D>(decay === 0 ? p : tf.mul(p, 1 - lr * decay), tf.mul(tf.div(m, root), lr / (1 - beta1 ** count)));
    const parts = tf.split(next, parameters.map((t) => t.size));
    return { mean: m, square: v, parameters: parts.map((part, k) => part.reshape(parameters[k]!.shape)) } as never;
  });
}
