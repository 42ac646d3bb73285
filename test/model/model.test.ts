import assert from "node:assert/strict";
import { before, test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { openBackend, tf } from "../../src/backend/tf";
import { gradients } from "../../src/model/gradients";
import { createModel, initialLstmFrom, MODELS, parameterCount } from "../../src/model/model";
import { adam } from "../../src/model/optimiser";
import type { FluxModel, ModelConfig, ModelInputs, ModelName } from "../../src/model/types";
import { distance } from "./golden";

before(async () => void (await openBackend()));

const small: ModelConfig = {
  model: "tamrl", channels: 3, statics: 2, hidden: 8, latent: 4, layers: 1, dropout: 0, modulation: "tied", outputModulation: true,
  embedding: "support", balance: "soft", targetMean: [4, 3, -0.5], targetSd: [3.5, 2.25, 2],
};
const paper: ModelConfig = { ...small, channels: 20, statics: 51, hidden: 128, latent: 32 };
const names = Object.keys(MODELS) as ModelName[];

const inputs = (batch = 2, windows = 2, time = 6): ModelInputs => ({
  x: tf.randomNormal<tf.Rank.R3>([batch, time, 3], 0, 1, "float32", 1),
  statics: tf.randomUniform<tf.Rank.R2>([batch, 2], 0, 1, "float32", 2),
  support: tf.randomNormal<tf.Rank.R3>([batch * windows, time, 3], 0, 1, "float32", 3),
});
const evaluate = (model: FluxModel, batch: ModelInputs, lastDays = 2): Float32Array => model.forward(batch, { training: false, lastDays }).dataSync() as Float32Array;
const valuesOf = (model: FluxModel): Map<string, Float32Array> => new Map([...model.parameters].map(([name, v]) => [name, v.dataSync().slice() as Float32Array]));
const badConfig = (error: unknown): boolean => isWorkbookError(error, "BadConfig");
const badArgument = (error: unknown): boolean => isWorkbookError(error, "BadArgument");

test("the published networks have 168,163 and 367,683 parameters", () => {
  assert.equal(parameterCount(createModel(paper, 1)), 168_163);
  assert.equal(parameterCount(createModel({ ...paper, latent: 64, layers: 2 }, 1)), 367_683);
});

test("the same seed gives the same weights, another seed gives others", () => {
  for (const model of names) {
    const [a, b, c] = [1, 1, 2].map((seed) => valuesOf(createModel({ ...small, model }, seed)));
    for (const [name, values] of a!) {
      assert.deepEqual(values, b!.get(name), name);
      if (!/instance_encoder\.1\./.test(name)) assert.notDeepEqual(values, c!.get(name), name);
    }
  }
});

test("no two layers start with the same values", () => {
  const starts = [...valuesOf(createModel({ ...small, layers: 2 }, 1))]
    .filter(([name, v]) => v.length > 1 && !name.includes("instance_encoder.1."))
    .map(([, v]) => (v[0]! / v[1]!).toPrecision(6)); // a ratio: the range differs from layer to layer
  assert.equal(new Set(starts).size, starts.length);
});

test("a second layer leaves the weights of the first as they are", () => {
  const one = valuesOf(createModel(small, 1));
  const two = valuesOf(createModel({ ...small, layers: 2 }, 1));
  for (const [name, values] of one) assert.deepEqual(two.get(name), values, name);
});

test("linear weights fill the Xavier range and LSTM weights U(−1/√H, 1/√H)", () => {
  const weights = valuesOf(createModel(paper, 1));
  const spread = (name: string, bound: number): void => {
    const values = weights.get(name)!;
    const sd = Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);
    assert.ok(Math.max(...values.map(Math.abs)) <= bound * (1 + 1e-6), `${name} within ${bound}`);
    assert.ok(Math.abs(sd / (bound / Math.sqrt(3)) - 1) < 0.1, `${name} is uniform: sd ${sd}`);
  };
  spread("forward_model.dynamic_encoder.weight", Math.sqrt(6 / (20 + 128)));
  spread("inverse_model.instance_encoder.0.weight", Math.sqrt(6 / (71 + 32)));
  for (const part of ["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"]) spread(`forward_model.encoder.${part}`, 1 / Math.sqrt(128));
  spread("inverse_model.temporal_encoder.weight_hh_l0_reverse", 1 / Math.sqrt(32));
});

test("the last days of a window are the same however many are asked for", () => {
  for (const model of names) {
    const network = createModel({ ...small, model }, 1);
    const batch = inputs();
    assert.ok(distance(evaluate(network, batch, 6).slice(-3), evaluate(network, batch, 1).slice(-3)) < 1e-6, model);
  }
});

test("a day is not predicted from later days", () => {
  const model = createModel({ ...small, embedding: "static" }, 1);
  const batch = inputs();
  const changed = { ...batch, x: tf.concat([batch.x.slice([0, 0, 0], [-1, 5, -1]), tf.ones([2, 1, 3])], 1) as tf.Tensor3D };
  const [a, b] = [evaluate(model, batch, 6), evaluate(model, changed, 6)];
  assert.deepEqual(a.slice(0, 15), b.slice(0, 15));
  assert.notDeepEqual(a.slice(15, 18), b.slice(15, 18));
});

test("the support windows reach the prediction, and only their set counts, not their order", () => {
  const model = createModel(small, 1);
  const batch = inputs();
  const [first, second] = tf.split(batch.support!.reshape([2, 2, 6, 3]), 2, 1);
  const swapped = tf.concat([second!, first!], 1).reshape([4, 6, 3]) as tf.Tensor3D;
  assert.ok(distance(evaluate(model, batch), evaluate(model, { ...batch, support: swapped })) < 1e-6);
  assert.ok(distance(evaluate(model, batch), evaluate(model, { ...batch, support: tf.mul<tf.Tensor3D>(batch.support!, 2) })) > 1e-4);
});

test("an embedding made one site at a time is the one made in a batch", () => {
  const model = createModel(small, 1);
  const batch = inputs();
  const together = model.encode(batch.support!, batch.statics).dataSync();
  const alone = [0, 1].map((site) => model.encode(batch.support!.slice([2 * site, 0, 0], [2, -1, -1]), batch.statics.slice([site, 0], [1, -1])).dataSync());
  assert.ok(distance(together, [...alone[0]!, ...alone[1]!]) < 1e-6);
});

test("a missing support window changes neither the batch statistics nor the prediction, whatever it holds", () => {
  const run = (fill: number): [Float32Array, Float32Array] => {
    const model = createModel(small, 1);
    const { x, statics, support } = inputs();
    const spoilt = tf.concat([support!.slice([0, 0, 0], [3, -1, -1]), tf.fill([1, 6, 3], fill)]) as tf.Tensor3D;
    const output = model.forward({ x, statics, support: spoilt, supportWeight: tf.tensor2d([[0.5, 0.5], [1, 0]]) }, { training: true, lastDays: 2 }).dataSync();
    return [output as Float32Array, model.buffers.get("inverse_model.instance_encoder.1.running_mean")!.dataSync() as Float32Array];
  };
  const [zeros, noise] = [run(0), run(50)];
  assert.ok(distance(zeros[0], noise[0]) < 1e-6);
  assert.ok(distance(zeros[1], noise[1]) < 1e-6);
});

test("hard: GPP and RECO are positive and the balance closes", () => {
  for (const model of names) {
    const network = createModel({ ...small, model, balance: "hard" }, 1);
    const batch = { ...inputs(), x: tf.randomNormal<tf.Rank.R3>([2, 6, 3], 0, 20, "float32", 4) };
    const z = evaluate(network, batch, 6);
    for (let k = 0; k < z.length; k += 3) {
      const [gpp, reco, nee] = [0, 1, 2].map((f) => z[k + f]! * small.targetSd[f]! + small.targetMean[f]!) as [number, number, number];
      assert.ok(gpp >= -1e-6 && reco >= -1e-6);
      assert.ok(Math.abs(nee - (reco - gpp)) < 1e-5, `${model}: residual ${nee - (reco - gpp)}`);
    }
  }
});

test("stage 1 hands over its LSTM, all of it, and nothing else", () => {
  for (const layers of [1, 2]) {
    const model = createModel({ ...small, layers }, 1);
    const stage1 = createModel({ ...small, model: "lstm", layers }, 2);
    const before = valuesOf(model);
    initialLstmFrom(model, stage1);
    const from = valuesOf(stage1);
    let copied = 0;
    for (const [name, values] of valuesOf(model)) {
      const lstm = /^forward_model\.(encoder\..*)$/.exec(name)?.[1];
      assert.deepEqual(values, lstm ? from.get(lstm) : before.get(name), name);
      if (lstm) copied++;
    }
    assert.equal(copied, 4 * layers);
  }
});

test("a handed-over LSTM is a copy: training it leaves stage 1 as it was", () => {
  const model = createModel(small, 1);
  const stage1 = createModel({ ...small, model: "lstm" }, 2);
  initialLstmFrom(model, stage1);
  const before = valuesOf(stage1);
  const optimiser = adam(model.parameters, { lr: 0.1 });
  optimiser.step(gradients(model.parameters, () => model.forward(inputs(), { training: true, lastDays: 2 }).square().sum()).grads);
  assert.deepEqual(valuesOf(stage1), before);
});

test("an LSTM of another width or depth is not handed over", () => {
  const model = createModel(small, 1);
  assert.throws(() => initialLstmFrom(model, createModel({ ...small, model: "lstm", hidden: 16 }, 1)), badConfig);
  assert.throws(() => initialLstmFrom(model, createModel({ ...small, model: "lstm", layers: 2 }, 1)), badConfig);
});

test("a configuration that cannot be built is refused by key, and leaves no tensors", () => {
  const before = tf.memory().numTensors;
  const refused = (change: Partial<ModelConfig>, pattern: RegExp): void =>
    assert.throws(() => createModel({ ...small, ...change }, 1), (e) => badConfig(e) && pattern.test((e as Error).message));
  refused({ model: "tamlr" as ModelName }, /model must be .*nearest tamrl/);
  refused({ hidden: 0 }, /hidden/);
  refused({ dropout: 1 }, /dropout/);
  refused({ targetSd: [1, 0, 1] }, /targetSd/);
  refused({ balance: "firm" as "hard" }, /balance/);
  refused({ modulation: "none", outputModulation: false }, /model=lstm/);
  refused({ model: "ctlstm", hidden: 7 }, /even/);
  assert.equal(tf.memory().numTensors, before);
});

test("inputs that do not fit are refused by name", () => {
  const model = createModel(small, 1);
  const batch = inputs();
  const refused = (change: Partial<ModelInputs>, pattern: RegExp, lastDays = 2): void =>
    assert.throws(() => model.forward({ ...batch, ...change }, { training: false, lastDays }), (e) => badArgument(e) && pattern.test((e as Error).message));
  refused({ x: tf.zeros([2, 6, 4]) }, /x must be/);
  refused({ statics: tf.zeros([3, 2]) }, /statics must be/);
  refused({ support: undefined }, /support \(or z\)/);
  refused({ support: tf.zeros([3, 6, 3]) }, /support must be/);
  refused({ supportWeight: tf.zeros([2, 3]) }, /supportWeight must be/);
  refused({ z: tf.zeros([2, 5]) }, /z must be/);
  refused({}, /lastDays/, 7);
  assert.throws(() => createModel({ ...small, model: "lstm" }, 1).encode(batch.support!, batch.statics), badArgument);
  assert.throws(() => model.encode(null, batch.statics), badArgument);
});

test("nothing leaks: creating, predicting, embedding, training and disposing leave the tensors that were there", () => {
  for (const model of names) {
    const batch = inputs();
    const before = tf.memory().numTensors;
    const network = createModel({ ...small, model, dropout: 0.2, balance: "hard" }, 1);
    const optimiser = adam(network.parameters, { lr: 1e-3 });
    const built = tf.memory().numTensors;
    for (let step = 0; step < 2; step++) {
      network.forward(batch, { training: false, lastDays: 2 }).dispose();
      if (model === "tamrl") network.encode(batch.support!, batch.statics).dispose();
      const { value, grads } = gradients(network.parameters, () => network.forward(batch, { training: true, lastDays: 2, dropoutSeed: step }).square().mean());
      optimiser.step(grads);
      tf.dispose([value, ...grads.values()]);
      assert.equal(tf.memory().numTensors, built, model);
    }
    optimiser.dispose();
    network.dispose();
    assert.equal(tf.memory().numTensors, before, model);
  }
});
