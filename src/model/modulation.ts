import { dense } from "../backend/dense";
import type { Modulation } from "../backend/embed-days";
import { tf } from "../backend/tf";
import type { ModelConfig } from "./types";
import type { Weights } from "./weights";

/** A task [batch, width] → scale and shift [batch, hidden] of every day, y = scale ⊙ x + shift; null where nothing is modulated. */
export type TaskModulation = (task: tf.Tensor2D) => Modulation | null;

/**
 * Modulation of the daily embeddings e. Tied: u = s ⊙ e + s with s = ReLU(Linear(task)) + 1. Free: u = γ ⊙ e + β with (γ − 1, β) = Linear(task).
 * @source tied: CarbonFluxBench's tamlstm, arXiv 2603.09868; free: TAM-RL, arXiv 2603.09974, in the parametrisation of the output modulation
 */
export function inputModulation(weights: Weights, prefix: string, { modulation, hidden }: ModelConfig, taskWidth: number): TaskModulation {
  if (modulation === "none") return () => null;
  if (modulation === "free") return film(weights, `${prefix}film_layer_input`, hidden, taskWidth);
  const layer = weights.linear(`${prefix}static_encoder`, taskWidth, hidden);
  return (task) => {
    const s = tf.add<tf.Tensor2D>(tf.relu(dense(task, layer.weight, layer.bias)), 1);
    return { scale: s, shift: s };
  };
}

/**
 * Modulation of the hidden states: h' = (1 + γ) ⊙ h + β with (γ, β) = Linear(task).
 * @source TAM-RL, arXiv 2603.09974; Perez et al. 2018, arXiv 1709.07871 (FiLM)
 */
export function outputModulation(weights: Weights, prefix: string, { outputModulation: on, hidden }: ModelConfig, taskWidth: number): TaskModulation {
  return on ? film(weights, `${prefix}film_layer_head`, hidden, taskWidth) : () => null;
}

function film(weights: Weights, name: string, hidden: number, taskWidth: number): TaskModulation {
  const layer = weights.linear(name, taskWidth, 2 * hidden);
  return (task) => {
    const [gamma, beta] = tf.split(dense(task, layer.weight, layer.bias), 2, 1) as [tf.Tensor2D, tf.Tensor2D]; // [batch, hidden]
    return { scale: tf.add<tf.Tensor2D>(gamma, 1), shift: beta };
  };
}
