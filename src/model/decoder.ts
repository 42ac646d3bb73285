import { dense } from "../backend/dense";
import { tf } from "../backend/tf";
import { everyDay, head, lastHidden, lstmStack, outputWidth } from "./layers";
import type { ForwardOptions, ModelConfig } from "./types";
import type { Weights } from "./weights";

/** Drivers [batch, time, channel] and a task [batch, width] → standardised fluxes [batch, lastDays, flux]. */
export type Decoder = (x: tf.Tensor3D, task: tf.Tensor2D, options: ForwardOptions) => tf.Tensor3D;

/**
 * The decoder F: Linear(D → H), input modulation by the task, LSTM, output modulation by the task, dropout, Linear(H → 3).
 * @source TAM-RL, arXiv 2603.09974; layers of CarbonFluxBench's tamlstm, arXiv 2603.09868; Perez et al. 2018 (FiLM)
 */
export function decoder(weights: Weights, prefix: string, config: ModelConfig, taskWidth: number): Decoder {
  const { channels, hidden, layers } = config;
  const embed = weights.linear(`${prefix}dynamic_encoder`, channels, hidden);
  const modulateInput = inputModulation(weights, prefix, config, taskWidth);
  const stack = lstmStack(weights, `${prefix}encoder`, hidden, hidden, layers);
  const modulateOutput = outputModulation(weights, prefix, config, taskWidth);
  const out = weights.linear(`${prefix}out`, hidden, outputWidth(config));

  return (x, task, options) => {
    const u = modulateInput(everyDay(x, embed), task); // [batch, time, hidden]
    const h = lastHidden(u, stack, options.lastDays); // [batch, lastDays, hidden]
    return head(modulateOutput(h, task), out, config, options); // [batch, lastDays, flux]
  };
}

type Modulation = (days: tf.Tensor3D, task: tf.Tensor2D) => tf.Tensor3D;

/** Daily embeddings e: tied u = s ⊙ e + s with s = ReLU(Linear(task)) + 1; free u = γ ⊙ e + β with (γ − 1, β) = Linear(task). */
function inputModulation(weights: Weights, prefix: string, { modulation, hidden }: ModelConfig, taskWidth: number): Modulation {
  if (modulation === "none") return (e) => e;
  if (modulation === "free") return film(weights, `${prefix}film_layer_input`, hidden, taskWidth);
  const scale = weights.linear(`${prefix}static_encoder`, taskWidth, hidden);
  return (e, task) => {
    const s = tf.add(tf.relu(dense(task, scale.weight, scale.bias)), 1).expandDims(1); // [batch, 1, hidden]
    return tf.mul(s, tf.add(e, 1)); // s ⊙ e + s
  };
}

/** Hidden states: h' = (1 + γ) ⊙ h + β with (γ, β) = Linear(task). */
function outputModulation(weights: Weights, prefix: string, { outputModulation: on, hidden }: ModelConfig, taskWidth: number): Modulation {
  return on ? film(weights, `${prefix}film_layer_head`, hidden, taskWidth) : (h) => h;
}

function film(weights: Weights, name: string, hidden: number, taskWidth: number): Modulation {
  const layer = weights.linear(name, taskWidth, 2 * hidden);
  return (days, task) => {
    const [gamma, beta] = tf.split(dense(task, layer.weight, layer.bias).expandDims(1), 2, 2) as [tf.Tensor3D, tf.Tensor3D]; // [batch, 1, hidden]
    return tf.add(tf.mul(days, tf.add(gamma, 1)), beta);
  };
}
