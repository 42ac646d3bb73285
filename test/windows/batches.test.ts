import assert from "node:assert/strict";
import { test } from "node:test";
import { random } from "../../src/core/random";
import { siteRows } from "../../src/data/daily-table";
import { makeBatch, prepareSite } from "../../src/windows/batches";
import { classWeighting } from "../../src/windows/class-weights";
import { layRecord } from "../../src/windows/record";
import { fitStandardiser, physicalFluxes, standardiseDrivers, standardiseFluxes } from "../../src/windows/standardise";
import { supportCandidates } from "../../src/windows/support";
import { aSite, towerTable } from "../helpers/tables";

const CHANNELS = ["ta_degC", "sw_in_W_m2"];
const RULE = { window: 45, lossDays: 15, support: 4, pastOnly: false };

function prepared(unknownQc = 0.9) {
  const table = towerTable([aSite("A"), aSite("B", { igbp: "CRO" })], 400);
  const records = siteRows(table).map((rows) => layRecord(table, rows, CHANNELS, 7));
  const s = fitStandardiser(records, CHANNELS);
  return { s, records, sites: records.map((r) => prepareSite(r, s, supportCandidates(r, 45), 2, unknownQc)) };
}

test("the standardiser makes mean 0 and variance 1 on its days, and its inverse returns the fluxes", () => {
  const { s, records } = prepared();
  const z = records.flatMap((r) => [...standardiseDrivers(s, r.drivers)].filter((_, i) => i % 2 === 0));
  const mean = z.reduce((a, b) => a + b, 0) / z.length;
  const variance = z.reduce((a, b) => a + (b - mean) ** 2, 0) / z.length;
  assert.ok(Math.abs(mean) < 1e-4 && Math.abs(variance - 1) < 1e-3, `${mean} ${variance}`);
  const back = physicalFluxes(s, standardiseFluxes(s, records[0]!.targets));
  back.forEach((v, i) => assert.ok(Math.abs(v - records[0]!.targets[i]!) < 1e-4));
});

test("the standardiser looks at training days only", () => {
  const table = towerTable([aSite("A")], 100);
  const record = layRecord(table, siteRows(table)[0]!, CHANNELS, 7);
  const use = (_: unknown, d: number): boolean => d < 50;
  const before = fitStandardiser([record], CHANNELS, use);
  record.drivers.fill(1e6, 60 * 2);
  record.targets.fill(1e6, 60 * 3);
  assert.deepEqual(fitStandardiser([record], CHANNELS, use), before);
});

test("drivers of a day that lacks one of them do not move the standardiser, fluxes of that day do", () => {
  const table = towerTable([aSite("A")], 100);
  const record = layRecord(table, siteRows(table)[0]!, CHANNELS, 0);
  const drivers = record.drivers.slice();
  drivers.set([1e6, NaN], 2 * 50);
  const targets = record.targets.slice();
  targets[50 * 3] = 1e6;
  const holed = { ...record, drivers, targets, complete: record.complete.map((c, d) => (d === 50 ? 0 : c)) };
  const [without, all] = [fitStandardiser([holed], CHANNELS), fitStandardiser([record], CHANNELS)];
  assert.ok(Math.abs(without.mean[0]! - all.mean[0]!) < 1 && without.targetMean[0] > 1e3);
});

test("a channel that does not vary is centred and not blown up", () => {
  const table = towerTable([aSite("A")], 100);
  const record = layRecord(table, siteRows(table)[0]!, ["pa_kPa", "lat"], 7);
  const s = fitStandardiser([record], ["pa_kPa", "lat"]);
  assert.deepEqual(s.sd, [1, 1]);
});

test("a batch holds the query's drivers, its last fifteen days' fluxes and support from elsewhere in the same record", () => {
  const { sites } = prepared();
  const batch = makeBatch(sites, [{ site: 1, start: 100 }], RULE, random(1, "b"));
  const site = sites[1]!;
  assert.deepEqual([...batch.x], [...site.x.subarray(200, 290)]);
  assert.deepEqual([...batch.y], [...site.y.subarray(130 * 3, 145 * 3)]);
  assert.deepEqual([...batch.weight], new Array(15).fill(2));
  assert.equal(batch.support!.length, 4 * 45 * 2);
  assert.deepEqual([...batch.supportWeight!], [0.25, 0.25, 0.25, 0.25]);
  const rows = new Set<string>();
  for (let d = 0; d + 45 <= 400; d++) if (d + 45 <= 100 || d >= 145) rows.add(site.x.subarray(d * 2, d * 2 + 90).join());
  for (let k = 0; k < 4; k++) assert.ok(rows.has(batch.support!.subarray(k * 90, k * 90 + 90).join()));
});

test("a missing flux is masked, unknown QC weighs unknown_qc, QC 0 stays a valid entry of weight 0", () => {
  const { records, s } = prepared();
  const r = records[0]!;
  r.targets[140 * 3 + 1] = NaN;
  r.qc[141] = NaN;
  r.qc[142] = 0;
  const site = prepareSite(r, s, supportCandidates(r, 45), 2, 0.9);
  const batch = makeBatch([site], [{ site: 0, start: 100 }], RULE, random(1, "b"));
  assert.equal(batch.valid[10 * 3 + 1], 0);
  assert.equal(batch.y[10 * 3 + 1], 0);
  assert.ok(Math.abs(batch.weight[11]! - 1.8) < 1e-6);
  assert.equal(batch.weight[12], 0);
  assert.equal(batch.valid[12 * 3], 1);
});

test("days that must not train are masked altogether", () => {
  const { records, s } = prepared();
  const site = prepareSite(records[0]!, s, supportCandidates(records[0]!, 45), 1, 0.9, (d) => d < 140);
  const batch = makeBatch([site], [{ site: 0, start: 100 }], RULE, random(1, "b"));
  assert.deepEqual([...batch.valid].filter((_, i) => i % 3 === 0), [...new Array(10).fill(1), ...new Array(5).fill(0)]);
});

test("the product of class weights is n / (k · n_class) for either class, and a missing class has factor 1", () => {
  const { weight } = classWeighting([
    { site: aSite("A", { igbp: "CRO", koppen: "C" }), days: 100 }, { site: aSite("B", { igbp: "ENF", koppen: "C" }), days: 300 }, { site: aSite("C", { igbp: null, koppen: "C" }), days: 100 },
  ], "product");
  // 500 / (2 · 100), 500 / (2 · 300) and 1, over their mean of 1.2
  [2.5, 500 / 600, 1].forEach((raw, i) => assert.ok(Math.abs(weight.get("ABC"[i]!)! - raw / 1.2) < 1e-12));
});

test("class weights have mean 1 over site-days in every mode, and capped keeps max:min at 20", () => {
  const sites = [
    { site: aSite("A"), days: 4000 }, { site: aSite("B", { igbp: "CRO", koppen: "C" }), days: 100 },
    { site: aSite("C", { igbp: "WET", koppen: "E" }), days: 10 }, { site: aSite("D", { igbp: null, koppen: null }), days: 500 },
  ];
  for (const mode of ["off", "product", "capped", "site"] as const) {
    const w = classWeighting(sites, mode);
    const mean = sites.reduce((sum, s) => sum + s.days * w.weight.get(s.site.site)!, 0) / 4610;
    assert.ok(Math.abs(mean - 1) < 1e-9, mode);
  }
  const product = classWeighting(sites, "product");
  assert.ok(product.max / product.min > 20);
  assert.ok(product.warnings.some((w) => w.includes("effective sample")));
  const capped = classWeighting(sites, "capped");
  assert.ok(capped.max / capped.min <= 20 + 1e-9);
  const equal = classWeighting(sites, "site");
  assert.deepEqual(equal.heaviest.map((h) => +h.share.toFixed(9)), [0.25, 0.25, 0.25, 0.25]);
});
