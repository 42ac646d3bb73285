import assert from "node:assert/strict";
import { test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { renderFigure } from "../../src/figures/render";
import { siteMap } from "../../src/figures/site-map";
import { assertSnapshot } from "../helpers/snapshot";
import { PERIOD, SITES, SNAPSHOTS } from "./cases";

test("the map of sites by land cover looks as it did", () => {
  assertSnapshot(SNAPSHOTS, "site-map", renderFigure(siteMap(SITES, { simulated: true, period: PERIOD })));
});

test("a part of the map by side of the split looks as it did", () => {
  const sites = SITES.map((s, i) => ({ ...s, split: (["train", "test", "validation", "unused"] as const)[i % 4]! }));
  assertSnapshot(SNAPSHOTS, "site-map-split", renderFigure(siteMap(sites, { colorBy: "split", simulated: false, period: PERIOD, extent: [-10, 35, 40, 70] })));
});

test("the map by fold looks as it did: folds in the order of their numbers, a site in none is unknown", () => {
  const sites = SITES.map((s, i) => (i === 4 ? s : { ...s, fold: `fold-${[2, 10, 1, 2, 0, 1][i]}` }));
  const figure = siteMap(sites, { colorBy: "fold", simulated: true, period: PERIOD });
  assert.deepEqual(figure.legend.map((l) => l.label), ["fold-1 (1)", "fold-2 (2)", "fold-10 (1)", "unknown (1)"]);
  assertSnapshot(SNAPSHOTS, "site-map-fold", renderFigure(figure));
});

test("sites without a position are named, sites without a class are drawn as unknown, and the data hold them all", () => {
  const figure = siteMap(SITES, { simulated: false, period: PERIOD });
  assert.equal(figure.n, 5);
  assert.match(figure.notes.join(), /1 site without a position \(XX-Nil\)/);
  assert.deepEqual(figure.legend.map((l) => l.label), ["ENF (1)", "DBF (1)", "SAV (1)", "CRO (1)", "unknown (1)"]);
  assert.deepEqual(figure.data.map((row) => row["drawn"]), [true, true, true, true, true, false]);
});

test("a map without any position says what it needs", () => {
  for (const sites of [[], [SITES[5]!], [{ ...SITES[0]!, lat: NaN }]]) {
    assert.throws(() => siteMap(sites, { simulated: false, period: null }), (e) => isWorkbookError(e, "EmptyTable") && /lat and lon/.test(e.message));
  }
});
