import assert from "node:assert/strict";
import { test } from "node:test";
import { IGBP } from "../../src/core/quantities";
import type { PredictorGrid } from "../../src/data/grid/predictors";
import { random } from "../../src/core/random";
import { cellMixture, LEAST_SHARE } from "../../src/upscale/mixture";
import { layTiles } from "../../src/upscale/tiles";

const grid = (rows: number, columns: number, days: number, chunk = { rows: 10, columns: 10 }): Pick<PredictorGrid, "lat" | "lon" | "days" | "chunk"> => ({
  lat: { name: "lat", centres: new Float64Array(rows), step: 1 }, lon: { name: "lon", centres: new Float64Array(columns), step: 1 }, days: { first: 0 as never, length: days }, chunk,
});

test("tiles cover every cell once, hold whole chunks of the output, and stay within their memory whatever the grid and the years", () => {
  const r = random(1, "grids");
  for (let k = 0; k < 200; k++) {
    const [rows, columns, days, channels] = [2 + r.int(200), 2 + r.int(300), 30 + r.int(9000), 1 + r.int(40)];
    const layout = layTiles(grid(rows, columns, days, { rows: 1 + r.int(120), columns: 1 + r.int(120) }), channels);
    const seen = new Uint8Array(rows * columns);
    for (const { rows: [a, b], columns: [c, d] } of layout.tiles) {
      assert.ok(a % layout.rows === 0 && c % layout.columns === 0 && b - a <= layout.rows && d - c <= layout.columns);
      for (let i = a; i < b; i++) for (let j = c; j < d; j++) seen[i * columns + j]!++;
    }
    assert.ok(seen.every((n) => n === 1));
    const cells = layout.rows * layout.columns;
    assert.ok(cells <= 1024 && (cells === 1 || cells * days * channels * 4 <= 96 * 2 ** 20), `${cells} cells of ${days} days`);
    assert.ok(layout.days >= Math.min(days, 365) && layout.days <= days);
  }
});

test("a tile is whole pieces of the input, or an even share of one", () => {
  const [year, twenty] = [365, 20 * 365];
  assert.deepEqual([layTiles(grid(180, 360, year), 20).rows, layTiles(grid(180, 360, year), 20).columns], [30, 30]);
  assert.equal(90 % layTiles(grid(3600, 7200, twenty, { rows: 90, columns: 90 }), 20).rows, 0);
  assert.deepEqual([layTiles(grid(20, 20, year), 20, 16).rows, layTiles(grid(20, 20, year), 20, 30).columns], [4, 5], "no even share comes near four; five is half of a piece");
  assert.equal(layTiles(grid(20, 20, year), 20, 36).rows, 5, "half of a piece rather than six tenths");
});

test("a cell's classes are those with 5 % or more of its land, unknown land among them, shares summing to 1", () => {
  const of = (shares: Partial<Record<(typeof IGBP)[number], number>>): Float32Array => Float32Array.from(IGBP, (c) => shares[c] ?? 0);
  const named = (shares: Parameters<typeof of>[0]): [string | null, number][] => cellMixture(of(shares)).map((c) => [c.igbp, Math.round(1000 * c.share) / 1000]);
  assert.deepEqual(named({ ENF: 1 }), [["ENF", 1]]);
  assert.deepEqual(named({ GRA: 0.3, ENF: 0.66, CRO: 0.04 }), [["ENF", 0.688], ["GRA", 0.313]]);
  assert.deepEqual(named({ ENF: 0.5 }), [["ENF", 0.5], [null, 0.5]]);
  assert.deepEqual(named({}), [[null, 1]]);
  assert.deepEqual(cellMixture(new Float32Array(IGBP.length).fill(NaN)), [{ igbp: null, share: 1 }]);
  const even = cellMixture(new Float32Array(IGBP.length).fill(1 / IGBP.length));
  assert.equal(even.length, 16);
  const r = random(2, "mixtures");
  for (let k = 0; k < 300; k++) {
    const raw = IGBP.map(() => (r.uniform() < 0.6 ? 0 : r.uniform()));
    const sum = raw.reduce((a, b) => a + b, 0) * (1 + r.uniform() * (k % 2));
    const mixture = cellMixture(Float32Array.from(raw, (v) => v / Math.max(1e-9, sum)));
    assert.ok(Math.abs(mixture.reduce((s, c) => s + c.share, 0) - 1) < 1e-6);
    assert.ok(mixture.length === 1 || mixture.every((c) => c.share >= LEAST_SHARE - 1e-9));
  }
});
