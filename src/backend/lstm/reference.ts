import * as tf from "@tensorflow/tfjs";
import { dense, product } from "../dense";
import type { LstmInputs } from "./weights";

/**
 * The LSTM in plain TensorFlow.js operations: the truth every other kernel is held to, and the kernel of any backend.
 * i, f, o = σ(·), g = tanh(·) of x·W_ihᵀ + h·W_hhᵀ + b;  c ← f ∘ c + i ∘ g;  h = o ∘ tanh(c).
 * x·W_ihᵀ is taken out of the loop: one product for all days, then one a day for the state.
 * @source Hochreiter & Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735, with the forget gate of Gers et al. 2000, doi:10.1162/089976600300015015; gate order of torch.nn.LSTM
 * @example lstmReference({ x, wIh, wHh, bias, h0, c0, reverse: false }) // [batch, time, hidden]
 */
export function lstmReference({ x, wIh, wHh, bias, h0, c0, reverse }: LstmInputs): tf.Tensor3D {
  return tf.tidy(() => {
    const [batch, time, input] = x.shape;
    const gates = wHh.shape[0];
    const projected = dense(x.reshape([batch * time, input]), wIh, bias); // [batch·time, 4·hidden]
    // A single day is reshaped: the gradient of an unstack into one piece fails in TensorFlow.js 4.22.
    const days = time === 1 ? [projected] : (tf.unstack(projected.reshape([batch, time, gates]), 1) as tf.Tensor2D[]); // time × [batch, 4·hidden]
    const states = new Array<tf.Tensor2D>(time);
    let h = h0;
    let c = c0;
    for (let step = 0; step < time; step++) {
      const t = reverse ? time - 1 - step : step;
      const [i, f, g, o] = tf.split(tf.add(days[t]!, product(h, wHh, true)) as tf.Tensor2D, 4, 1) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
      c = tf.add(tf.mul(tf.sigmoid(f), c), tf.mul(tf.sigmoid(i), tf.tanh(g)));
      h = tf.mul(tf.sigmoid(o), tf.tanh(c));
      states[t] = h;
    }
    return tf.stack(states, 1) as tf.Tensor3D; // [batch, time, hidden]
  });
}
