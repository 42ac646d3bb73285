import assert from "node:assert/strict";
import { test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { FLUXES } from "../../src/core/quantities";
import { differences, type DifferenceRow } from "../../src/figures/differences";
import { renderFigure } from "../../src/figures/render";
import { assertSnapshot } from "../helpers/snapshot";
import { PERIOD, SNAPSHOTS } from "./cases";

const rows: DifferenceRow[] = ["balance off", "balance hard", "embedding query", "class_weights product"].flatMap((arm, k) =>
  FLUXES.map((flux, f) => ({ arm, flux, difference: 0.1 * (k - 1.4) + 0.04 * f, low: 0.1 * (k - 1.4) - 0.06, high: 0.1 * (k - 1.4) + 0.09, clusters: 28 })));
const options = { reference: "the default", simulated: true, period: PERIOD };

test("differences look as they did", () => {
  assertSnapshot(SNAPSHOTS, "differences", renderFigure(differences(rows, options)));
});

test("what cannot be told is counted, few clusters are said, and none at all is refused", () => {
  const figure = differences([...rows, { arm: "window 365", flux: "gpp", difference: null, low: null, high: null, clusters: 6 }], options);
  assert.deepEqual(figure.notes, ["Not drawn: 1 difference that cannot be told."]);
  assert.match(differences(rows.map((r) => ({ ...r, clusters: 6 })), options).notes[0]!, /Fewer than 10 clusters/);
  assert.throws(() => differences([], options), (e) => isWorkbookError(e, "EmptyTable"));
});
