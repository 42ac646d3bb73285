import { tf } from "../backend/tf";

/**
 * Runs `work` on parameters that it may move, then puts the old values back, whatever happens.
 * @example withFastWeights(model.parameters, () => { …steps…; return lossAndGradients(); })
 */
export function withFastWeights<T>(parameters: ReadonlyMap<string, tf.Variable>, work: () => T): T {
  const kept = [...parameters.values()].map((v) => [v, tf.clone(v)] as const);
  const putBack = (): void => kept.forEach(([variable, old]) => (variable.assign(old), old.dispose()));
  let result: T;
  try {
    result = work();
  } catch (error) {
    putBack();
    throw error;
  }
  if (result instanceof Promise) return result.finally(putBack) as T;
  putBack();
  return result;
}

/** One step of plain gradient descent, in place; the gradients stay the caller's. @example gradientStep(model.parameters, grads, 0.05) */
export function gradientStep(parameters: ReadonlyMap<string, tf.Variable>, grads: ReadonlyMap<string, tf.Tensor>, rate: number): void {
  tf.tidy(() => {
    for (const [name, variable] of parameters) variable.assign(tf.sub(variable, tf.mul(grads.get(name)!, rate)));
  });
}

/** What one task asks of a meta-step: to move the parameters on its support, then its loss and gradients on its query. */
export interface MetaTask {
  adapt(): void;
  /** the caller of `metaGradients` disposes the gradients */
  judge(): { readonly loss: number; readonly grads: ReadonlyMap<string, tf.Tensor> };
}

/**
 * First-order MAML: the mean over tasks of the query gradients taken at each task's adapted parameters, which stand for the gradients at the
 * shared ones (the second derivatives are left out). The native LSTM has a first derivative only, so the exact form is not open to it; on
 * the smaller networks of the synthetic families it is (run/synthetic-maml). The parameters end where they began; the caller disposes `grads`.
 * @source Finn, Abbeel & Levine 2017, arXiv 1703.03400, §5.2 (first-order approximation)
 * @example const { loss, grads } = metaGradients(model.parameters, tasks); optimiser.step(grads)
 */
export function metaGradients(parameters: ReadonlyMap<string, tf.Variable>, tasks: readonly MetaTask[]): { loss: number; grads: Map<string, tf.Tensor> } {
  let loss = 0;
  let sum: Map<string, tf.Tensor> | null = null;
  for (const task of tasks) {
    const judged = withFastWeights(parameters, () => {
      task.adapt();
      return task.judge();
    });
    loss += judged.loss / tasks.length;
    sum = addScaled(sum, judged.grads, 1 / tasks.length);
  }
  return { loss, grads: sum ?? new Map() };
}

/** sum + scale · grads; both are given up. */
function addScaled(sum: Map<string, tf.Tensor> | null, grads: ReadonlyMap<string, tf.Tensor>, scale: number): Map<string, tf.Tensor> {
  const out = new Map<string, tf.Tensor>();
  for (const [name, g] of grads) out.set(name, tf.tidy(() => (sum === null ? tf.mul(g, scale) : tf.add(sum.get(name)!, tf.mul(g, scale)))));
  tf.dispose([...grads.values(), ...(sum?.values() ?? [])]);
  return out;
}
