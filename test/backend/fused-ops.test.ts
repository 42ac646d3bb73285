import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { adamReference, adamStep } from "../../src/backend/adam-step";
import { embedDays, embedReference, type Modulation } from "../../src/backend/embed-days";
import { loadFused, type InstructionSet } from "../../src/backend/lstm/fused";
import { lstm } from "../../src/backend/lstm/lstm";
import { modulate, modulateReference } from "../../src/backend/modulate";
import { nativeOps } from "../../src/backend/native";
import { normalDays, normalReference, type Statistics } from "../../src/backend/normal-days";
import { openBackend, tf } from "../../src/backend/tf";
import { wasmOps } from "../../src/backend/wasm-threads";
import { random } from "../../src/core/random";

// Each fused operation against its own reference in plain operations: values, gradients and no tensor left behind.

/** Rows, windows of a site, days, inputs and outputs off every vector width; one of each; more rows than a slice. */
const SIZES = [
  { sites: 1, each: 1, time: 1, input: 1, out: 1 },
  { sites: 3, each: 2, time: 5, input: 2, out: 7 },
  { sites: 2, each: 4, time: 13, input: 9, out: 32 },
  { sites: 13, each: 1, time: 4, input: 34, out: 17 },
  { sites: 5, each: 3, time: 45, input: 20, out: 33 },
];
/** The native operations as compiled for each instruction set, and those on wasm. */
const SETS: readonly (InstructionSet | "wasm")[] = ["avx512", "avx2", "portable", "wasm"];

const normal = (seed: number, shape: number[], scale = 1, shift = 0): tf.Tensor => {
  const stream = random(seed, `fused ${shape.join()}`);
  return tf.tensor(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => shift + scale * stream.normal()), shape);
};

function near(got: tf.Tensor, truth: tf.Tensor, what: string): void {
  assert.deepEqual(got.shape, truth.shape, what);
  const [a, b] = [got.dataSync(), truth.dataSync()] as [Float32Array, Float32Array];
  const scale = b.reduce((most, v) => Math.max(most, Math.abs(v)), 1e-3);
  b.forEach((v, k) => assert.ok(Math.abs(v - a[k]!) <= 2e-5 * scale, `${what}: place ${k}: ${a[k]} against ${v} (scale ${scale})`));
}

/** Value and gradients of Σ weight·f for both, compared; `f` gets the differentiable inputs. */
function compare(name: string, fast: (...t: tf.Tensor[]) => tf.Tensor, truth: (...t: tf.Tensor[]) => tf.Tensor, inputs: tf.Tensor[]): void {
  const tensors = tf.memory().numTensors;
  tf.tidy(() => {
    const weight = normal(9, fast(...inputs).shape);
    near(fast(...inputs), truth(...inputs), name);
    const both = [fast, truth].map((f) => tf.grads((...t) => tf.sum(tf.mul(f(...t), weight)))(inputs));
    both[0]!.forEach((g, k) => near(g, both[1]![k]!, `${name}, gradient ${k}`));
  });
  assert.equal(tf.memory().numTensors, tensors, `${name}: tensors left behind`);
}

for (const set of SETS) {
  describe(`fused operations, ${set}`, () => {
    let skip: string | false = false;
    before(async () => {
      await openBackend(set === "wasm" ? { backend: "wasm", threads: 2 } : {});
      if (set === "wasm") {
        skip = wasmOps() === null ? "the wasm operations are not built" : false;
        return;
      }
      const loaded = loadFused(2, set);
      skip = "why" in loaded ? loaded.why : nativeOps() === null ? "another kernel was chosen" : false;
    });
    SIZES.forEach((size, seed) => {
      const { sites, each, time, input, out } = size;
      const rows = sites * each;
      const label = JSON.stringify(size);
      it(`the layer of daily drivers equals its reference, plain and modulated, at ${label}`, (t) => {
        if (skip) return t.skip(skip);
        const [x, w, b, scale, shift] = [normal(seed, [rows, time, input]), normal(seed, [out, input]), normal(seed, [out]), normal(seed, [rows, out]), normal(seed + 50, [rows, out])] as [tf.Tensor3D, tf.Tensor2D, tf.Tensor1D, tf.Tensor2D, tf.Tensor2D];
        const of = (f: typeof embedReference) => (...p: tf.Tensor[]) => f(x, p[0] as tf.Tensor2D, p[1] as tf.Tensor1D, p.length > 2 ? ({ scale: p[2], shift: p[3] } as Modulation) : null);
        compare("plain", of(embedDays), of(embedReference), [w, b]);
        compare("modulated", of(embedDays), of(embedReference), [w, b, scale, shift]);
        tf.dispose([x, w, b, scale, shift]);
      });
      it(`BatchNorm of daily drivers equals its reference, with rows that do not count, at ${label}`, (t) => {
        if (skip) return t.skip(skip);
        const present = tf.tensor1d(Array.from({ length: rows }, (_, r) => (r % 3 === 1 ? 0 : 1)));
        // far from zero, so that a variance made of raw squares would show
        const [x, w, site, weight, bias] = [normal(seed, [rows, time, input], 1, 3), normal(seed, [out, input]), normal(seed, [sites, out]), normal(seed, [out], 0.3, 1), normal(seed, [out])] as [tf.Tensor3D, tf.Tensor2D, tf.Tensor2D, tf.Tensor1D, tf.Tensor1D];
        const told: number[][] = [];
        const follow: Statistics = (mean, variance) => void told.push([...mean.dataSync(), ...variance.dataSync()]);
        const of = (f: typeof normalReference) => (...p: tf.Tensor[]) => f({ x, w: p[0] as tf.Tensor2D, site: p[1] as tf.Tensor2D, present, weight: p[2] as tf.Tensor1D, bias: p[3] as tf.Tensor1D }, follow);
        if (rows * time > 2) compare("normal", of(normalDays), of(normalReference), [w, site, weight, bias]);
        tf.dispose([of(normalDays)(w, site, weight, bias), of(normalReference)(w, site, weight, bias)]);
        const [fast, truth] = told.slice(-2) as [number[], number[]];
        truth.forEach((v, k) => assert.ok(Math.abs(v - fast[k]!) <= 1e-3 * Math.max(1, Math.abs(v)), `statistic ${k}: ${fast[k]} against ${v}`));
        tf.dispose([x, w, site, weight, bias, present]);
      });
      it(`modulation with and without dropout equals its reference at ${label}`, (t) => {
        if (skip) return t.skip(skip);
        const [x, scale, shift, mask] = [normal(seed, [rows, time, out]), normal(seed, [rows, out]), normal(seed + 50, [rows, out]), normal(seed + 60, [rows, time, out])] as [tf.Tensor3D, tf.Tensor2D, tf.Tensor2D, tf.Tensor3D];
        for (const m of [null, mask]) {
          const of = (f: typeof modulateReference) => (...p: tf.Tensor[]) => f(p[0] as tf.Tensor3D, { scale: p[1], shift: p[2] } as Modulation, m);
          compare(m ? "masked" : "plain", of(modulate), of(modulateReference), [x, scale, shift]);
        }
        tf.dispose([x, scale, shift, mask]);
      });
      it(`the last states are those of the whole walk, forwards and backwards, at ${label}`, (t) => {
        if (skip) return t.skip(skip);
        const u = 0.5 / Math.sqrt(out);
        const given = [normal(seed, [rows, time, input]), normal(seed, [4 * out, input], u), normal(seed, [4 * out, out], u), normal(seed, [4 * out], u), normal(seed + 9, [4 * out], u)];
        const run = (lastDays: number | undefined, reverse: boolean) => (...p: tf.Tensor[]): tf.Tensor => lstm(p[0] as tf.Tensor3D, { wIh: p[1], wHh: p[2], bIh: p[3], bHh: p[4] } as never, { reverse, ...(lastDays ? { lastDays } : {}) });
        for (const reverse of [false, true]) for (const last of new Set([1, Math.ceil(time / 2), time])) {
          compare(`last ${last}${reverse ? ", reverse" : ""}`, run(last, reverse), (...p) => run(undefined, reverse)(...p).slice([0, reverse ? 0 : time - last, 0], [-1, last, -1]), given);
        }
        tf.dispose(given);
      });
    });
    it("Adam with and without decay equals its reference over several parameters of different shape", (t) => {
      if (skip) return t.skip(skip);
      const shapes = [[3, 5], [7], [1], [2, 3, 4], [130, 3]];
      const total = shapes.reduce((sum, s) => sum + s.reduce((a, b) => a * b, 1), 0);
      for (const decay of [0, 0.01]) for (const count of [1, 7]) tf.tidy(() => {
        const state = { mean: normal(1, [total], 0.1) as tf.Tensor1D, square: tf.abs(normal(2, [total], 0.1)) as tf.Tensor1D, parameters: shapes.map((s, k) => normal(k, s)) };
        const gradients = shapes.map((s, k) => normal(k + 20, s));
        const rates = { lr: 0.01, betas: [0.9, 0.999] as const, eps: 1e-8, decay, count };
        const [fast, truth] = [adamStep(state, gradients, rates), adamReference(state, gradients, rates)];
        near(fast.mean, truth.mean, "mean");
        near(fast.square, truth.square, "square");
        fast.parameters.forEach((p, k) => near(p, truth.parameters[k]!, `parameter ${k}`));
      });
    });
    it("a missing driver stays missing: NaN in one row reaches that row's output and the weights' gradient", (t) => {
      if (skip) return t.skip(skip);
      tf.tidy(() => {
        const x = tf.tensor3d([1, NaN, 2, 3], [2, 2, 1]);
        const w = tf.tensor2d([[1]]);
        const b = tf.tensor1d([0]);
        const [value, gradient] = [embedDays(x, w, b).dataSync(), tf.grad((p) => embedDays(x, p as tf.Tensor2D, b).sum())(w).dataSync()];
        assert.deepEqual([...value].map(Number.isNaN), [false, true, false, false]);
        assert.ok(Number.isNaN(gradient[0]));
      });
    });
  });
}
