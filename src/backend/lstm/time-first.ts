import * as tf from "@tensorflow/tfjs";

/** [batch, time, …] → [time, batch, …], from the last day when `reverse`. The caller disposes. @example timeFirst(x, false) */
export function timeFirst(x: tf.Tensor3D, reverse: boolean): tf.Tensor3D {
  const turned = tf.transpose(x, [1, 0, 2]);
  return reverse ? tf.reverse(turned, 0) : turned;
}

/** The way back of `timeFirst`. The caller disposes. @example batchFirst(states, false) */
export function batchFirst(x: tf.Tensor3D, reverse: boolean): tf.Tensor3D {
  return tf.transpose(reverse ? tf.reverse(x, 0) : x, [1, 0, 2]);
}
