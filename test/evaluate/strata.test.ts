import assert from "node:assert/strict";
import { test } from "node:test";
import { compare } from "../../src/evaluate/evaluate";
import { modelSeries } from "../../src/evaluate/comparison-series";
import { errorPartRows, strataRows, timeScaleRows } from "../../src/evaluate/strata";
import { planned, predicted } from "./network";

const qcs = [1, 0.8, 0.5, Number.NaN];
const table = planned([
  { id: "A", days: 400, igbp: "CRO" }, { id: "B", days: 400, igbp: "CRO", koppen: "D" }, { id: "C", days: 400, igbp: null, qc: (d) => qcs[d % 4]! }, { id: "D", days: 20 },
]);
const contenders = [
  { model: "x", predictions: predicted(table, { sd: 1, seed: 1 }) },
  { model: "x", predictions: predicted(table, { sd: 2, seed: 2 }) },
  { model: "y", predictions: predicted(table, { shift: 1, keep: (s, d) => !(s === "A" && d < 50) }) },
];
const near = (a: unknown, b: number): void => assert.ok(typeof a === "number" && Math.abs(a - b) < 1e-9, `${String(a)} ${b}`);

test("strata name their sites and days, are over the common days, and average the seeds of a model at each site", () => {
  const rows = strataRows(table, contenders);
  const find = (by: string, stratum: string, model: string): (typeof rows)[number] => rows.find((r) => r["by"] === by && r["stratum"] === stratum && r["model"] === model && r["flux"] === "gpp")!;
  assert.deepEqual(rows.filter((r) => r["flux"] === "gpp" && r["model"] === "y").map((r) => [r["stratum"], r["n_sites"], r["n_days"]]), [
    ["CRO", 2, 750], ["unknown", 1, 200], ["C", 2, 550], ["D", 1, 400],
    ["QC = 1 or unknown", 3, 950], ["QC = 1", 3, 850], ["QC ≥ 0.75", 3, 950], ["QC unknown", 1, 100],
  ]);
  const all = compare(table, contenders, { tableName: "t" });
  const rmse = (k: number): number => all[k]!.sites.find((s) => s.site === "B" && s.flux === "gpp")!.rmse!;
  near(find("koppen", "D", "x")["rmse_mean"], (rmse(0) + rmse(1)) / 2);
  assert.equal(find("koppen", "D", "x")["seeds"], 2);
  near(find("koppen", "D", "y")["rmse_mean"], rmse(2));
});

test("a seen site is in no stratum, time scale or error part", () => {
  const seen = [{ ...contenders[0]!, seen: new Set(["A"]) }, contenders[2]!];
  assert.deepEqual(modelSeries(table, seen).map((m) => m.series.gpp.map((s) => s.site.site)), [["B", "C"], ["B", "C"]]);
  assert.ok(strataRows(table, seen).every((r) => (r["n_sites"] as number) <= 2));
  assert.ok(timeScaleRows(table, seen).filter((r) => r["scale"] === "spatial").every((r) => r["n_sites"] === 2));
});

test("time scales and error parts come one row a model and flux, seeds averaged, agreeing with metrics.json", () => {
  const scales = timeScaleRows(table, contenders);
  assert.equal(scales.length, 3 * 2 * 4);
  assert.deepEqual(scales.slice(0, 4).map((r) => [r["scale"], r["n_sites"], r["n_short"]]), [["spatial", 3, 0], ["seasonal", 3, 0], ["anomaly", 0, 3], ["interannual", 0, 3]]);
  const parts = errorPartRows(table, contenders);
  const all = compare(table, contenders, { tableName: "t" });
  const nee = parts.filter((r) => r["flux"] === "nee");
  near(nee.find((r) => r["model"] === "y")!["bias2"], all[2]!.summary.nee.mse!.bias2);
  near(nee.find((r) => r["model"] === "x")!["phase"], (all[0]!.summary.nee.mse!.phase + all[1]!.summary.nee.mse!.phase) / 2);
  near(nee.find((r) => r["model"] === "y")!["share_bias2"], 1);
});
