import { dense, product } from "../backend/dense";
import { tf } from "../backend/tf";
import { WorkbookError } from "../core/errors";
import { decoder } from "./decoder";
import { supportChannels } from "./few-shot";
import { taskEncoder } from "./task-encoder";
import type { ModelConfig, Network } from "./types";
import type { Weights } from "./weights";

/**
 * TAM-RL: a task embedding z from support windows of the site's own drivers (or, as ablations, from the query window or the one-hots),
 * which modulates an LSTM. Names: the benchmark saves its two modules apart, as `inverse_model` and `forward_model`; here one file
 * holds both, under these prefixes. `film_layer_input` and `static_linear` are this project's own, for the ablations.
 * @throws WorkbookError BadConfig where nothing is modulated: that is the model `lstm`
 * @source TAM-RL, arXiv 2603.09974; CarbonFluxBench, arXiv 2603.09868 (names)
 */
export function tamRl(config: ModelConfig, weights: Weights): Network {
  if (config.modulation === "none" && !config.outputModulation) {
    throw new WorkbookError("BadConfig", "createModel: tamrl requires input or output modulation, both are off; use model=lstm, which is that network");
  }
  if (config.embedding === "static") return fromStatics(config, weights);
  const encoder = taskEncoder(weights, "inverse_model.", { ...config, channels: supportChannels(config) });
  const { decode, slide } = decoder(weights, "forward_model.", config, config.latent);
  const ofQuery = config.embedding === "query";
  return {
    needsSupport: !ofQuery,
    forward({ x, statics, support, supportWeight, sets, z }, options) {
      if (z !== undefined) return decode(x, z, options);
      if (ofQuery) return decode(x, encoder(x, statics, undefined, options.training), options);
      const task = encoder(support!, sets?.statics ?? statics, supportWeight, options.training); // [set, latent]
      return decode(x, sets === undefined ? task : product(sets.of, task), options);
    },
    // With embedding=query each window has a z of its own.
    ...(ofQuery ? {} : { slide: ({ x, z }, windows) => (z === undefined ? null : slide(x, z, windows)) }),
    encode(support, statics, supportWeight) {
      if (support === null) throw new WorkbookError("BadArgument", `encode: windows [batch·windows, time, channel] are required for embedding=${config.embedding}, got none; pass them`);
      return encoder(support, statics, supportWeight, false);
    },
  };
}

/** The ablation without drivers: z = Linear(S → L) of the one-hots. */
function fromStatics(config: ModelConfig, weights: Weights): Network {
  const linear = weights.linear("inverse_model.static_linear", config.statics, config.latent);
  const { decode, slide } = decoder(weights, "forward_model.", config, config.latent);
  const encode = (statics: tf.Tensor2D): tf.Tensor2D => dense(statics, linear.weight, linear.bias);
  return {
    needsSupport: false,
    forward: ({ x, statics, z }, options) => decode(x, z ?? encode(statics), options),
    slide: ({ x, statics, z }, windows) => slide(x, z ?? encode(statics), windows),
    encode: (_, statics) => encode(statics),
  };
}
