import assert from "node:assert/strict";
import { test } from "node:test";
import { asDay, quarterOf } from "../../src/core/days";
import { random } from "../../src/core/random";
import { siteRows } from "../../src/data/daily-table";
import { layRecord, type SiteRecord } from "../../src/windows/record";
import { drawSupport, predictSupport, supportCandidates } from "../../src/windows/support";
import { cutWindows, predictionStarts } from "../../src/windows/windows";
import { aSite, towerTable } from "../helpers/tables";

const WINDOW = 45;

function recordOf(days: number): SiteRecord {
  const table = towerTable([aSite("A")], days);
  return layRecord(table, siteRows(table)[0]!, ["ta_degC", "sw_in_W_m2"], 7);
}

test("support windows of a query never share a day with it, and come one from each quarter", () => {
  const record = recordOf(1000);
  const candidates = supportCandidates(record, WINDOW);
  const r = random(7, "support");
  for (let loop = 0; loop < 500; loop++) {
    const query = r.int(1000 - WINDOW);
    const { starts, short } = drawSupport(candidates, query, 4, r);
    assert.equal(short, false);
    assert.equal(starts.length, 4);
    for (const s of starts) assert.ok(s + WINDOW <= query || s >= query + WINDOW, `support ${s} overlaps query ${query}`);
    const quarters = starts.map((s) => quarterOf(asDay(record.first + s + 22)));
    assert.deepEqual([...quarters].sort(), [0, 1, 2, 3]);
  }
});

test("past_only support ends before the query begins", () => {
  const candidates = supportCandidates(recordOf(1000), WINDOW);
  const r = random(3, "past");
  for (let loop = 0; loop < 200; loop++) {
    const query = 500 + r.int(400);
    for (const s of drawSupport(candidates, query, 4, r, true).starts) assert.ok(s + WINDOW <= query);
  }
});

test("a record of one window supports itself and says so", () => {
  const candidates = supportCandidates(recordOf(50), WINDOW);
  assert.deepEqual(drawSupport(candidates, 2, 4, random(1, "s")), { starts: [2], short: true });
});

test("support at inference is three windows a quarter, spread over the record and the same at each call", () => {
  const record = recordOf(1461);
  const candidates = supportCandidates(record, WINDOW);
  const starts = predictSupport(candidates, 12);
  assert.equal(starts.length, 12);
  assert.deepEqual(starts, predictSupport(candidates, 12));
  const counts = [0, 0, 0, 0];
  for (const s of starts) counts[quarterOf(asDay(record.first + s + 22))]!++;
  assert.deepEqual(counts, [3, 3, 3, 3]);
  const years = new Set(starts.map((s) => Math.floor(s / 365)));
  assert.ok(years.size >= 3, "spread over the years");
});

test("a record shorter than a window has no support and no prediction", () => {
  const record = recordOf(44);
  assert.deepEqual(predictSupport(supportCandidates(record, WINDOW), 12), []);
  assert.equal(predictionStarts(record, WINDOW).length, 0);
});

test("training windows tile the flux days with their last fifteen days, history prepended", () => {
  const table = towerTable([aSite("A")], 200);
  const record = layRecord(table, siteRows(table)[0]!, ["ta_degC"], 7);
  record.targets.fill(NaN, 0, 60 * 3); // the first flux comes on day 60
  const { starts, count } = cutWindows(record, { window: WINDOW, stride: 15, lossDays: 15 });
  assert.equal(starts[0], 60 - 44);
  assert.deepEqual([...starts].map((s) => s - starts[0]!), Array.from({ length: starts.length }, (_, k) => 15 * k));
  assert.equal(count.kept, starts.length);
  assert.ok(starts[starts.length - 1]! + WINDOW <= 200);
});

test("a window that misses a driver is dropped and counted, one without a flux likewise", () => {
  const record = recordOf(120);
  record.complete[70] = 0;
  const cut = cutWindows(record, { window: WINDOW, stride: 15, lossDays: 15 });
  assert.ok(cut.count.missingDriver > 0);
  for (const s of cut.starts) assert.ok(s > 70 || s + WINDOW <= 70);
  record.targets.fill(NaN);
  record.targets[0] = 1;
  assert.ok(cutWindows(record, { window: WINDOW, stride: 15, lossDays: 15 }).count.noFlux > 0);
});
