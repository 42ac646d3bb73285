import assert from "node:assert/strict";
import { test } from "node:test";
import { ridgeProbe } from "../../src/evaluate/probe";
import { isWorkbookError } from "../../src/core/errors";
import { random } from "../../src/core/random";

test("a probe without penalty recovers a linear rule, and a heavy penalty returns the mean", () => {
  const r = random(1, "probe");
  const x = Array.from({ length: 40 }, () => [r.normal(), r.normal(), r.normal()]);
  const y = x.map(([a, b, c]) => 3 + 2 * a! - b! + 0.5 * c!);
  const fresh = [[1, 2, 3], [-1, 0, 1]];
  ridgeProbe(x, y, fresh, 1e-9).forEach((p, i) => assert.ok(Math.abs(p - (3 + 2 * fresh[i]![0]! - fresh[i]![1]! + 0.5 * fresh[i]![2]!)) < 1e-6));
  const mean = y.reduce((a, b) => a + b, 0) / y.length;
  assert.ok(Math.abs(ridgeProbe(x, y, [[5, 5, 5]], 1e12)[0]! - mean) < 1e-6);
});

test("a constant feature does no harm, and too few rows are refused", () => {
  assert.ok(Math.abs(ridgeProbe([[1, 0], [1, 1], [1, 2]], [0, 1, 2], [[1, 3]], 1e-9)[0]! - 3) < 1e-6);
  assert.throws(() => ridgeProbe([[1]], [1], [[1]], 1), (e) => isWorkbookError(e, "BadArgument"));
});
