import assert from "node:assert/strict";
import { test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { dailyTable, siteRows } from "../../src/data/daily-table";
import { layRecord } from "../../src/windows/record";
import { aSite } from "../helpers/tables";

const nan = NaN;

function record(ta: number[], p: number[], days: number[], maxGap: number, channels = ["ta_degC", "p_mm_d"]) {
  const table = dailyTable({ site: days.map(() => "A"), day: Int32Array.from(days), numbers: { ta_degC: Float32Array.from(ta), p_mm_d: Float32Array.from(p), gpp: Float32Array.from(ta.map(() => 1)) } }, [aSite("A")]);
  return layRecord(table, siteRows(table)[0]!, channels, maxGap);
}

test("a gap in the days becomes rows, and short gaps close: temperature linearly, precipitation with zero", () => {
  const r = record([0, 4], [3, 5], [10, 14], 7);
  assert.equal(r.length, 5);
  assert.deepEqual([...r.drivers], [0, 3, 1, 0, 2, 0, 3, 0, 4, 5]);
  assert.deepEqual(r.filled, { ta_degC: 3, p_mm_d: 3 });
  assert.deepEqual([...r.complete], [1, 1, 1, 1, 1]);
});

test("a gap longer than max_gap stays missing and the ends are never extrapolated", () => {
  const r = record([nan, 1, nan, nan, 4, nan], [0, 0, 0, 0, 0, 0], [0, 1, 2, 3, 4, 5], 1);
  assert.deepEqual([...r.complete], [0, 1, 0, 0, 1, 0]);
  assert.deepEqual(r.filled, {});
});

test("fluxes are never filled", () => {
  const r = record([0, 4], [3, 5], [10, 14], 7);
  assert.ok(Number.isNaN(r.targets[3]!));
});

test("position channels repeat the site's position, and a site without one is named", () => {
  const r = record([0], [0], [0], 7, ["lat", "ta_degC"]);
  assert.deepEqual([...r.drivers], [50, 0]);
  const table = dailyTable({ site: ["B"], day: Int32Array.of(0), numbers: { ta_degC: Float32Array.of(1) } }, [aSite("B", { lat: null })]);
  assert.throws(() => layRecord(table, siteRows(table)[0]!, ["lat"], 7), (e) => isWorkbookError(e, "BadSite") && /B: lat is required/.test(e.message));
});

test("a channel the table lacks is named with the nearest column", () => {
  const table = dailyTable({ site: ["B"], day: Int32Array.of(0), numbers: { ta_degC: Float32Array.of(1) } }, [aSite("B")]);
  assert.throws(() => layRecord(table, siteRows(table)[0]!, ["vpd_hPa"], 7), (e) => isWorkbookError(e, "MissingColumn") && e.message.includes("vpd_hPa"));
});
