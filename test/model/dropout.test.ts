import assert from "node:assert/strict";
import { before, test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { openBackend, tf } from "../../src/backend/tf";
import { dropout, dropoutReference } from "../../src/backend/dropout";
import { dropoutMask } from "../../src/model/dropout";
import { createModel } from "../../src/model/model";

before(async () => void (await openBackend()));

const mask = (seed: number, rate = 0.3): Float32Array => tf.tidy(() => dropoutMask(tf.zeros([20, 15, 64]), rate, seed).dataSync()) as Float32Array;

test("a mask drops the share asked for and keeps the mean", () => {
  for (const rate of [0.2, 0.3, 0.5]) {
    for (let seed = 0; seed < 20; seed++) {
      const values = mask(seed, rate);
      const share = values.filter((v) => v === 0).length / values.length;
      assert.ok(Math.abs(share - rate) < 4 * Math.sqrt((rate * (1 - rate)) / values.length), `rate ${rate}, seed ${seed}: ${share}`);
      assert.ok(values.every((v) => v === 0 || Math.abs(v - 1 / (1 - rate)) < 1e-6));
    }
  }
});

test("the mask is the hash written plainly, with and without native code", () => {
  for (const [key, rate] of [[0, 0.3], [0xdeadbeef, 0.5], [0x7fffffff, 0.001], [0xffffffff, 0.999]] as const) {
    const below = Math.round(rate * 2 ** 32);
    const plain = Array.from({ length: 5000 }, (_, k) => {
      let h = Math.imul(k, 0x9e3779b1) ^ key;
      h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
      h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
      return (h ^ (h >>> 16)) >>> 0 < below ? 0 : Math.fround(1 / (1 - rate));
    });
    assert.deepEqual([...dropoutReference(5000, key, below, 1 / (1 - rate))], plain);
    assert.deepEqual([...tf.tidy(() => dropout(tf.zeros([50, 100]), rate, key).dataSync())], plain);
  }
});

test("the same seed gives the same mask, neighbouring seeds give unrelated ones", () => {
  assert.deepEqual(mask(7), mask(7));
  const dropped = (seed: number): boolean[] => [...mask(seed, 0.5)].map((v) => v === 0);
  for (let seed = 0; seed < 10; seed++) {
    const [a, b] = [dropped(seed), dropped(seed + 1)];
    const same = a.filter((v, k) => v === b[k]).length / a.length;
    assert.ok(Math.abs(same - 0.5) < 4 * Math.sqrt(0.25 / a.length), `seed ${seed}: ${same}`);
  }
});

test("neighbouring units, days and windows are dropped independently", () => {
  const dropped = [...mask(3, 0.5)].map((v) => (v === 0 ? 1 : -1));
  for (const lag of [1, 2, 3, 64, 128, 64 * 15]) {
    const n = dropped.length - lag;
    let sum = 0;
    for (let k = 0; k < n; k++) sum += dropped[k]! * dropped[k + lag]!;
    assert.ok(Math.abs(sum / n) < 4 / Math.sqrt(n), `lag ${lag}: ${sum / n}`);
  }
});

test("a model drops in training only, by its seed only", () => {
  const model = createModel({
    model: "lstm", channels: 3, statics: 2, hidden: 8, latent: 4, layers: 1, dropout: 0.5, modulation: "tied", outputModulation: true,
    embedding: "support", balance: "off", targetMean: [0, 0, 0], targetSd: [1, 1, 1],
  }, 1);
  const batch = { x: tf.ones<tf.Rank.R3>([2, 5, 3]), statics: tf.zeros<tf.Rank.R2>([2, 2]) };
  const run = (training: boolean, dropoutSeed?: number): number[] => [...model.forward(batch, { training, lastDays: 5, dropoutSeed }).dataSync()];
  assert.deepEqual(run(false), run(false, 3));
  assert.deepEqual(run(true, 3), run(true, 3));
  assert.notDeepEqual(run(true, 3), run(true, 4));
  assert.notDeepEqual(run(true, 3), run(false));
  assert.throws(() => run(true), (e) => isWorkbookError(e, "BadArgument"));
});
