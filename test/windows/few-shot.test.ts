import assert from "node:assert/strict";
import { test } from "node:test";
import { random } from "../../src/core/random";
import { siteRows } from "../../src/data/daily-table";
import { prepareSite, type PreparedSite } from "../../src/windows/batches";
import { drawPeriod, firstMonths, FLUX_CHANNELS, observedPeriod, periodWindows, shotDays, shotLadder, shotSite } from "../../src/windows/few-shot";
import { applyFactors } from "../../src/windows/few-shot-distort";
import { predictShots, shotBatcher, type ShotRule } from "../../src/windows/few-shot-support";
import { layRecord, type SiteRecord } from "../../src/windows/record";
import { fitStandardiser } from "../../src/windows/standardise";
import { supportCandidates } from "../../src/windows/support";
import { aSite, towerTable } from "../helpers/tables";

const CHANNELS = ["ta_degC", "sw_in_W_m2"];
const WINDOW = 20;
const STEP = CHANNELS.length + FLUX_CHANNELS;
const table = towerTable([aSite("A"), aSite("B")], 1200);
const records = siteRows(table).map((rows) => layRecord(table, rows, CHANNELS, 7));
const standardiser = fitStandardiser(records, CHANNELS);
const prepared = (record: SiteRecord, use?: (day: number) => boolean): PreparedSite => prepareSite(record, standardiser, supportCandidates(record, WINDOW), 1, 0.9, use);
const sites = records.map((r) => prepared(r));
const rule: ShotRule = { window: WINDOW, lossDays: 5, support: 4, pastOnly: false, ladder: [0, 1, 3, 12], share: 0.5 };

/** The record with its fluxes taken away on the days that `keep` refuses. */
const without = (record: SiteRecord, keep: (day: number) => boolean): SiteRecord => ({ ...record, targets: record.targets.map((v, i) => (keep(Math.floor(i / 3)) ? v : NaN)) as SiteRecord["targets"] });

test("the ladder of months ends with the longest asked for and begins with none", () => {
  assert.deepEqual(shotLadder(0), [0]);
  assert.deepEqual(shotLadder(24), [0, 1, 3, 12, 24]);
  assert.deepEqual(shotLadder(6), [0, 1, 3, 6]);
  assert.deepEqual([1, 3, 12, 24].map(shotDays), [30, 91, 365, 731]); // 730.5 is rounded up
});

test("the first months begin with the first flux, not with the first driver, and end with the record", () => {
  const late = without(records[0]!, (d) => d >= 100);
  assert.deepEqual(observedPeriod(late), { from: 100, to: 1200 });
  assert.deepEqual(firstMonths(observedPeriod(late), 3), { from: 100, to: 191 });
  assert.deepEqual(firstMonths(observedPeriod(late), 120), { from: 100, to: 1200 });
  assert.equal(firstMonths(observedPeriod(late), 0), null);
  assert.equal(firstMonths(observedPeriod(without(late, () => false)), 1), null);
});

test("a drawn period lies in the observed record, shares no day with the query, and comes to every place", () => {
  const r = random(1, "period");
  for (let i = 0; i < 2000; i++) {
    const observed = { from: r.int(50), to: 100 + r.int(300) };
    const start = r.int(380);
    const query = { from: start, to: start + 20 };
    const days = 1 + r.int(120);
    const period = drawPeriod(observed, days, query, r);
    if (period === null) {
      const room = Math.max(Math.min(query.from, observed.to) - observed.from, observed.to - Math.max(query.to, observed.from));
      assert.ok(room < days, `a period of ${days} fits beside ${JSON.stringify({ observed, query })}`);
      continue;
    }
    assert.equal(period.to - period.from, days);
    assert.ok(period.from >= observed.from && period.to <= observed.to);
    assert.ok(period.to <= query.from || period.from >= query.to);
  }
  const found = new Set(Array.from({ length: 400 }, () => drawPeriod({ from: 0, to: 10 }, 3, { from: 4, to: 6 }, r)!.from));
  assert.deepEqual([...found].sort(), [0, 1, 6, 7]);
});

test("windows of a period lie in it, or around it where it is shorter than a window", () => {
  const { starts } = shotSite(sites[0]!);
  const long = periodWindows(starts, WINDOW, { from: 100, to: 200 }, 4, () => 0.5);
  assert.equal(long.length, 4);
  assert.ok(long.every((s) => s >= 100 && s + WINDOW <= 200));
  assert.ok(long.every((s, k) => k === 0 || s - long[k - 1]! >= 15), "spread over the period");
  for (const s of periodWindows(starts, WINDOW, { from: 100, to: 110 }, 4, () => 0.9)) assert.ok(s <= 100 && s + WINDOW >= 110);
  assert.deepEqual(periodWindows(starts, WINDOW, { from: 0, to: 10 }, 4, () => 0), [0], "no history: the window that begins with the record");
  assert.deepEqual(periodWindows(Int32Array.of(95), WINDOW, { from: 100, to: 160 }, 4, () => 0), [95], "gaps: any window that shares a day");
  assert.deepEqual(periodWindows(Int32Array.of(95), WINDOW, { from: 300, to: 360 }, 4, () => 0), []);
});

test("a training episode shows fluxes outside its query only, with their mask, and weights that sum to 1", () => {
  const make = shotBatcher();
  const queries = Array.from({ length: 60 }, (_, i) => ({ site: i % 2, start: 15 * i }));
  const batch = make(sites, queries, rule, random(3, "episodes"));
  assert.equal(batch.windows, 8);
  const [shows, zero] = [new Set<number>(), new Set<number>()];
  queries.forEach((query, b) => {
    const weights = batch.supportWeight!.subarray(b * 8, (b + 1) * 8);
    assert.ok(Math.abs(weights.reduce((a, w) => a + w, 0) - 1) < 1e-6);
    const y = sites[query.site]!.y;
    const inQuery = new Set(y.subarray(query.start * 3, (query.start + WINDOW) * 3));
    let masked = 0;
    for (let t = 0; t < 8 * WINDOW; t++) {
      const at = (b * 8 * WINDOW + t) * STEP + CHANNELS.length;
      for (let f = 0; f < 3; f++) {
        const [value, mask] = [batch.support![at + f]!, batch.support![at + 3 + f]!];
        if (mask === 0) assert.equal(value, 0);
        else assert.ok(mask === 1 && !inQuery.has(value), "a flux of the query is shown");
        masked += mask;
      }
    }
    (masked > 0 ? shows : zero).add(b);
    if (masked === 0) assert.deepEqual([...weights], [0.25, 0.25, 0.25, 0.25, 0, 0, 0, 0]);
  });
  assert.ok(shows.size > 30 && zero.size > 5, `${shows.size} with fluxes, ${zero.size} without`);
});

test("where the record has no room for the months drawn, the longest that fits is taken and counted", () => {
  const short = prepared(without(records[0]!, (d) => d < 150));
  const batch = shotBatcher()([short], Array.from({ length: 40 }, () => ({ site: 0, start: 60 })), { ...rule, ladder: [12] }, random(1, "short"));
  assert.equal(batch.shortSupport, 40);
  assert.ok(batch.supportWeight!.every((w, k) => w === (k % 8 < 4 ? 0.25 : 0)));
});

test("what prediction sees ends with the months given: later fluxes change nothing, earlier ones do", () => {
  const how = { window: WINDOW, count: 12, share: 0.5 };
  const whole = predictShots(sites[0]!, 3, how);
  const cut = predictShots(prepared(without(records[0]!, (d) => d < 91)), 3, how);
  assert.deepEqual(whole, cut);
  const other = predictShots(prepared(without(records[0]!, (d) => d >= 60)), 3, how);
  assert.notDeepEqual(whole.x, other.x);
  assert.equal(whole.windows, 24);
  assert.ok(Math.abs(whole.weight.reduce((a, w) => a + w, 0) - 1) < 1e-6);
  assert.ok(predictShots(sites[0]!, 0, how).weight.every((w) => w === Math.fround(1 / 12)));
});

test("of months shorter than a window, a window shows those days alone", () => {
  const late = prepareSite(without(records[0]!, (d) => d >= 100), standardiser, supportCandidates(records[0]!, 45), 1, 0.9);
  const { x, windows } = predictShots(late, 1, { window: 45, count: 12, share: 1 });
  const shown = new Set<number>();
  for (let at = 0; at < windows * 45 * STEP; at += STEP) if (x[at + CHANNELS.length + 3] === 1) shown.add(x[at + CHANNELS.length]!);
  assert.deepEqual([...shown].sort(), [...new Set(Array.from({ length: 30 }, (_, d) => late.y[(100 + d) * 3]!))].sort());
});

test("a share of 1 leaves the windows without fluxes out", () => {
  assert.equal(predictShots(sites[0]!, 3, { window: WINDOW, count: 12, share: 1 }).windows, 12);
});

test("days that must not train are never shown", () => {
  const held = prepared(records[0]!, (d) => d < 600);
  const batch = shotBatcher()([held], Array.from({ length: 30 }, (_, i) => ({ site: 0, start: 15 * i })), rule, random(5, "held"));
  const late = new Set(held.y.subarray(600 * 3));
  for (let at = 0; at < batch.support!.length; at += STEP) for (let f = 0; f < 3; f++) {
    if (batch.support![at + CHANNELS.length + 3 + f] === 1) assert.ok(!late.has(batch.support![at + CHANNELS.length + f]!));
  }
});

const distort = { sd: 0.5, targetMean: standardiser.targetMean, targetSd: standardiser.targetSd };
const physical = (values: ArrayLike<number>, at: number): number[] => [0, 1, 2].map((f) => values[at + f]! * standardiser.targetSd[f]! + standardiser.targetMean[f]!);

test("a distorted episode multiplies GPP and RECO of support and query alike, and leaves the balance as it was", () => {
  const queries = Array.from({ length: 20 }, (_, i) => ({ site: 0, start: 40 * i }));
  const batch = shotBatcher()(sites, queries, { ...rule, ladder: [3], distort }, random(1, "distort"));
  const byValue = new Map<number, number>(); // GPP as it is → day, to know the day of a support row by its drivers
  for (let d = 0; d < 1200; d++) byValue.set(sites[0]!.x[d * 2]! + 1000 * sites[0]!.x[d * 2 + 1]!, d);
  const found = queries.map((query, b) => {
    const day = query.start + WINDOW - rule.lossDays;
    const [gpp, reco, nee] = physical(batch.y, b * rule.lossDays * 3) as [number, number, number];
    const [gpp0, reco0, nee0] = physical(sites[0]!.y, day * 3) as [number, number, number];
    const factors = [gpp / gpp0, reco / reco0] as const;
    assert.ok(Math.abs(nee - (reco - gpp) - (nee0 - (reco0 - gpp0))) < 1e-4, "the residual of the balance is what it was");
    for (let t = 0; t < 8 * WINDOW; t++) {
      const at = (b * 8 * WINDOW + t) * STEP;
      if (batch.support![at + 5] !== 1) continue;
      const d = byValue.get(batch.support![at]! + 1000 * batch.support![at + 1]!)!;
      const [shown, own] = [physical(batch.support!, at + 2), physical(sites[0]!.y, d * 3)];
      for (const f of [0, 1] as const) assert.ok(Math.abs(shown[f]! - factors[f] * own[f]!) < 1e-3 * Math.max(1, Math.abs(shown[f]!)), "support and query have one factor");
    }
    return factors;
  });
  const logs = found.flatMap((f) => f.map(Math.log));
  assert.ok(Math.max(...logs) > 0.3 && Math.min(...logs) < -0.3, "each episode draws its own");
});

test("episodes without months are never distorted", () => {
  const queries = Array.from({ length: 5 }, (_, i) => ({ site: 1, start: 100 * i }));
  const make = shotBatcher();
  const [plain, other] = [rule, { ...rule, distort }].map((how) => make(sites, queries, { ...how, ladder: [0] }, random(1, "none")));
  assert.deepEqual(plain, other);
});

test("a day that lacks GPP or RECO keeps what it has, but for its NEE, which nothing could move", () => {
  const factors = { ...distort, gpp: 2, reco: 0.5 };
  const values = Float32Array.of(1, 0, 1);
  const known = Float32Array.of(1, 0, 1);
  const [before] = physical(values, 0);
  applyFactors(values, known, 0, 0, factors);
  assert.deepEqual([...known], [1, 0, 0]);
  assert.ok(Math.abs(physical(values, 0)[0]! - 2 * before!) < 1e-4);
  assert.deepEqual([values[1], values[2]], [0, 0]);
});
