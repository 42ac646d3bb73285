import assert from "node:assert/strict";
import { before, test } from "node:test";
import { openBackend, tf } from "../../src/backend/tf";
import { isWorkbookError } from "../../src/core/errors";
import { gradients } from "../../src/model/gradients";
import { createModel } from "../../src/model/model";
import type { ModelConfig, ModelInputs } from "../../src/model/types";

before(async () => void (await openBackend()));

const config: ModelConfig = {
  model: "tamrl", channels: 3, statics: 2, hidden: 8, latent: 4, layers: 1, dropout: 0, modulation: "tied", outputModulation: true,
  embedding: "support", balance: "soft", targetMean: [4, 3, -0.5], targetSd: [3.5, 2.25, 2],
};
/** Four queries, two sets of three windows; queries 0 and 2 take the first set, 1 and 3 the second. */
const OF = [0, 1, 0, 1];

function both(): { shared: ModelInputs; repeated: ModelInputs } {
  const x = tf.randomNormal<tf.Rank.R3>([4, 6, 3], 0, 1, "float32", 1);
  const statics = tf.tensor2d([[1, 0], [0, 1]]);
  const support = tf.randomNormal<tf.Rank.R4>([2, 3, 6, 3], 0, 1, "float32", 3);
  const supportWeight = tf.tensor2d([[1 / 3, 1 / 3, 1 / 3], [0.5, 0.5, 0]]);
  const of = tf.tensor2d(OF.map((s) => [s === 0 ? 1 : 0, s === 1 ? 1 : 0]));
  const ownStatics = tf.gather(statics, OF);
  return {
    shared: { x, statics: ownStatics, support: tf.reshape<tf.Rank.R3>(support, [6, 6, 3]), supportWeight, sets: { of, statics } },
    repeated: { x, statics: ownStatics, support: tf.reshape<tf.Rank.R3>(tf.gather(support, OF), [12, 6, 3]), supportWeight: tf.gather(supportWeight, OF) },
  };
}

const close = (a: ArrayLike<number>, b: ArrayLike<number>, name: string): void =>
  assert.ok(a.length === b.length && Array.from(a).every((v, i) => Math.abs(v - b[i]!) <= 1e-5 * (1 + Math.abs(v))), name);

test("a shared set gives the fluxes and gradients of the same set repeated for every query", () => {
  const { shared, repeated } = both();
  for (const training of [false, true]) {
    const model = createModel(config, 5);
    const run = (inputs: ModelInputs): { value: Float32Array; grads: Map<string, tf.Tensor> } => {
      const { value, grads } = gradients(model.parameters, () => tf.square(model.forward(inputs, { training, lastDays: 2 })).sum() as tf.Scalar);
      return { value: value.dataSync<"float32">(), grads };
    };
    const [a, b] = [run(shared), run(repeated)];
    close(a.value, b.value, "loss");
    for (const [name, grad] of a.grads) close(grad.dataSync(), b.grads.get(name)!.dataSync(), name);
    assert.ok(a.grads.get("inverse_model.code_linear.weight")!.dataSync().some((v) => v !== 0));
    model.dispose();
  }
});

test("sets that do not fit the batch are refused", () => {
  const { shared } = both();
  const model = createModel(config, 5);
  const wrong = { ...shared, sets: { ...shared.sets!, statics: tf.zeros<tf.Rank.R2>([3, 2]) } };
  assert.throws(() => model.forward(wrong, { training: false, lastDays: 2 }), (e) => isWorkbookError(e, "BadArgument") && /sets\.statics must be \[2, 2\], got \[3, 2\]/.test((e as Error).message));
  model.dispose();
});
