import { decoder } from "./decoder";
import type { ModelConfig, Network } from "./types";
import type { Weights } from "./weights";

/**
 * TAMLSTM: the decoder of TAM-RL driven by the static one-hots in place of z.
 * @source CarbonFluxBench's tamlstm, arXiv 2603.09868 (layers and names)
 */
export function tamLstm(config: ModelConfig, weights: Weights): Network {
  const { decode, slide } = decoder(weights, "", config, config.statics);
  return {
    needsSupport: false,
    forward: ({ x, statics }, options) => decode(x, statics, options),
    slide: ({ x, statics }, windows) => slide(x, statics, windows),
  };
}
