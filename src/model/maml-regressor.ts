import { tf } from "../backend/tf";
import { perceptron, type RegressorSize } from "./few-shot-regressor";
import { newWeights } from "./weights";

/** How MAML adapts, and whether its training looks through the adaptation. */
export interface MamlOptions {
  readonly innerRate: number;
  readonly innerSteps: number;
  /** 2: the exact gradient; 1: without second derivatives */
  readonly order: 1 | 2;
}

/** A perceptron whose weights are learnt to be adapted by gradient steps. */
export interface MamlRegressor {
  readonly parameters: Map<string, tf.Variable>;
  /**
   * Support [task, point, 1] twice (x, y), query x [task, point, 1] → values [task, point, 1] after `steps` steps on the support; 0 = none.
   * The caller disposes.
   */
  predict(x: tf.Tensor3D, y: tf.Tensor3D, query: tf.Tensor3D, steps: number): tf.Tensor3D;
  /** Mean squared error of the query after adaptation, and its gradients by name; the caller disposes both. */
  metaGradients(x: tf.Tensor3D, y: tf.Tensor3D, query: tf.Tensor3D, target: tf.Tensor3D): { value: tf.Scalar; grads: Map<string, tf.Tensor> };
  dispose(): void;
}

/**
 * MAML on functions of one variable. All tasks of a batch adapt side by side: each weight gets an axis of tasks, so that one product of
 * batches serves all of them, and the gradient of the summed loss holds each task's own. Only plain operations are used, whose gradients
 * have gradients again.
 * @source Finn, Abbeel & Levine 2017, arXiv 1703.03400
 * @example const model = mamlRegressor({ hidden: 64, latent: 0 }, { innerRate: 0.01, innerSteps: 5, order: 2 }, 1)
 */
export function mamlRegressor({ hidden }: RegressorSize, { innerRate, innerSteps, order }: MamlOptions, seed: number): MamlRegressor {
  const weights = newWeights(seed);
  const layers = perceptron(hidden).map(({ name, inputs, outputs }) => weights.linear(name, inputs, outputs));
  const { parameters } = weights;
  const shared = (): tf.Tensor[] => layers.flatMap(({ weight, bias }) => [weight, bias]);
  /** an axis of tasks before each weight: [task, out, in] and [task, 1, out] */
  const spread = (tasks: number): tf.Tensor[] => shared().map((v) => tf.tile((v.rank === 1 ? v.expandDims(0) : v).expandDims(0), [tasks, 1, 1]));
  const run = (x: tf.Tensor, w: readonly tf.Tensor[]): tf.Tensor3D =>
    layers.reduce<tf.Tensor>((h, _, k) => {
      const y = tf.add(tf.matMul(h, w[2 * k]!, false, true), w[2 * k + 1]!); // [task, point, out]
      return k < layers.length - 1 ? tf.relu(y) : y;
    }, x) as tf.Tensor3D;
  /** the mean over points, the sum over tasks: each task's gradient is then its own */
  const taskLoss = (x: tf.Tensor, y: tf.Tensor, w: readonly tf.Tensor[]): tf.Scalar => tf.square(tf.sub(run(x, w), y)).mean([1, 2]).sum();
  const adapted = (x: tf.Tensor3D, y: tf.Tensor3D, from: readonly tf.Tensor[], steps: number): tf.Tensor[] => {
    let w = [...from];
    for (let k = 0; k < steps; k++) {
      const grads = tf.grads((...moved: tf.Tensor[]) => taskLoss(x, y, moved))(w);
      w = w.map((v, i) => tf.sub(v, tf.mul(grads[i]!, innerRate)));
    }
    return w;
  };
  const byName = (grads: readonly tf.Tensor[]): Map<string, tf.Tensor> => new Map([...parameters.keys()].map((name, i) => [name, grads[i]!]));
  return {
    parameters,
    predict: (x, y, query, steps) => tf.tidy(() => run(query, adapted(x, y, spread(x.shape[0]), steps))),
    metaGradients(x, y, query, target) {
      const tasks = x.shape[0];
      if (order === 2) {
        const { value, grads } = tf.variableGrads(() => tf.div<tf.Scalar>(taskLoss(query, target, adapted(x, y, spread(tasks), innerSteps)), tasks), [...parameters.values()]);
        return { value, grads: byName([...parameters.values()].map((v) => grads[v.name]!)) };
      }
      const [value, ...grads] = tf.tidy(() => {
        const w = adapted(x, y, spread(tasks), innerSteps);
        const outer = tf.valueAndGrads((...moved: tf.Tensor[]) => tf.div<tf.Scalar>(taskLoss(query, target, moved), tasks))(w);
        const summed = outer.grads.map((g, i) => g.sum(0).reshape(shared()[i]!.shape)); // what each task asks of the shared weights
        return [outer.value as tf.Tensor, ...summed];
      });
      return { value: value as tf.Scalar, grads: byName(grads) };
    },
    dispose: () => tf.dispose([...parameters.values()]),
  };
}
