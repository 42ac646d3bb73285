import assert from "node:assert/strict";
import { before, test } from "node:test";
import { nativeOps } from "../../src/backend/native";
import { openBackend, tf } from "../../src/backend/tf";
import { wasmOps } from "../../src/backend/wasm-threads";
import { random } from "../../src/core/random";
import { createModel } from "../../src/model/model";
import type { ModelConfig } from "../../src/model/types";

before(async () => void (await openBackend()));

const base: ModelConfig = {
  model: "tamrl", channels: 3, statics: 4, hidden: 10, latent: 5, layers: 1, dropout: 0.3, modulation: "tied", outputModulation: true,
  embedding: "support", balance: "soft", targetMean: [4, 3, -0.5], targetSd: [3.5, 2.25, 2],
};
const FORMS: readonly Partial<ModelConfig>[] = [
  {}, { modulation: "free" }, { modulation: "none" }, { outputModulation: false }, { balance: "hard" }, { embedding: "static" },
  { model: "tamlstm" }, { model: "ctlstm" }, { model: "lstm" }, { model: "lstm", hidden: 33 },
];
const TIME = 7;
const DAYS = 40;

for (const form of FORMS) {
  test(`windows that overlap give what windows that are cut give, ${JSON.stringify(form)}, and a missing day outside them does no harm`, (t) => {
    if (nativeOps() === null && wasmOps() === null) return t.skip("neither the fused kernel nor wasm is in use");
    const config = { ...base, ...form };
    const stream = random(1, JSON.stringify(form));
    const values = Float32Array.from({ length: DAYS * 3 }, (_, k) => (Math.floor(k / 3) === 20 ? NaN : stream.normal()));
    const starts = Int32Array.from([0, 1, 2, 5, 13, 21, 22, 30, 33]);
    const model = createModel(config, 3);
    const tensors = tf.memory().numTensors;
    tf.tidy(() => {
      const statics = tf.tensor2d([[0, 1, 0, 1]]);
      const z = config.model === "tamrl" ? { z: tf.tensor2d(Array.from({ length: 5 }, () => stream.normal()), [1, 5]) } : {};
      const slid = model.slide({ x: tf.tensor3d(values, [1, DAYS, 3]), statics, ...z }, { starts, time: TIME })!;
      const cut = tf.tensor3d(Float32Array.from([...starts].flatMap((s) => [...values.subarray(s * 3, (s + TIME) * 3)])), [starts.length, TIME, 3]);
      const each = { x: cut, statics: statics.tile([starts.length, 1]) as tf.Tensor2D, ...("z" in z ? { z: z.z!.tile([starts.length, 1]) as tf.Tensor2D } : {}) };
      const truth = model.forward(each, { training: false, lastDays: 1 });
      assert.deepEqual(slid.shape, [starts.length, 3]);
      const [a, b] = [slid.dataSync(), truth.dataSync()];
      a.forEach((v, k) => assert.ok(Math.abs(v - b[k]!) < 1e-5 * Math.max(1, Math.abs(b[k]!)), `window ${Math.floor(k / 3)}: ${v} against ${b[k]}`));
    });
    assert.equal(tf.memory().numTensors, tensors, "tensors left behind");
    model.dispose();
  });
}

test("several sites at once give what each gives alone, wherever their windows lie", (t) => {
  if (nativeOps() === null && wasmOps() === null) return t.skip("neither the fused kernel nor wasm is in use");
  for (const form of FORMS.slice(0, 9)) {
    const config = { ...base, ...form };
    const model = createModel(config, 3);
    const stream = random(2, JSON.stringify(form));
    const numbers = (n: number): number[] => Array.from({ length: n }, () => stream.normal());
    const sites = [[0, 3, 33], [], [5], [0, 1, 2, 20]].map((starts) => ({ starts, x: numbers(DAYS * 3), statics: numbers(4), z: numbers(5) }));
    const run = (of: typeof sites): number[] => tf.tidy(() => {
      const z = config.model === "tamrl" ? { z: tf.tensor2d(of.flatMap((s) => s.z), [of.length, 5]) } : {};
      const days = { x: tf.tensor3d(of.flatMap((s) => s.x), [of.length, DAYS, 3]), statics: tf.tensor2d(of.flatMap((s) => s.statics), [of.length, 4]), ...z };
      return [...model.slide(days, { starts: Int32Array.from(of.flatMap((s, i) => s.starts.map((d) => i * DAYS + d))), time: TIME })!.dataSync()];
    });
    const together = run(sites);
    const alone = sites.filter((s) => s.starts.length > 0).flatMap((s) => run([s]));
    assert.equal(together.length, 8 * 3);
    together.forEach((v, k) => assert.ok(Math.abs(v - alone[k]!) < 1e-5 * Math.max(1, Math.abs(v)), `${JSON.stringify(form)} ${k}: ${v} against ${alone[k]}`));
    model.dispose();
  }
});

test("a network of two layers, or one whose embedding is each window's own, has no such form", () => {
  for (const form of [{ layers: 2 }, { embedding: "query" }] as const) {
    const model = createModel({ ...base, ...form }, 3);
    const given = { x: tf.zeros<tf.Rank.R3>([1, 9, 3]), statics: tf.zeros<tf.Rank.R2>([1, 4]), z: tf.zeros<tf.Rank.R2>([1, 5]) };
    assert.equal(model.slide(given, { starts: Int32Array.from([0]), time: TIME }), null, JSON.stringify(form));
    tf.dispose(Object.values(given));
    model.dispose();
  }
});
