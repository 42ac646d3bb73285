import assert from "node:assert/strict";
import { test } from "node:test";
import { numbers } from "../../src/data/daily-table";
import { resolveConfig } from "../../src/run/config";
import { prepareDataset, settleConfig, type QuerySet } from "../../src/run/dataset";
import { aSite, towerTable } from "../helpers/tables";

/** Two croplands among eight sites, so that classes weigh differently; days 40 and 240 of each have QC 0.5, days 41 and 241 none. */
const IDS = Array.from({ length: 8 }, (_, i) => `S${i}`);
const DAYS = 260;
const PLAIN = towerTable(IDS.map((id, i) => aSite(id, { lat: 40 + i, igbp: i < 2 ? "CRO" : "ENF" })), DAYS);
const TABLE = { ...PLAIN, rows: PLAIN.rows.assign({ nee_qc: numbers(PLAIN, "nee_qc").map((qc, row) => [0.5, NaN][((row % DAYS) % 200) - 40] ?? qc) }) };
const SMALL = { split: { train: IDS.slice(0, 7), test: ["S7"] }, window: 30, stride: 15, class_weights: "product", unknown_qc: 0.8 };
const prepare = (more: object = {}, table = TABLE): ReturnType<typeof prepareDataset> => prepareDataset(table, settleConfig(table, resolveConfig({ ...SMALL, ...more })));
const weightsOf = (set: QuerySet, ...days: number[]): Map<string, number[]> => new Map(set.sites.map((s) => [s.record.site.site, days.map((d) => s.weight[d]!)]));
const f = Math.fround;

test("a training day weighs its QC times its site's class, an unknown QC as configured", () => {
  const { train, weighting } = prepare();
  assert.ok(weighting.max > 1.5 * weighting.min, "classes weigh differently");
  for (const [site, seen] of weightsOf(train, 39, 40, 41)) {
    const w = weighting.weight.get(site)!;
    assert.deepEqual(seen, [f(w), f(0.5 * w), f(0.8 * w)]);
  }
});

test("a validation day weighs its QC alone, whatever its site's class and however validation is drawn", () => {
  const apart = prepare();
  assert.ok(apart.validation.sites.length > 0);
  for (const seen of weightsOf(apart.validation, 39, 40, 41).values()) assert.deepEqual(seen, [1, 0.5, f(0.8)]);
  const inTime = prepare({ validation: "time" });
  assert.equal(inTime.validation.sites.length, 7);
  for (const seen of weightsOf(inTime.validation, 239, 240, 241).values()) assert.deepEqual(seen, [1, 0.5, f(0.8)]);
});

test("classes are balanced over the days that train and carry a flux", () => {
  const half = { ...TABLE, rows: TABLE.rows.assign(Object.fromEntries(["gpp", "reco", "nee"].map((flux) => [flux, numbers(TABLE, flux).map((v, row) => (row < DAYS && row % 2 ? NaN : v))]))) };
  const { weighting, train } = prepare({ validation: "time" }, half);
  const days = train.sites.map(({ weight, record }) => weight.reduce((n, w, d) => n + (!Number.isNaN(w) && !Number.isNaN(record.targets[3 * d]!) ? 1 : 0), 0));
  assert.ok(days.every((n) => n < 0.9 * DAYS) && days[0]! < 0.6 * days[1]!, `${days}: neither later days nor days without a flux are counted`);
  // one Köppen class and two of IGBP: a site weighs n / (2 · n of its class)
  const [crop, forest] = [days[0]! + days[1]!, days.slice(2).reduce((a, b) => a + b)];
  assert.ok(Math.abs(weighting.weight.get("S0")! / weighting.weight.get("S3")! - forest / crop) < 1e-9, `${forest} days of forest, ${crop} of crops`);
});
