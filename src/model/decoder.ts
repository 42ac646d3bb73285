import type { tf } from "../backend/tf";
import { head, lastHidden, lstmStack, ofDrivers, ofWindows, outputWidth, slidingHidden } from "./layers";
import { inputModulation, outputModulation } from "./modulation";
import type { ForwardOptions, ModelConfig, Windows } from "./types";
import type { Weights } from "./weights";

/** The decoder by windows, and by days of sites. */
export interface Decoder {
  /** drivers [batch, time, channel] and a task [batch, width] → standardised fluxes [batch, lastDays, flux] */
  decode(x: tf.Tensor3D, task: tf.Tensor2D, options: ForwardOptions): tf.Tensor3D;
  /** drivers [site, day, channel] and a task [site, width] → [window, 1, flux], or null */
  slide(x: tf.Tensor3D, task: tf.Tensor2D, windows: Windows): tf.Tensor3D | null;
}

/**
 * The decoder F: Linear(D → H), input modulation by the task, LSTM, output modulation by the task, dropout, Linear(H → 3).
 * @source TAM-RL, arXiv 2603.09974; layers of CarbonFluxBench's tamlstm, arXiv 2603.09868
 */
export function decoder(weights: Weights, prefix: string, config: ModelConfig, taskWidth: number): Decoder {
  const { channels, hidden, layers } = config;
  const embed = weights.linear(`${prefix}dynamic_encoder`, channels, hidden);
  const modulateInput = inputModulation(weights, prefix, config, taskWidth);
  const stack = lstmStack(weights, `${prefix}encoder`, hidden, hidden, layers);
  const modulateOutput = outputModulation(weights, prefix, config, taskWidth);
  const out = weights.linear(`${prefix}out`, hidden, outputWidth(config));

  return {
    decode(x, task, options) {
      const u = ofDrivers(x, embed, modulateInput(task)); // [batch, time, hidden]
      const h = lastHidden(u, stack, options.lastDays); // [batch, lastDays, hidden]
      return head(h, out, config, options, modulateOutput(task)); // [batch, lastDays, flux]
    },
    slide(x, task, windows) {
      const u = ofDrivers(x, embed, modulateInput(task)); // [site, day, hidden]
      const h = slidingHidden(u, stack, windows); // [window, 1, hidden]
      return h === null ? null : head(h, out, config, { training: false, lastDays: 1 }, ofWindows(modulateOutput(task), windows, x.shape[1]));
    },
  };
}
