import assert from "node:assert/strict";
import { test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { dailyTable } from "../../src/data/daily-table";
import { availabilityByVariable, siteVariables, tableAvailability, type SiteVariable } from "../../src/figures/availability-by-variable";
import { renderFigure } from "../../src/figures/render";
import { assertSnapshot } from "../helpers/snapshot";
import { day2001, SITES, SNAPSHOTS } from "./cases";

const COLUMNS = ["gpp", "nee", "ta_degC", "p_mm_d", "evi", "temperature_2m"];
const rows: SiteVariable[] = SITES.flatMap((s, i) => COLUMNS.map((column, k) => ({ site: s.site, igbp: s.igbp, column, days: 1000, known: [1000, 0, 400, 700, 950, 995][(i + k) % 6]! })));

test("the heat map of variables looks as it did", () => {
  assertSnapshot(SNAPSHOTS, "availability-by-variable", renderFigure(availabilityByVariable(rows, { simulated: true, period: null })));
});

test("a day without a row is missing as one without a value is, and a column that no site has is left out", () => {
  const table = dailyTable({ site: ["DE-Hai", "DE-Hai", "FI-Hyy"], day: Int32Array.of(day2001(1), day2001(4), day2001(2)), numbers: { gpp: Float32Array.of(1, 2, NaN), evi: Float32Array.of(NaN, NaN, NaN), ta_degC: Float32Array.of(5, NaN, 3) } }, SITES);
  assert.deepEqual(siteVariables(table).map((r) => [r.site, r.column, r.days, r.known]), [["DE-Hai", "gpp", 4, 2], ["DE-Hai", "ta_degC", 4, 1], ["FI-Hyy", "gpp", 1, 0], ["FI-Hyy", "ta_degC", 1, 1]]);
  assert.match(renderFigure(tableAvailability(table, { simulated: false })), /2001-01-01|2001-01-02/);
});

test("what a site has nowhere is noted, and a table with nothing says what it needs", () => {
  assert.ok(availabilityByVariable(rows, { simulated: false, period: null }).notes[0]!.startsWith("Missing altogether at some sites:"));
  assert.throws(() => availabilityByVariable(rows.map((r) => ({ ...r, known: 0 })), { simulated: false, period: null }), (e) => isWorkbookError(e, "EmptyTable"));
});
