import assert from "node:assert/strict";
import { before, test } from "node:test";
import { openBackend, tf } from "../../src/backend/tf";
import { mamlRegressor } from "../../src/model/maml-regressor";
import { metaGradients, withFastWeights } from "../../src/model/maml";

let [x, y, query, target] = [] as unknown as [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D, tf.Tensor3D];
before(async () => {
  await openBackend();
  [x, y, query, target] = [points(1, 4), points(2, 4), points(3, 2), points(4, 2)];
});

/** Three tasks of four support and two query points. */
const points = (seed: number, count: number): tf.Tensor3D => tf.tensor3d(Float32Array.from({ length: 3 * count }, (_, i) => Math.sin(7 * seed + 3.7 * i)), [3, count, 1]);
const SIZE = { hidden: 6, latent: 1 };

/** Loss after adaptation, from the predictions that users get. */
function lossOf(model: ReturnType<typeof mamlRegressor>, steps: number): number {
  return tf.tidy(() => tf.square(tf.sub(model.predict(x, y, query, steps), target)).mean().dataSync()[0]!);
}

test("the exact MAML gradient is the slope of the loss after adaptation, by finite differences", () => {
  const model = mamlRegressor(SIZE, { innerRate: 0.1, innerSteps: 3, order: 2 }, 1);
  const { value, grads } = model.metaGradients(x, y, query, target);
  assert.ok(Math.abs(value.dataSync()[0]! - lossOf(model, 3)) < 1e-5);
  for (const [name, variable] of model.parameters) {
    const direction = tf.tensor(Float32Array.from({ length: variable.size }, (_, i) => Math.cos(5 * i + name.length)), variable.shape);
    const slope = tf.sum(tf.mul(direction, grads.get(name)!)).dataSync()[0]!;
    const old = tf.clone(variable);
    const at = (step: number): number => (variable.assign(tf.add(old, tf.mul(direction, step))), lossOf(model, 3));
    const step = 5e-4; // small, for the kinks of ReLU
    const numeric = (at(step) - at(-step)) / (2 * step);
    variable.assign(old);
    assert.ok(Math.abs(slope - numeric) < 0.01 * Math.max(0.1, Math.abs(numeric)), `${name}: ${slope}, by differences ${numeric}`);
  }
});

test("the first-order gradient is that of the query at the adapted weights, and differs from the exact one", () => {
  const [first, exact] = ([1, 2] as const).map((order) => mamlRegressor(SIZE, { innerRate: 0.1, innerSteps: 3, order }, 1).metaGradients(x, y, query, target));
  assert.ok(Math.abs(first!.value.dataSync()[0]! - exact!.value.dataSync()[0]!) < 1e-6);
  const apart = tf.norm(tf.sub(first!.grads.get("second.weight")!, exact!.grads.get("second.weight")!)).dataSync()[0]!;
  const size = tf.norm(exact!.grads.get("second.weight")!).dataSync()[0]!;
  assert.ok(apart > 0.01 * size && apart < size, `${apart} of ${size}`);
  const none = ([1, 2] as const).map((order) => mamlRegressor(SIZE, { innerRate: 1e-9, innerSteps: 1, order }, 1).metaGradients(x, y, query, target));
  const rest = tf.norm(tf.sub(none[0]!.grads.get("second.weight")!, none[1]!.grads.get("second.weight")!)).dataSync()[0]!;
  assert.ok(rest < 1e-5, "without a step to look through they are the same");
});

test("each task adapts on its own points: another task's support changes nothing", () => {
  const model = mamlRegressor(SIZE, { innerRate: 0.1, innerSteps: 3, order: 1 }, 1);
  const alone = model.predict(x.slice([0, 0, 0], [1, 4, 1]), y.slice([0, 0, 0], [1, 4, 1]), query.slice([0, 0, 0], [1, 2, 1]), 3).dataSync();
  const among = model.predict(x, y, query, 3).slice([0, 0, 0], [1, 2, 1]).dataSync();
  alone.forEach((v, i) => assert.ok(Math.abs(v - among[i]!) < 1e-6));
});

test("fast weights are put back, also when the work fails", async () => {
  const w = tf.variable(tf.tensor1d([1, 2]));
  const parameters = new Map([["w", w as tf.Variable]]);
  const move = (): void => void tf.tidy(() => w.assign(tf.tensor1d([9, 9])));
  const n = tf.memory().numTensors;
  assert.equal(withFastWeights(parameters, () => (move(), 5)), 5);
  assert.throws(() => withFastWeights(parameters, () => { move(); throw new Error("no"); }), /no/);
  await withFastWeights(parameters, async () => { move(); });
  await assert.rejects(withFastWeights(parameters, async () => { move(); throw new Error("no"); }), /no/);
  assert.deepEqual([...w.dataSync()], [1, 2]);
  assert.equal(tf.memory().numTensors, n);
});

test("a meta-gradient is the mean over tasks of gradients taken at each task's own weights", () => {
  const w = tf.variable(tf.tensor1d([1]));
  const parameters = new Map([["w", w as tf.Variable]]);
  const task = (to: number): Parameters<typeof metaGradients>[1][number] => ({
    adapt: () => tf.tidy(() => void w.assign(tf.tensor1d([to]))),
    judge: () => ({ loss: to, grads: new Map([["w", tf.mul(w, 2)]]) }),
  });
  const { loss, grads } = metaGradients(parameters, [task(3), task(5)]);
  assert.equal(loss, 4);
  assert.deepEqual([...grads.get("w")!.dataSync()], [8]);
  assert.deepEqual([...w.dataSync()], [1]);
});
