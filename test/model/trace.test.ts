import assert from "node:assert/strict";
import { before, test } from "node:test";
import { openBackend, tf } from "../../src/backend/tf";
import { isWorkbookError } from "../../src/core/errors";
import { createModel } from "../../src/model/model";
import { traceWindow } from "../../src/model/trace";
import type { ModelConfig } from "../../src/model/types";
import { snapshot } from "../../src/run/checkpoint";
import { distance } from "./golden";

before(async () => void (await openBackend()));

const config: ModelConfig = {
  model: "tamrl", channels: 3, statics: 2, hidden: 8, latent: 4, layers: 1, dropout: 0.2, modulation: "tied", outputModulation: true,
  embedding: "support", balance: "soft", targetMean: [4, 3, -0.5], targetSd: [3.5, 2.25, 2],
};
const TIME = 6;
const x = tf.randomNormal<tf.Rank.R3>([1, TIME, 3], 0, 1, "float32", 1);
const z = tf.randomNormal<tf.Rank.R2>([1, 4], 0, 1, "float32", 2);

test("the decoder written out by hand gives the fluxes of the model, with tied, free and without input modulation", () => {
  for (const modulation of ["tied", "free", "none"] as const) for (const outputModulation of modulation === "none" ? [true] : [true, false]) {
    const own = { ...config, modulation, outputModulation };
    const model = createModel(own, 3);
    const expected = model.forward({ x, statics: tf.zeros([1, 2]), z }, { training: false, lastDays: TIME }).dataSync() as Float32Array;
    const trace = traceWindow(snapshot(model), own, x.dataSync() as Float32Array, z.dataSync() as Float32Array);
    assert.ok(distance(trace.fluxes, expected) < 1e-5, `${modulation}, output modulation ${outputModulation}`);
    model.dispose();
  }
});

test("without a task nothing is modulated, and with one the gates move", () => {
  const model = createModel(config, 3);
  const [plain, modulated] = [null, z.dataSync() as Float32Array].map((task) => traceWindow(snapshot(model), config, x.dataSync() as Float32Array, task));
  assert.deepEqual([...plain!.scale], new Array(8).fill(1));
  assert.deepEqual(plain!.modulated, plain!.embedded);
  assert.ok(distance(plain!.gates.forget, modulated!.gates.forget) > 1e-3);
  for (const gate of ["input", "forget", "output"] as const) assert.ok(modulated!.gates[gate].every((v) => v > 0 && v < 1), gate);
  model.dispose();
});

test("what cannot be followed is refused", () => {
  const model = createModel(config, 3);
  const weights = snapshot(model);
  for (const other of [{ layers: 2 }, { balance: "hard" as const }]) assert.throws(() => traceWindow(weights, { ...config, ...other }, new Float32Array(3), null), (e) => isWorkbookError(e, "BadArgument"));
  assert.throws(() => traceWindow(new Map(), config, new Float32Array(3), null), /forward_model\.\S+ are required/);
  model.dispose();
});
