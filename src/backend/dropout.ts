import * as tf from "@tensorflow/tfjs";
import { nativeOps } from "./native";

/**
 * Inverted-dropout mask of the shape of `like`: 0 with probability `rate`, else 1/(1 − rate). Entry k is a hash of k and `key`, the same
 * on every backend; a stream of `random` would take most of a training step. Data: no gradient. The caller disposes.
 * @source mixing steps of MurmurHash3's 32-bit finaliser (Austin Appleby, public domain)
 * @example dropout(h, 0.3, 0xdeadbeef)
 */
export function dropout<T extends tf.Tensor>(like: T, rate: number, key: number): T {
  const native = nativeOps();
  const below = Math.round(rate * 2 ** 32);
  if (native === null) return tf.tensor(dropoutReference(like.size, key, below, 1 / (1 - rate)), like.shape) as T;
  const halves = [key, below].flatMap((n) => [Math.floor(n / 65536), n % 65536]);
  return tf.tidy(() => native.run("Dropout", [], [like, tf.tensor1d([...halves, 1 / (1 - rate)])], 1)[0] as T);
}

/** The truth. Without a branch, on whole numbers only: V8 then keeps the loop in registers. */
export function dropoutReference(size: number, key: number, below: number, keep: number): Float32Array {
  const kept = new Int32Array(new Float32Array([keep]).buffer)[0]!;
  const bound = (below - 2 ** 31) | 0;
  const mask = new Int32Array(size);
  for (let k = 0; k < size; k++) {
    let h = Math.imul(k, 0x9e3779b1 | 0) ^ key;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b | 0);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35 | 0);
    const u = h ^ (h >>> 16) ^ -2147483648; // signed order equals unsigned order of the hash
    const less = (u - bound) ^ ((u ^ bound) & ((u - bound) ^ u)); // sign bit: u < bound, overflow considered
    mask[k] = kept & ~(less >> 31);
  }
  return new Float32Array(mask.buffer);
}
