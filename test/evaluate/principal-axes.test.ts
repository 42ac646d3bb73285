import assert from "node:assert/strict";
import { test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { random } from "../../src/core/random";
import { principalAxes } from "../../src/evaluate/principal-axes";

test("points on a line have one axis, along it, whatever their order of magnitude", () => {
  const { scores, share } = principalAxes(Float32Array.from([0, 0, 3, 4, 6, 8]), 2, 2);
  assert.ok(share[0]! > 1 - 1e-9);
  [-5, 0, 5].forEach((at, i) => assert.ok(Math.abs(scores[2 * i]! - at) < 1e-6));
});

test("axes are uncorrelated, keep the variance, and fall in share", () => {
  const r = random(1, "axes");
  for (let round = 0; round < 20; round++) {
    const [n, width] = [5 + r.int(30), 2 + r.int(6)];
    const rows = Float32Array.from({ length: n * width }, (_, i) => r.normal() * (1 + (i % width)));
    const axes = Math.min(width, n - 1);
    const { scores, share } = principalAxes(rows, width, axes);
    const dot = (a: number, b: number): number => Array.from({ length: n }, (_, i) => scores[i * axes + a]! * scores[i * axes + b]!).reduce((x, y) => x + y, 0);
    for (let a = 1; a < axes; a++) {
      assert.ok(share[a]! <= share[a - 1]! + 1e-12);
      assert.ok(Math.abs(dot(0, a)) < 1e-6 * dot(0, 0));
    }
    if (axes === width) assert.ok(Math.abs(share.reduce((x, y) => x + y, 0) - 1) < 1e-9);
  }
});

test("a row that is not finite stays out, is counted and has no place; too few rows are refused", () => {
  const { scores, left } = principalAxes(Float32Array.from([0, 0, NaN, 1, 1, 1, 2, 5]), 2, 1);
  assert.equal(left, 1);
  assert.ok(Number.isNaN(scores[1]!) && [0, 2, 3].every((i) => Number.isFinite(scores[i]!)));
  assert.throws(() => principalAxes(Float32Array.from([1, 2]), 2, 1), (e) => isWorkbookError(e, "BadArgument"));
});
