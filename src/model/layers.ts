import { dense } from "../backend/dense";
import { modulate } from "../backend/modulate";
import { embedDays, type Modulation } from "../backend/embed-days";
import { lstm, type LstmWeights } from "../backend/lstm/lstm";
import { lstmSlide } from "../backend/lstm/slide";
import { tf } from "../backend/tf";
import { dropoutMask } from "./dropout";
import type { ForwardOptions, ModelConfig, Windows } from "./types";
import type { Linear, Weights } from "./weights";

/** A linear layer on every day of the drivers, modulated where asked: x [batch, time, in] → [batch, time, out]. No gradient goes to x. */
export function ofDrivers(x: tf.Tensor3D, { weight, bias }: Linear, modulation: Modulation | null = null): tf.Tensor3D {
  return embedDays(x, weight, bias, modulation);
}

/** A linear layer on every day: x [batch, time, in] → [batch, time, out]. */
function everyDay(x: tf.Tensor3D, { weight, bias }: Linear): tf.Tensor3D {
  const [batch, time, inputs] = x.shape;
  const y = dense(x.reshape([batch * time, inputs]), weight, bias); // [batch·time, out]
  return y.reshape([batch, time, weight.shape[0]]);
}

/** The layers of the main LSTM, named as torch.nn.LSTM names them. */
export function lstmStack(weights: Weights, name: string, inputs: number, hidden: number, layers: number): LstmWeights[] {
  return Array.from({ length: layers }, (_, layer) => weights.lstm(name, layer === 0 ? inputs : hidden, hidden, layer));
}

/** Runs the layers and keeps the last days: x [batch, time, in] → [batch, lastDays, hidden]. */
export function lastHidden(x: tf.Tensor3D, stack: readonly LstmWeights[], lastDays: number): tf.Tensor3D {
  return stack.reduce((input, layer, k) => lstm(input, layer, k === stack.length - 1 ? { lastDays } : {}), x); // [batch, lastDays, hidden]
}

/** The last day's states of windows that overlap, u [site, day, in] → [window, 1, hidden]; null where layers or kernel have no such form. */
export function slidingHidden(u: tf.Tensor3D, stack: readonly LstmWeights[], { starts, time }: Windows): tf.Tensor3D | null {
  if (stack.length !== 1) return null;
  const [sites, days, inputs] = u.shape;
  return (lstmSlide(u.reshape([sites * days, inputs]), starts, time, stack[0]!)?.expandDims(1) as tf.Tensor3D | undefined) ?? null;
}

/** A modulation of sites [site, hidden] as one of their windows [window, hidden]. */
export function ofWindows(modulation: Modulation | null, { starts }: Windows, days: number): Modulation | null {
  if (modulation === null) return null;
  const site = tf.tensor1d(starts.map((start) => Math.floor(start / days)), "int32"); // [window]
  return { scale: tf.gather(modulation.scale, site), shift: tf.gather(modulation.shift, site) };
}

/** Outputs of the last layer: two where the balance is hard, else three. */
export function outputWidth(config: ModelConfig): 2 | 3 {
  return config.balance === "hard" ? 2 : 3;
}

/**
 * Modulation where asked, dropout, the last linear layer and, where hard, the balance: h [batch, days, hidden] → standardised fluxes
 * [batch, days, flux].
 * Hard: GPP and RECO are the softplus of the two outputs, g C m⁻² d⁻¹, and NEE = RECO − GPP, so the balance closes by construction.
 * @source method of TAM-RL, arXiv 2603.09974; the hard form is this project's
 */
export function head(h: tf.Tensor3D, out: Linear, config: ModelConfig, { training, dropoutSeed }: ForwardOptions, modulation: Modulation | null = null): tf.Tensor3D {
  const mask = training && config.dropout > 0 ? dropoutMask(h, config.dropout, dropoutSeed) : null;
  const kept = modulation ? modulate(h, modulation, mask) : mask ? tf.mul<tf.Tensor3D>(h, mask) : h; // [batch, days, hidden]
  const y = everyDay(kept, out); // [batch, days, flux], hard: [batch, days, 2]
  if (config.balance !== "hard") return y;
  const [gpp, reco] = tf.split(tf.softplus(y), 2, 2) as [tf.Tensor3D, tf.Tensor3D];
  const physical = tf.concat([gpp, reco, tf.sub(reco, gpp)], 2); // [batch, days, flux]
  return tf.div(tf.sub(physical, tf.tensor1d([...config.targetMean])), tf.tensor1d([...config.targetSd]));
}
