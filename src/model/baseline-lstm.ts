import { head, lastHidden, lstmStack, ofDrivers, outputWidth, slidingHidden } from "./layers";
import type { ModelConfig, Network } from "./types";
import type { Weights } from "./weights";

/**
 * The plain LSTM, drivers only: Linear(D → H), LSTM, dropout, Linear(H → 3). Also the network of training stage 1.
 * @source CarbonFluxBench's lstm, arXiv 2603.09868 (layers and names)
 */
export function plainLstm(config: ModelConfig, weights: Weights): Network {
  const { channels, hidden, layers } = config;
  const embed = weights.linear("dynamic_encoder", channels, hidden);
  const stack = lstmStack(weights, "encoder", hidden, hidden, layers);
  const out = weights.linear("out", hidden, outputWidth(config));
  return {
    needsSupport: false,
    forward: ({ x }, options) => head(lastHidden(ofDrivers(x, embed), stack, options.lastDays), out, config, options),
    slide({ x }, windows) {
      const h = slidingHidden(ofDrivers(x, embed), stack, windows); // [window, 1, hidden]
      return h === null ? null : head(h, out, config, { training: false, lastDays: 1 });
    },
  };
}
