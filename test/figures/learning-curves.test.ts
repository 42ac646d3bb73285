import assert from "node:assert/strict";
import { test } from "node:test";
import { learningCurves, type EpochLoss } from "../../src/figures/learning-curves";
import { renderFigure } from "../../src/figures/render";
import { assertSnapshot } from "../helpers/snapshot";
import { PERIOD, SNAPSHOTS } from "./cases";

const log: EpochLoss[] = (["tamrl", "lstm"] as const).flatMap((model, m) => [1, 2].slice(m).flatMap((stage) => Array.from({ length: 15 }, (_, e) => ({ model, stage, epoch: e + 1, train: (1 + m) / (e + 2), validation: (e + 1) % 5 === 0 ? 0.3 + 0.1 * m + 0.002 * (e - 9) ** 2 : null }))));

test("learning curves look as they did", () => {
  assertSnapshot(SNAPSHOTS, "learning-curves", renderFigure(learningCurves(log, { period: PERIOD, simulated: true })));
});

test("the ring is at the epoch of least validation loss", () => {
  assert.match(learningCurves(log, { period: PERIOD, simulated: false }).alt, /TAM-RL, stage 1: 15 epochs, least validation loss 0\.300 in epoch 10/);
});

test("a loss that is not finite is counted, an epoch that was not validated is not", () => {
  const broken: EpochLoss[] = [...log, { model: "lstm", stage: 2, epoch: 16, train: Infinity, validation: null }];
  assert.deepEqual(learningCurves(broken, { period: PERIOD, simulated: false }).notes, ["1 epoch with a loss that is not finite, not drawn."]);
  assert.deepEqual(learningCurves(log, { period: PERIOD, simulated: false }).notes, []);
});
