import assert from "node:assert/strict";
import { test } from "node:test";
import { random } from "../../../src/core/random";
import { extent, sortedKnown, statistic } from "../../../src/data/ingest/statistic";

test("number, least and greatest are of the known values; without any nothing lies between", () => {
  assert.deepEqual(extent(Float32Array.of(NaN, 3, -1, NaN, 2)), { known: 3, least: -1, most: 3 });
  assert.deepEqual(extent(Float32Array.of(NaN)), { known: 0, least: Infinity, most: -Infinity });
});

test("known values come in ascending order, and every statistic of them lies between the extremes", () => {
  const draw = random(3, "statistic");
  for (let k = 0; k < 200; k++) {
    const values = Float32Array.from({ length: 1 + draw.int(60) }, (_, i) => (i > 0 && draw.uniform() < 0.2 ? NaN : draw.uniform() * 20 - 10));
    const known = [...values].filter((v) => v === v);
    const sorted = sortedKnown(values);
    assert.deepEqual([...sorted], known.sort((a, b) => a - b));
    const { least, most } = extent(values);
    for (const stat of ["median", "mean", "max", "p95", "p99"] as const) {
      const value = statistic(sorted, stat);
      assert.ok(value >= least && value <= most, `${stat} ${value} of ${least}…${most}`);
    }
    assert.ok(statistic(sorted, "p99abs") <= Math.max(-least, most));
  }
});

test("statistics of a hundred values are those of their ranks", () => {
  const sorted = sortedKnown(Float32Array.from({ length: 100 }, (_, i) => i - 99.5));
  assert.deepEqual((["median", "mean", "max", "p95", "p99", "p99abs"] as const).map((stat) => statistic(sorted, stat)), [-49.5, -50, -0.5, -4.5, -0.5, 99.5]);
  assert.ok(Number.isNaN(statistic(new Float32Array(0), "median")));
});
