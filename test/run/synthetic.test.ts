import assert from "node:assert/strict";
import { test } from "node:test";
import { openBackend, tf } from "../../src/backend/tf";
import { isWorkbookError } from "../../src/core/errors";
import { random } from "../../src/core/random";
import { drawFunction, drawPoints, FAMILIES } from "../../src/data/synthetic/families";
import { syntheticFamilies } from "../../src/run/synthetic";

const SMALL = { families: ["linear"] as const, steps: 250, tasks: 30, testTasks: 200, hidden: 24, latent: 8, noise: 0.1, lr: 5e-3, innerRate: 0.1, innerSteps: 3 };

test("functions are what their family says, with parameters in its ranges", () => {
  const r = random(1, "functions");
  for (let i = 0; i < 500; i++) {
    const sine = drawFunction("sine", r).parameters as { amplitude: number; phase: number };
    assert.ok(sine.amplitude >= 0.1 && sine.amplitude <= 5 && sine.phase >= 0 && sine.phase <= Math.PI);
    const quadratic = drawFunction("quadratic", r);
    const { curvature, centre, bias } = quadratic.parameters as { curvature: number; centre: number; bias: number };
    assert.ok(Math.abs(curvature) >= 0.02 && Math.abs(curvature) <= 0.15);
    assert.equal(quadratic.value(centre), bias);
    for (const family of ["l1", "tanh"] as const) {
      const f = drawFunction(family, r);
      const p = f.parameters as { slope: number; centre: number; bias: number };
      assert.ok([p.slope, p.centre, p.bias].every((v) => Math.abs(v) <= 3));
      const [up, down] = [f.value(p.centre + 1) - p.bias, f.value(p.centre - 1) - p.bias];
      assert.ok(Math.abs(up - (family === "l1" ? down : -down)) < 1e-9, "l1 is even about its centre, tanh is odd");
    }
  }
  const linear = drawFunction("linear", r);
  assert.ok(Math.abs(linear.value(2) - 2 * linear.value(1) + linear.value(0)) < 1e-9);
});

test("points lie on their function but for the noise, and a seed fixes them", () => {
  const draw = (noise: number) => drawPoints(FAMILIES, 4, 6, noise, random(1, "points"));
  const { tasks, x, y } = draw(0);
  assert.equal(tasks.length, 20);
  y.forEach((v, i) => assert.ok(Math.abs(v - tasks[Math.floor(i / 6)]!.value(x[i]!)) < 1e-4));
  assert.deepEqual(draw(0.3).y, draw(0.3).y);
  const off = draw(0.3).y.map((v, i) => v - draw(0.3).tasks[Math.floor(i / 6)]!.value(draw(0.3).x[i]!));
  const sd = Math.sqrt(off.reduce((a, v) => a + v * v, 0) / off.length);
  assert.ok(sd > 0.2 && sd < 0.4, String(sd));
});

test("on lines, five points leave little of the error that none leave, for both learners", async () => {
  await openBackend();
  const before = tf.memory().numTensors;
  const rows = await syntheticFamilies(SMALL);
  assert.equal(tf.memory().numTensors, before, "nothing is left behind");
  const of = (model: string, k: number): number => rows.find((r) => r.model === model && r.k === k)!.mse;
  assert.deepEqual(rows.map((r) => [r.family, r.n_tasks]), Array.from({ length: 4 }, () => ["linear", 200]));
  // the variance of a·x + b with a, b in [−3, 3] and x in [−5, 5] is 28
  for (const model of ["tamrl", "maml"]) {
    assert.ok(of(model, 0) > 15 && of(model, 0) < 45, `${model} without points: ${of(model, 0)}`);
    assert.ok(of(model, 5) < 0.4 * of(model, 0), `${model}: ${of(model, 5)} of ${of(model, 0)}`);
  }
});

test("the same seed gives the same table", async () => {
  const short = { ...SMALL, steps: 3, order: 1 as const };
  assert.deepEqual(await syntheticFamilies(short), await syntheticFamilies(short));
  assert.notDeepEqual(await syntheticFamilies(short), await syntheticFamilies({ ...short, seed: 2 }));
});

test("impossible sizes and families are refused by name", async () => {
  await assert.rejects(syntheticFamilies({ steps: 0 }), (e) => isWorkbookError(e, "BadArgument") && /steps/.test(e.message));
  await assert.rejects(syntheticFamilies({ families: ["cubic" as "sine"] }), (e) => isWorkbookError(e, "BadArgument") && /cubic/.test(e.message));
});
