import assert from "node:assert/strict";
import { test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { FLUXES } from "../../src/core/quantities";
import { random } from "../../src/core/random";
import { compare, evaluatePredictions, type Metrics } from "../../src/evaluate/evaluate";
import { QC_RULES, type QcRule } from "../../src/evaluate/observed";
import type { Predictions } from "../../src/evaluate/predictions";
import { planned, predicted } from "./network";

const options = { model: "m", tableName: "t" };
const row = (m: Metrics, site: string, flux = "nee"): Metrics["sites"][number] => m.sites.find((r) => r.site === site && r.flux === flux)!;

test("metrics.json has exactly the fields of the contract", () => {
  const table = planned([{ id: "A", days: 120 }]);
  const m = evaluatePredictions(table, predicted(table, { sd: 0.5 }), options);
  assert.deepEqual(Object.keys(m), ["model", "table", "simulated", "sites", "summary", "balance"]);
  assert.deepEqual(Object.keys(m.sites[0]!), ["site", "igbp", "koppen", "flux", "n", "n_lost", "r2", "r2_corr", "rmse", "nmae", "rae", "bias", "seen"]);
  assert.deepEqual(Object.keys(m.summary), ["gpp", "reco", "nee"]);
  const { n_sites, r2, rmse, pooled } = m.summary.gpp;
  assert.equal(n_sites, 1);
  assert.deepEqual([Object.keys(r2), Object.keys(rmse), Object.keys(pooled)], [["q25", "median", "q75", "mean", "mean_clipped"], ["q25", "median", "q75", "mean"], ["r2", "rmse"]]);
  assert.deepEqual(Object.keys(m.balance), ["mean_abs", "median_abs", "max_abs", "raw_mean_abs", "reference_mean_abs", "variant"]);
  assert.deepEqual(JSON.parse(JSON.stringify(m)), m, "nothing is lost in JSON: no NaN, no undefined");
});

test("days without prediction are lost and counted, whether absent or NaN; gap days count nowhere", () => {
  const table = planned([{ id: "A", days: 200 }, { id: "B", days: 100 }]);
  const p = predicted(table, { keep: (site, day) => !(site === "A" && day < 10) });
  p.nee[0] = Number.NaN;
  const m = evaluatePredictions(table, p, options);
  assert.deepEqual([row(m, "A").n, row(m, "A").n_lost], [189, 11]);
  assert.deepEqual([row(m, "A", "gpp").n, row(m, "A", "gpp").n_lost], [190, 10]);
  assert.deepEqual([row(m, "B").n, row(m, "B").n_lost], [100, 0]);
  assert.equal(m.summary.nee.n_lost, 11);
});

test("a site without any prediction keeps its row: n 0, every day lost, scores null", () => {
  const table = planned([{ id: "A", days: 100 }, { id: "B", days: 40 }]);
  const m = evaluatePredictions(table, predicted(table, { keep: (s) => s === "A" }), options);
  assert.deepEqual({ ...row(m, "B") }, { site: "B", igbp: "ENF", koppen: "C", flux: "nee", n: 0, n_lost: 40, r2: null, r2_corr: null, rmse: null, nmae: null, rae: null, bias: null, seen: false });
  assert.deepEqual([m.summary.nee.n_sites, m.summary.nee.short_sites, m.summary.nee.n_lost], [1, ["B"], 40]);
});

test("the QC strata hold the days they name, and unknown QC is not 1", () => {
  const qcs = [1, 0.99, 0.75, 0.5, Number.NaN];
  const table = planned([{ id: "A", days: 100, qc: (d) => qcs[d % 5]! }]);
  const n = Object.fromEntries(QC_RULES.map((qc: QcRule) => [qc, row(evaluatePredictions(table, predicted(table), { ...options, qc }), "A").n]));
  assert.deepEqual(n, { published: 40, qc1: 20, qc75: 60, unknown: 20 });
});

test("R² needs 90 days and observations that vary; RMSE does not; under 30 days a site stays out of the summary", () => {
  const table = planned([{ id: "A", days: 90 }, { id: "B", days: 89 }, { id: "C", days: 29 }, { id: "D", days: 30 }]);
  const m = evaluatePredictions(table, predicted(table, { shift: 1 }), options);
  assert.ok(row(m, "A").r2 !== null && row(m, "B").r2 === null && row(m, "B").r2_corr === null && row(m, "B").rmse !== null && row(m, "C").rmse !== null);
  const { n_sites, n_r2, short_sites, no_r2_sites } = m.summary.nee;
  assert.deepEqual({ n_sites, n_r2, short_sites, no_r2_sites }, { n_sites: 3, n_r2: 1, short_sites: ["C"], no_r2_sites: ["B", "D"] });

  const still = planned([{ id: "A", days: 120 }]);
  const nee = still.rows.column("nee") as unknown as Float32Array;
  nee.forEach((_, i) => (nee[i] = 0.15 * (i % 2)));
  assert.equal(row(evaluatePredictions(still, predicted(still), options), "A").r2, null);
});

test("a seen site says so and stays out of summary and balance", () => {
  const table = planned([{ id: "A", days: 100 }, { id: "B", days: 100 }]);
  const m = evaluatePredictions(table, predicted(table, { sd: 1 }), { ...options, seen: new Set(["A"]) });
  assert.deepEqual([row(m, "A").seen, row(m, "B").seen], [true, false]);
  assert.deepEqual([m.summary.nee.n_sites, m.summary.nee.seen_sites], [1, ["A"]]);
  assert.equal(m.summary.nee.rmse.mean, row(m, "B").rmse);
  const all = evaluatePredictions(table, predicted(table), { ...options, seen: new Set(["A", "B"]) });
  assert.deepEqual([all.summary.nee.n_sites, all.summary.nee.rmse.mean, all.balance.mean_abs], [0, null, null]);
});

test("summaries equal the quantiles and means of the rows, the clipped mean clips at 0", () => {
  const table = planned([{ id: "A", days: 100, igbp: "CRO" }, { id: "B", days: 100, koppen: "D" }, { id: "C", days: 200, igbp: null }]);
  const p = predicted(table, { sd: 0.4 });
  p.site.forEach((s, i) => s === "B" && (p.gpp[i] = 40));
  const m = evaluatePredictions(table, p, options);
  const r2 = ["A", "B", "C"].map((s) => row(m, s, "gpp").r2!);
  assert.ok(r2[1]! < -1);
  const { gpp } = m.summary;
  assert.equal(gpp.r2.median, [...r2].sort((a, b) => a - b)[1]);
  assert.ok(Math.abs(gpp.r2.mean! - (r2[0]! + r2[1]! + r2[2]!) / 3) < 1e-12 && Math.abs(gpp.r2.mean_clipped! - (r2[0]! + r2[2]!) / 3) < 1e-12);
  assert.deepEqual(Object.keys(gpp.by_igbp), ["CRO", "ENF", "unknown"]);
  assert.deepEqual(Object.entries(gpp.by_koppen).map(([k, c]) => [k, c.n_sites]), [["C", 2], ["D", 1]]);
  assert.equal(gpp.by_koppen["D"]!.rmse.median, row(m, "B", "gpp").rmse);
  const sse = ["A", "B", "C"].reduce((sum, s) => sum + row(m, s, "gpp").n * row(m, s, "gpp").rmse! ** 2, 0);
  assert.ok(Math.abs(gpp.pooled.rmse! - Math.sqrt(sse / 400)) < 1e-9, "pooled over days");
});

test("models that are compared share every scored day, and a day one of them lacks is lost to all", () => {
  for (let seed = 0; seed < 5; seed++) {
    const table = planned([{ id: "A", days: 150 }, { id: "B", days: 150 }]);
    const r = random(seed, "gaps");
    const gaps = [0, 1, 2].map(() => new Set(Array.from({ length: 40 }, () => `${r.int(2) === 0 ? "A" : "B"}${r.int(150)}`)));
    const contenders = gaps.map((gap, i) => ({ model: `m${i}`, predictions: predicted(table, { sd: i, keep: (s, d) => !gap.has(`${s}${d}`) }), ...(i === 1 ? { seen: new Set(["B"]) } : {}) }));
    const all = compare(table, contenders, { tableName: "t" });
    const lost = (s: string): number => new Set(gaps.flatMap((g) => [...g].filter((k) => k.startsWith(s)))).size;
    for (const m of all) for (const s of ["A", "B"]) for (const f of FLUXES) assert.deepEqual([row(m, s, f).n, row(m, s, f).n_lost], [150 - lost(s), lost(s)]);
    assert.deepEqual(all.map((m) => [m.model, m.summary.gpp.n_sites, row(m, "B").seen]), [["m0", 1, false], ["m1", 1, true], ["m2", 1, false]]);
    const alone = evaluatePredictions(table, contenders[0]!.predictions, { ...options, commonDays: contenders.slice(1).map((c) => c.predictions) });
    assert.deepEqual(alone.sites, all[0]!.sites);
  }
});

test("the balance is told before and after clipping, beside the reference's own and its variant", () => {
  const table = planned([{ id: "A", days: 100 }], "VUT_REF");
  const nee = table.rows.column("nee") as unknown as Float32Array;
  nee.forEach((v, i) => (nee[i] = v + 0.25));
  const p = predicted(table);
  p.nee.forEach((_, i) => (p.nee[i] = p.raw.reco[i]! - p.raw.gpp[i]!));
  p.raw.gpp[5] = -3;
  p.gpp[5] = 0;
  p.nee[5] = p.raw.reco[5]! + 3;
  const { balance } = evaluatePredictions(table, p, options);
  const near = (a: number | null, b: number): void => assert.ok(Math.abs(a! - b) < 1e-5, `${a} ${b}`);
  const clipped = p.raw.gpp.reduce((sum, v, i) => sum + Math.max(0, -v) + Math.max(0, -p.raw.reco[i]!), 0);
  assert.ok(clipped >= 3);
  near(balance.raw_mean_abs, 0);
  near(balance.mean_abs, clipped / 100);
  near(balance.max_abs, 3);
  near(balance.reference_mean_abs, 0.25);
  assert.equal(balance.variant, "VUT_REF");
});

test("what cannot be scored is named", () => {
  const table = planned([{ id: "DE-Hai", days: 40 }]);
  assert.throws(() => evaluatePredictions(table, predicted(table), { ...options, sites: ["DE-Hia"] }), (e) => isWorkbookError(e, "BadSite") && /nearest DE-Hai/.test(e.message));
  const p = predicted(table);
  const twice: Predictions = { ...p, day: p.day.map((d, i) => (i === 3 ? p.day[2]! : d)) };
  assert.throws(() => evaluatePredictions(table, twice, options), (e) => isWorkbookError(e, "BadArgument") && /DE-Hai.*1970-01-03/.test(e.message));
  assert.throws(() => evaluatePredictions(table, { ...p, gpp: new Float32Array(3) }, options), (e) => isWorkbookError(e, "BadArgument") && e.fields.column === "gpp");
});

test("a table with one flux is scored for that flux, the others have no day; without any it is refused", () => {
  const table = planned([{ id: "A", days: 100 }]);
  const only = { ...table, rows: table.rows.select("site", "day", "target_variant", "source", "day_convention", "nee") } as typeof table;
  const m = evaluatePredictions(only, predicted(table), options);
  assert.deepEqual(FLUXES.map((f) => [row(m, "A", f).n, m.summary[f].n_sites]), [[0, 0], [0, 0], [100, 1]]);
  assert.ok(m.balance.mean_abs !== null && m.balance.reference_mean_abs === null && m.balance.variant === null);
  const bare = { ...table, rows: table.rows.select("site", "day", "target_variant", "source", "day_convention") } as typeof table;
  assert.throws(() => evaluatePredictions(bare, predicted(table), options), (e) => isWorkbookError(e, "MissingColumn"));
});
