import { dense } from "../backend/dense";
import { tf } from "../backend/tf";
import type { ModelConfig } from "./types";
import type { Weights } from "./weights";

/** Values of every day [batch, days, hidden] and a task [batch, width] → [batch, days, hidden]. */
export type Modulation = (days: tf.Tensor3D, task: tf.Tensor2D) => tf.Tensor3D;

/**
 * Modulation of the daily embeddings e. Tied: u = s ⊙ e + s with s = ReLU(Linear(task)) + 1. Free: u = γ ⊙ e + β with (γ − 1, β) = Linear(task).
 * @source tied: CarbonFluxBench's tamlstm, arXiv 2603.09868; free: TAM-RL, arXiv 2603.09974, in the parametrisation of the output modulation
 */
export function inputModulation(weights: Weights, prefix: string, { modulation, hidden }: ModelConfig, taskWidth: number): Modulation {
  if (modulation === "none") return (e) => e;
  if (modulation === "free") return film(weights, `${prefix}film_layer_input`, hidden, taskWidth);
  const scale = weights.linear(`${prefix}static_encoder`, taskWidth, hidden);
  return (e, task) => {
    const s = tf.add(tf.relu(dense(task, scale.weight, scale.bias)), 1).expandDims(1); // [batch, 1, hidden]
    return tf.mul(s, tf.add(e, 1)); // s ⊙ e + s
  };
}

/**
 * Modulation of the hidden states: h' = (1 + γ) ⊙ h + β with (γ, β) = Linear(task).
 * @source TAM-RL, arXiv 2603.09974; Perez et al. 2018, arXiv 1709.07871 (FiLM)
 */
export function outputModulation(weights: Weights, prefix: string, { outputModulation: on, hidden }: ModelConfig, taskWidth: number): Modulation {
  return on ? film(weights, `${prefix}film_layer_head`, hidden, taskWidth) : (h) => h;
}

function film(weights: Weights, name: string, hidden: number, taskWidth: number): Modulation {
  const layer = weights.linear(name, taskWidth, 2 * hidden);
  return (days, task) => {
    const [gamma, beta] = tf.split(dense(task, layer.weight, layer.bias).expandDims(1), 2, 2) as [tf.Tensor3D, tf.Tensor3D]; // [batch, 1, hidden]
    return tf.add(tf.mul(days, tf.add(gamma, 1)), beta);
  };
}
