import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDay } from "../../src/core/days";
import { isWorkbookError } from "../../src/core/errors";
import { dailyTable, type DailyTable } from "../../src/data/daily-table";
import { closureRows, seasonOf } from "../../src/evaluate/balance-rows";
import { evaluatePredictions } from "../../src/evaluate/evaluate";
import type { Predictions } from "../../src/evaluate/predictions";
import type { TableRow } from "../../src/evaluate/table";
import { aSite } from "../helpers/tables";

/** Four days of each site: two in January, two in July; the night-time balance of B misses by 1, the day-time one of both by 0.5. */
function table(withDay = true): DailyTable {
  const day = [0, 1, 181, 182].map((d) => d);
  const site = [..."AAAABBBB"];
  const f = (values: readonly number[]): Float32Array => Float32Array.from(values);
  const gpp = f([0, -1, 8, 8, 0, 1, 6, NaN]);
  const reco = f([1, 1, 3, 3, 2, 2, 4, 4]);
  const nee = gpp.map((g, i) => reco[i]! - g + (i >= 4 ? 1 : 0));
  const numbers = { gpp, reco, nee, ...(withDay ? { gpp_dt: gpp.map((g) => g + 0.5), reco_dt: reco } : {}) };
  const text = { target_variant: site.map((s) => (s === "A" ? "NT_VUT_USTAR50" : "NT_VUT_REF")) };
  return dailyTable({ site, day: Int32Array.from([...day, ...day]), numbers, text }, [aSite("A"), aSite("B", { lat: 10 })]);
}

/** A model whose raw values close, with GPP −2 on the first day of each site. */
function closing(): Predictions {
  const site = [..."AAAABBBB"];
  const raw = { gpp: Float32Array.from(site, (_, i) => (i % 4 === 0 ? -2 : 4)), reco: new Float32Array(8).fill(3) };
  return { site, day: Int32Array.from([0, 1, 181, 182, 0, 1, 181, 182]), gpp: raw.gpp.map((g) => Math.max(0, g)), reco: raw.reco, nee: raw.gpp.map((g, i) => raw.reco[i]! - g), raw };
}

const find = (rows: readonly TableRow[], by: string, stratum: string, source: string, partition = "night"): TableRow => rows.find((r) => r["by"] === by && r["stratum"] === stratum && r["source"] === source && (source !== "reference" || r["partition"] === partition))!;

test("a season is three calendar months, December with the January that follows", () => {
  assert.deepEqual(["20121231", "20120101", "20120229", "20120301", "20120531", "20120831", "20120901", "20121130"].map((d) => seasonOf(parseDay(d))), ["DJF", "DJF", "DJF", "MAM", "MAM", "JJA", "SON", "SON"]);
});

test("the reference is counted by site, season, variant and partition, the model beside it on the same days", () => {
  const rows = closureRows(table(), [{ model: "m", predictions: closing() }]);
  const n = (by: string, stratum: string): unknown[] => ["reference", "m"].map((s) => find(rows, by, stratum, s)["n_days"]);
  assert.deepEqual([n("all", "all"), n("site", "A"), n("site", "B"), n("season", "DJF"), n("season", "JJA"), n("season", "MAM"), n("variant", "NT_VUT_REF")], [[7, 7], [4, 4], [3, 3], [4, 4], [3, 3], [0, 0], [3, 3]]);
  assert.deepEqual(["A", "B"].map((s) => find(rows, "site", s, "reference")["mean_abs"]), [0, 1]);
  assert.equal(find(rows, "site", "B", "reference")["mean"], 1, "a signed mean: NEE is above RECO − GPP");
  assert.equal(find(rows, "site", "A", "reference", "day")["mean_abs"], 0.5);
  assert.equal(find(rows, "variant", "NT_VUT_USTAR50", "reference")["max_abs"], 0);
  assert.equal(find(rows, "season", "MAM", "reference")["mean_abs"], null);
});

test("clipping is told: how often a flux is negative, what clipping adds, and how it opens the balance", () => {
  const m = find(closureRows(table(), [{ model: "m", predictions: closing() }]), "site", "A", "m");
  assert.deepEqual([m["share_negative_gpp"], m["share_negative_reco"], m["clip_gpp"], m["clip_reco"]], [0.25, 0, 0.5, 0]);
  assert.deepEqual([m["raw_mean_abs"], m["mean_abs"], m["max_abs"]], [0, 0.5, 2]);
  const ref = find(closureRows(table(), []), "site", "A", "reference");
  assert.deepEqual([ref["share_negative_gpp"], ref["clip_gpp"]], [0.25, 0], "the reference keeps its negative days");
});

test("what fails to close is told with its sign by mean and percentiles, without it by mean, median and greatest", () => {
  const misses = [-4, -1, 0, 1, 2];
  const site = misses.map(() => "A");
  const zero = new Float32Array(5);
  const missing = dailyTable({ site, day: Int32Array.from(misses, (_, i) => i), numbers: { gpp: zero, reco: zero, nee: Float32Array.from(misses) } }, [aSite("A")]);
  const row = find(closureRows(missing, []), "all", "all", "reference");
  const near = (name: string, expected: number): void => assert.ok(Math.abs((row[name] as number) - expected) < 1e-6, `${name} ${row[name]}, expected ${expected}`);
  for (const [name, expected] of Object.entries({ mean: -0.4, mean_abs: 1.6, median_abs: 1, max_abs: 4, q05: -3.4, q95: 1.8 })) near(name, expected);
  const day = Int32Array.from(misses, (_, i) => i);
  const { balance } = evaluatePredictions(missing, { site, day, gpp: zero, reco: zero, nee: Float32Array.from(misses), raw: { gpp: zero, reco: zero } }, { model: "m", tableName: "t" });
  assert.deepEqual([balance.median_abs, balance.max_abs, balance.mean_abs], [1, 4, 1.6]);
});

test("a seen site and a day without prediction stay out; without a day-time partition there is no row of it", () => {
  const rows = closureRows(table(false), [{ model: "m", predictions: closing(), seen: new Set(["B"]) }], { by: ["site"] });
  assert.deepEqual(rows.map((r) => `${r["stratum"]} ${r["source"]} ${r["partition"]}`), ["A reference night", "A m –"]);
  const short = { ...closing(), nee: closing().nee.map((v, i) => (i === 2 ? NaN : v)) };
  assert.equal(find(closureRows(table(), [{ model: "m", predictions: short }]), "site", "A", "reference")["n_days"], 3);
  const bare = dailyTable({ site: ["A"], day: Int32Array.of(0), numbers: { nee: Float32Array.of(1) } }, [aSite("A")]);
  assert.throws(() => closureRows(bare, []), (e) => isWorkbookError(e, "MissingColumn"));
});
