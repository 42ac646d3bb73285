import assert from "node:assert/strict";
import { test } from "node:test";
import { boxStats, quantile } from "../../src/figures/quantile";

test("quantiles follow type 7 and leave missing values out", () => {
  // R 4.3: quantile(c(1, 2, 4, 8, 16), c(.1, .25, .5, .9), type = 7)
  assert.deepEqual([0.1, 0.25, 0.5, 0.9].map((p) => quantile([16, 1, NaN, 8, 2, 4], p)), [1.4, 2, 4, 12.8]);
  assert.ok(Number.isNaN(quantile([NaN], 0.5)));
  assert.equal(quantile([3], 0.25), 3);
});

test("whiskers of a box end at values that exist, within one and a half interquartile ranges", () => {
  const box = boxStats([1, 2, 3, 4, 5, 9, NaN]);
  assert.deepEqual([box.n, box.q25, box.median, box.q75], [6, 2.25, 3.5, 4.75]);
  assert.deepEqual([box.low, box.high, box.beyond], [1, 5, [9]]);
});
