import { product } from "../backend/dense";
import { tf } from "../backend/tf";
import { inputModulation, outputModulation } from "./modulation";
import { taskEncoder } from "./task-encoder";
import type { ModelConfig } from "./types";
import { newWeights, type Linear } from "./weights";

/** Sizes of the network that both few-shot learners of the synthetic families have. */
export interface RegressorSize {
  /** H */
  readonly hidden: number;
  /** L, width of the task embedding; used by TAM-RL only */
  readonly latent: number;
}

/** TAM-RL for functions of one variable. */
export interface FewShotRegressor {
  readonly parameters: Map<string, tf.Variable>;
  /**
   * Support points [task, point, 3] (x, y, and 1, or 0 twice for a point not shown) and query points [task, point, 1] → values [task, point, 1].
   * The caller disposes.
   */
  forward(support: tf.Tensor3D, query: tf.Tensor3D, training: boolean): tf.Tensor3D;
  dispose(): void;
}

/** Channels of a support point: x, y, shown. */
export const POINT_CHANNELS = 3;

/**
 * TAM-RL's few-shot form on functions: the task encoder reads the support points as a series, its z modulates a perceptron of two hidden
 * layers at the first and at the last. Encoder and modulation are those of the flux model.
 * @source TAM-RL few-shot, arXiv 2310.04727
 * @example const model = fewShotRegressor({ hidden: 64, latent: 32 }, 1)
 */
export function fewShotRegressor({ hidden, latent }: RegressorSize, seed: number): FewShotRegressor {
  const weights = newWeights(seed);
  const config: ModelConfig = {
    model: "tamrl", channels: POINT_CHANNELS, statics: 1, hidden, latent, layers: 1, dropout: 0, modulation: "free", outputModulation: true,
    embedding: "support", balance: "off", targetMean: [0, 0, 0], targetSd: [1, 1, 1],
  };
  const encode = taskEncoder(weights, "inverse_model.", config);
  const base = perceptron(hidden).map(({ name, inputs, outputs }) => weights.linear(`forward_model.${name}`, inputs, outputs));
  const first = inputModulation(weights, "forward_model.", config, latent);
  const last = outputModulation(weights, "forward_model.", config, latent);
  const { parameters, buffers } = weights;
  return {
    parameters,
    forward: (support, query, training) => tf.tidy(() => {
      const [tasks, points] = query.shape;
      const z = encode(support, tf.ones([tasks, 1]), undefined, training); // [task, latent]
      const modulated = (h: tf.Tensor2D, by: NonNullable<ReturnType<typeof first>>): tf.Tensor2D =>
        tf.add(tf.mul(h.reshape([tasks, points, hidden]), by.scale.expandDims(1)), by.shift.expandDims(1)).reshape([tasks * points, hidden]);
      const [a, b, out] = base as [Linear, Linear, Linear];
      const h1 = tf.relu(modulated(layer(query.reshape([tasks * points, 1]), a), first(z)!)); // [task·point, hidden]
      const h2 = modulated(tf.relu(layer(h1, b)), last(z)!);
      return layer(h2, out).reshape<tf.Tensor3D>([tasks, points, 1]);
    }),
    dispose: () => tf.dispose([...parameters.values(), ...buffers.values()]),
  };
}

/** Layers of the perceptron, in and out: the same for TAM-RL and MAML. */
export function perceptron(hidden: number): readonly { readonly name: string; readonly inputs: number; readonly outputs: number }[] {
  return [{ name: "first", inputs: 1, outputs: hidden }, { name: "second", inputs: hidden, outputs: hidden }, { name: "out", inputs: hidden, outputs: 1 }];
}

function layer(x: tf.Tensor2D, { weight, bias }: Linear): tf.Tensor2D {
  return tf.add<tf.Tensor2D>(product(x, weight, true), bias);
}
