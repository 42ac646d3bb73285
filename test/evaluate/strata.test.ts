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

test("a stratum has the median and mean RMSE of its sites, and the mean R² both as it is and clipped at 0", () => {
  const exact = predicted(table);
  const shift: Readonly<Record<string, number>> = { A: 0.1, B: 1, C: 20, D: 0 };
  const gpp = exact.raw.gpp.map((v, i) => v + shift[exact.site[i]!]!);
  const contender = { model: "z", predictions: { ...exact, gpp, raw: { ...exact.raw, gpp } } };
  const row = strataRows(table, [contender]).find((r) => r["stratum"] === "QC = 1 or unknown" && r["flux"] === "gpp")!;
  const r2 = compare(table, [contender], { tableName: "t" })[0]!.sites.flatMap((site) => (site.flux === "gpp" ? (site.r2 ?? []) : []));
  assert.ok(r2.length === 3 && r2[2]! < -10);
  const close = (name: string, expected: number): void => assert.ok(Math.abs((row[name] as number) - expected) < 1e-3, `${name} ${row[name]}, expected ${expected}`);
  close("rmse_median", 1);
  close("rmse_mean", 21.1 / 3);
  close("r2_mean", r2.reduce((sum, v) => sum + v, 0) / 3);
  close("r2_mean_clipped", (r2[0]! + Math.max(0, r2[1]!)) / 3);
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

test("a time scale's R² and RMSE are means of those of the seeds: half the amplitude at two of three sites has a median of 0.75, all of it 1", () => {
  const exact = predicted(table);
  const halved = { ...exact, nee: exact.nee.map((v, i) => (exact.site[i] === "B" ? v : v / 2)) };
  const nee = (...seeds: (typeof exact)[]) => timeScaleRows(table, seeds.map((predictions) => ({ model: "x", predictions }))).find((r) => r["flux"] === "nee" && r["scale"] === "seasonal")!;
  const [both, half] = [nee(exact, halved), nee(halved)];
  const close = (a: unknown, b: number): void => assert.ok(typeof a === "number" && Math.abs(a - b) < 1e-5, `${String(a)}, expected ${b}`);
  close(half["r2"], 0.75);
  close(both["r2"], 0.875);
  close(both["r2_pooled"], (1 + (half["r2_pooled"] as number)) / 2);
  close(both["rmse"], (half["rmse"] as number) / 2);
  assert.ok((half["r2_pooled"] as number) > 0.8 && (half["rmse"] as number) > 0.1, JSON.stringify(half));
  assert.deepEqual([both["seeds"], half["seeds"], both["n_values"]], [2, 1, half["n_values"]]);
});

test("a summary has quartiles and mean over sites of 30 scored days, and counts the days of these alone", () => {
  const five = planned([..."ABCDE"].map((id, i) => ({ id, days: i === 4 ? 29 : 100 })));
  const exact = predicted(five);
  const nee = exact.nee.map((v, i) => v + [1, 2, 3, 8, 1000]["ABCDE".indexOf(exact.site[i]!)]!);
  const { rmse, n_sites, n_days, short_sites } = compare(five, [{ model: "z", predictions: { ...exact, nee } }], { tableName: "t" })[0]!.summary.nee;
  assert.deepEqual([n_sites, n_days, short_sites], [4, 400, ["E"]]);
  for (const [got, expected] of [[rmse.q25, 1.75], [rmse.median, 2.5], [rmse.q75, 4.25], [rmse.mean, 3.5]] as const) assert.ok(Math.abs(got! - expected) < 1e-5, `${got}, expected ${expected}`);
});
