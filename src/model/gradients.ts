import { tf } from "../backend/tf";

/**
 * The loss [] and its gradient for every parameter, by name; a parameter that the loss does not touch has zeros. The caller disposes both.
 * Tensors that `loss` makes besides its result are freed; `tf.keep` what is to outlive it.
 * @example const { value, grads } = gradients(model.parameters, () => fluxLoss(inputs, options).total)
 */
export function gradients(parameters: ReadonlyMap<string, tf.Variable>, loss: () => tf.Scalar): { value: tf.Scalar; grads: Map<string, tf.Tensor> } {
  const { value, grads } = tf.variableGrads(loss, [...parameters.values()]);
  const byName = [...parameters].map(([name, variable]) => [name, grads[variable.name] ?? tf.zeros(variable.shape)] as const);
  return { value, grads: new Map(byName) };
}
