import assert from "node:assert/strict";
import { test } from "node:test";
import { siteDays } from "../../src/figures/site-days";

test("a day that stands in two series counts once, the same day at two sites twice", () => {
  const series = [{ site: ["A", "A", "B"], day: [1, 2, 1], rows: [0, 2] }, { site: ["A", "A"], day: [1, 9], rows: [0, 1] }];
  assert.deepEqual(siteDays(series), { n: 3, nOf: "site-days at 2 sites", period: { first: 1, last: 9 } });
  assert.deepEqual(siteDays([]), { n: 0, nOf: "site-days at 0 sites", period: null });
});
