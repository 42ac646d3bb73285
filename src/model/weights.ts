import { tf } from "../backend/tf";
import type { LstmWeights } from "../backend/lstm/lstm";
import { random } from "../core/random";

/** A linear layer: weight [out, in], bias [out]. */
export interface Linear {
  readonly weight: tf.Variable<tf.Rank.R2>;
  readonly bias: tf.Variable<tf.Rank.R1>;
}

/** A BatchNorm layer: scale and shift [width], running statistics [width] and the count of updates []. */
export interface BatchNorm {
  readonly weight: tf.Variable<tf.Rank.R1>;
  readonly bias: tf.Variable<tf.Rank.R1>;
  readonly runningMean: tf.Variable<tf.Rank.R1>;
  readonly runningVar: tf.Variable<tf.Rank.R1>;
  readonly updates: tf.Variable<tf.Rank.R0>;
}

/** Makes the layers of a model and registers their variables under their PyTorch names. */
export interface Weights {
  readonly parameters: Map<string, tf.Variable>;
  readonly buffers: Map<string, tf.Variable>;
  linear(name: string, inputs: number, outputs: number): Linear;
  lstm(name: string, inputs: number, hidden: number, layer?: number, reverse?: boolean): LstmWeights;
  batchNorm(name: string, width: number): BatchNorm;
}

/**
 * New weights, each drawn from a stream of its own name, so that a layer more or less changes no other layer.
 * Linear: weight Xavier-uniform, bias U(−1/√in, 1/√in), PyTorch's default, which the benchmark's code leaves as it is.
 * LSTM: all U(−1/√H, 1/√H). BatchNorm: 1 and 0.
 * @source Glorot & Bengio 2010 (Xavier); CarbonFluxBench, arXiv 2603.09868, its released models (biases)
 * @example newWeights(1).linear("out", 128, 3)
 */
export function newWeights(seed: number): Weights {
  const parameters = new Map<string, tf.Variable>();
  const buffers = new Map<string, tf.Variable>();
  const register = <R extends tf.Rank>(to: Map<string, tf.Variable>, name: string, values: tf.Tensor<R>): tf.Variable<R> => {
    const variable = tf.variable(values, to === parameters);
    values.dispose();
    to.set(name, variable);
    return variable;
  };
  const uniform = <R extends tf.Rank>(name: string, shape: tf.ShapeMap[R], bound: number): tf.Variable<R> => {
    const stream = random(seed, "weights").split(name);
    const values = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => (2 * stream.uniform() - 1) * bound);
    return register(parameters, name, tf.tensor<R>(values, shape));
  };
  return {
    parameters,
    buffers,
    linear: (name, inputs, outputs) => ({
      weight: uniform<tf.Rank.R2>(`${name}.weight`, [outputs, inputs], Math.sqrt(6 / (inputs + outputs))),
      bias: uniform<tf.Rank.R1>(`${name}.bias`, [outputs], 1 / Math.sqrt(inputs)),
    }),
    lstm: (name, inputs, hidden, layer = 0, reverse = false) => {
      const suffix = `_l${layer}${reverse ? "_reverse" : ""}`;
      const bound = 1 / Math.sqrt(hidden);
      return {
        wIh: uniform<tf.Rank.R2>(`${name}.weight_ih${suffix}`, [4 * hidden, inputs], bound),
        wHh: uniform<tf.Rank.R2>(`${name}.weight_hh${suffix}`, [4 * hidden, hidden], bound),
        bIh: uniform<tf.Rank.R1>(`${name}.bias_ih${suffix}`, [4 * hidden], bound),
        bHh: uniform<tf.Rank.R1>(`${name}.bias_hh${suffix}`, [4 * hidden], bound),
      };
    },
    batchNorm: (name, width) => ({
      weight: register(parameters, `${name}.weight`, tf.ones<tf.Rank.R1>([width])),
      bias: register(parameters, `${name}.bias`, tf.zeros<tf.Rank.R1>([width])),
      runningMean: register(buffers, `${name}.running_mean`, tf.zeros<tf.Rank.R1>([width])),
      runningVar: register(buffers, `${name}.running_var`, tf.ones<tf.Rank.R1>([width])),
      updates: register(buffers, `${name}.num_batches_tracked`, tf.scalar(0)),
    }),
  };
}
