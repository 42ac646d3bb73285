import assert from "node:assert/strict";
import { before, test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { openBackend, tf } from "../../src/backend/tf";
import { gradients } from "../../src/model/gradients";
import { adam, adamw, type Optimiser } from "../../src/model/optimiser";

before(async () => void (await openBackend()));

type Parameters = Map<string, tf.Variable>;
const parameters = (): Parameters => new Map([["a", tf.variable(tf.tensor([1, -2, 3]))], ["b", tf.variable(tf.tensor([[0.5, 4]]))]]);
const values = (p: Parameters): number[] => [...p.values()].flatMap((v) => [...v.dataSync()]);
const slope = (p: Parameters): Map<string, tf.Tensor> => {
  const { value, grads } = gradients(p, () => tf.addN([...p.values()].map((v) => v.pow(4).sum())) as tf.Scalar);
  value.dispose();
  return grads;
};
const run = (p: Parameters, optimiser: Optimiser, steps: number): void => {
  for (let k = 0; k < steps; k++) optimiser.step(slope(p));
};

test("the first Adam step moves every value by lr against its gradient", () => {
  const p = parameters();
  run(p, adam(p, { lr: 0.01 }), 1);
  [1 - 0.01, -2 + 0.01, 3 - 0.01, 0.5 - 0.01, 4 - 0.01].forEach((v, k) => assert.ok(Math.abs(values(p)[k]! - v) < 1e-6));
});

test("AdamW shrinks a value without gradient by lr × weight decay, Adam leaves it", () => {
  const zero = new Map([["a", tf.zeros([3])], ["b", tf.zeros([1, 2])]]);
  const [p, q] = [parameters(), parameters()];
  adamw(p, { lr: 0.1 }).step(zero);
  adam(q, { lr: 0.1 }).step(zero);
  values(p).forEach((v, k) => assert.ok(Math.abs(v - values(parameters())[k]! * (1 - 0.1 * 0.01)) < 1e-6));
  assert.deepEqual(values(q), values(parameters()));
});

test("the learning rate can be changed between steps", () => {
  const p = parameters();
  const optimiser = adamw(p, { lr: 0.1 });
  optimiser.lr = 0;
  run(p, optimiser, 1);
  assert.deepEqual(values(p), values(parameters()));
});

test("a restored state goes on to exactly the same values", async () => {
  const p = parameters();
  const whole = adam(p, { lr: 0.05 });
  run(p, whole, 3);
  const state = await whole.state();
  const q = new Map([...p].map(([name, v]) => [name, tf.variable(v)]));
  run(p, whole, 4);
  const resumed = adam(q, { lr: 0.05 });
  resumed.restore(state);
  run(q, resumed, 4);
  assert.deepEqual(values(q), values(p));
  const fresh = new Map([...q].map(([name, v]) => [name, tf.variable(v)]));
  run(fresh, adam(fresh, { lr: 0.05 }), 1);
  run(q, resumed, 1);
  assert.notDeepEqual(values(fresh), values(q));
});

test("a saved state is a copy that later steps do not change", async () => {
  const p = parameters();
  const optimiser = adam(p, { lr: 0.05 });
  run(p, optimiser, 1);
  const state = await optimiser.state();
  const saved = [...state.tensors.get("exp_avg.a")!.data];
  run(p, optimiser, 1);
  assert.deepEqual([...state.tensors.get("exp_avg.a")!.data], saved);
  assert.deepEqual([...state.tensors.keys()].sort(), ["exp_avg.a", "exp_avg.b", "exp_avg_sq.a", "exp_avg_sq.b"]);
  assert.equal(state.stepCount, 1);
});

test("a state or a gradient of another model is refused", async () => {
  const p = parameters();
  const other = adam(new Map([["a", tf.variable(tf.zeros([2]))]]), { lr: 1 });
  const state = await other.state();
  assert.throws(() => adam(p, { lr: 1 }).restore(state), (e) => isWorkbookError(e, "BadRun"));
  assert.throws(() => adam(p, { lr: 1 }).step(new Map([["a", tf.zeros([3])]])), (e) => isWorkbookError(e, "BadArgument"));
});

test("a parameter that the loss does not touch has a gradient of zeros", () => {
  const p = parameters();
  const { value, grads } = gradients(p, () => p.get("a")!.sum());
  assert.equal(value.dataSync()[0], 2);
  assert.deepEqual([...grads.get("b")!.dataSync()], [0, 0]);
  assert.deepEqual(grads.get("b")!.shape, [1, 2]);
});

test("steps leave no tensors behind, and dispose frees the moments", () => {
  const p = parameters();
  const before = tf.memory().numTensors;
  const optimiser = adamw(p, { lr: 0.1 });
  const grads = slope(p);
  const standing = tf.memory().numTensors;
  for (let k = 0; k < 5; k++) optimiser.step(grads);
  assert.equal(tf.memory().numTensors, standing);
  tf.dispose([...grads.values()]);
  optimiser.dispose();
  assert.equal(tf.memory().numTensors, before);
});
