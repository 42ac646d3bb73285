import { tf } from "../backend/tf";
import { WorkbookError } from "../core/errors";
import { ctLstm } from "./baseline-ctlstm";
import { plainLstm } from "./baseline-lstm";
import { checkConfig, checkInputs } from "./check";
import { tamLstm } from "./tam-lstm";
import { tamRl } from "./tam-rl";
import type { FluxModel, ModelConfig, ModelName, Network } from "./types";
import { newWeights, type Weights } from "./weights";

/** Every neural model: one file, one line. */
export const MODELS: Readonly<Record<ModelName, (config: ModelConfig, weights: Weights) => Network>> = {
  tamrl: tamRl,
  tamlstm: tamLstm,
  ctlstm: ctLstm,
  lstm: plainLstm,
};

/**
 * A model with new weights. The same config and seed give the same weights on every machine. The caller disposes.
 * @throws WorkbookError BadConfig
 * @example const model = createModel(config, 1)
 */
export function createModel(config: ModelConfig, seed: number): FluxModel {
  checkConfig(config, Object.keys(MODELS));
  const weights = newWeights(seed);
  const { parameters, buffers } = weights;
  const dispose = (): void => tf.dispose([...parameters.values(), ...buffers.values()]);
  let network: Network;
  try {
    network = MODELS[config.model](config, weights);
  } catch (error) {
    dispose();
    throw error;
  }
  const { needsSupport } = network;
  return {
    config, parameters, buffers, needsSupport, dispose,
    forward(inputs, options) {
      checkInputs(config, needsSupport, inputs, options);
      return tf.tidy(() => network.forward(inputs, options));
    },
    slide(days, windows) {
      const fluxes = tf.tidy(() => network.slide?.(days, windows)?.squeeze([1]) as tf.Tensor2D); // undefined where there is no such form
      return fluxes ?? null;
    },
    encode(support, statics, supportWeight) {
      const { encode } = network;
      if (encode === undefined) throw new WorkbookError("BadArgument", `encode: a model with a task embedding is required, ${config.model} has none; use tamrl`);
      return tf.tidy(() => encode(support, statics, supportWeight));
    },
  };
}

/**
 * Copies the LSTM of a trained stage-1 network into the LSTM of `model`; nothing else is taken over.
 * @throws WorkbookError BadConfig when hidden or layers differ
 * @source TAM-RL, arXiv 2603.09974, two-stage training
 * @example initialLstmFrom(tamrl, stage1)
 */
export function initialLstmFrom(model: FluxModel, stage1: FluxModel): void {
  const { hidden, layers } = model.config;
  if (stage1.config.hidden !== hidden || stage1.config.layers !== layers) {
    throw new WorkbookError("BadConfig", `initialLstmFrom: stage 1 must have hidden ${hidden} and layers ${layers}, got ${stage1.config.hidden} and ${stage1.config.layers}; train both stages from one configuration`);
  }
  const prefix = model.config.model === "tamrl" ? "forward_model." : "";
  for (const [name, variable] of stage1.parameters) {
    if (name.startsWith("encoder.")) model.parameters.get(`${prefix}${name}`)!.assign(variable);
  }
}

/** Number of trainable values. @example parameterCount(model) // 168163 */
export function parameterCount(model: FluxModel): number {
  return [...model.parameters.values()].reduce((sum, v) => sum + v.size, 0);
}
