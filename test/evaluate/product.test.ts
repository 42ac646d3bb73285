import assert from "node:assert/strict";
import * as path from "node:path";
import { test } from "node:test";
import { asDay, formatDay, parseDay } from "../../src/core/days";
import { isWorkbookError } from "../../src/core/errors";
import { dailyTable, numbers, type DailyTable } from "../../src/data/daily-table";
import { UMOL_TO_GC } from "../../src/data/grid/cf";
import { writeTable } from "../../src/data/store";
import { monthSummary, scoreMonths } from "../../src/evaluate/month-scores";
import { monthsOfPredictions, monthsOfTable } from "../../src/evaluate/months";
import { compareWithProduct, parseProduct } from "../../src/evaluate/product";
import { train } from "../../src/run/train";
import { scratch, tamrl } from "../helpers/cli";
import { aSite, towerTable } from "../helpers/tables";
import { writeHourly, writeMonthly } from "../helpers/xbase";

const HAI = aSite("DE-Hai", { lat: 51.08, lon: 10.45 });
const FAR = aSite("XX-Far", { lat: 50.3, lon: 11.2 });
const START = parseDay("2008-01-01");

/** `days` days from 2008-01-01 at each site; a value is made of site and day. */
function table(days: number, gpp: (s: number, d: number) => number, qc: (s: number, d: number) => number = () => 1): DailyTable {
  const sites = [HAI, FAR];
  const n = sites.length * days;
  const columns = { gpp: new Float32Array(n), reco: new Float32Array(n), nee: new Float32Array(n), nee_qc: new Float32Array(n) };
  const site: string[] = [];
  const day = new Int32Array(n);
  sites.forEach((s, k) => {
    for (let d = 0, i = k * days; d < days; d++, i++) {
      site.push(s.site);
      day[i] = START + d;
      columns.gpp[i] = gpp(k, d);
      columns.reco[i] = 2;
      columns.nee[i] = 2 - gpp(k, d);
      columns.nee_qc[i] = qc(k, d);
    }
  });
  return dailyTable({ site, day, numbers: columns }, sites);
}

/** Hourly X-BASE over both sites: GPP of column c is the table's GPP there plus `off`, in µmol. */
async function hourly(days: number, off: number): Promise<string> {
  const dir = scratch("product");
  const grid = { lat: Array.from({ length: 20 }, (_, r) => 51.225 - 0.05 * r), lon: Array.from({ length: 20 }, (_, c) => 10.425 + 0.05 * c), time: Array.from({ length: days }, (_, d) => 2556 + d) };
  const gpp = (d: number, column: number): number => (5 + Math.sin(d / 9) + (column > 10 ? 1 : 0) + off) / UMOL_TO_GC;
  await writeHourly(path.join(dir, "GPP"), "GPP", { ...grid, value: (t, _h, _r, c) => gpp(t, c) });
  await writeHourly(path.join(dir, "NEE"), "NEE", { ...grid, value: (t, _h, _r, c) => 2 / UMOL_TO_GC - gpp(t, c) });
  return dir;
}

test("--product names a known product and a path", () => {
  assert.deepEqual(parseProduct("xbase:data/x:y"), { name: "xbase", path: "data/x:y" });
  for (const bad of ["xbase", "xbase:", "xbasee:dir"]) assert.throws(() => parseProduct(bad), (e) => isWorkbookError(e, "BadArgument") && /xbase:PATH/.test(e.message), bad);
});

test("a daily product is scored as a model on the common days, over all sites and over those it was not trained on", async () => {
  const off = 0.5;
  const t = table(120, (s, d) => 5 + Math.sin(d / 9) + s);
  const { subsets, trained, cells, step, missing } = await compareWithProduct(`xbase:${await hourly(110, off)}`, { table: t, tableName: "T" });
  assert.equal(step, "day");
  assert.deepEqual([trained.listed, trained.outside], [["DE-Hai"], ["XX-Far"]]);
  assert.deepEqual(subsets.map((s) => s.sites), [["DE-Hai", "XX-Far"], ["XX-Far"]]);
  const [all, outside] = subsets.map((s) => s.summary.find((r) => r["flux"] === "gpp" && r["model"] === "X-BASE")!);
  assert.deepEqual([all!["n_sites"], all!["n_days"], all!["n_lost"]], [2, 220, 20]);
  assert.deepEqual([outside!["n_sites"], outside!["n_days"]], [1, 110]);
  assert.ok(Math.abs((all!["rmse_mean"] as number) - off) < 1e-4);
  const nee = all!["flux"] === "gpp" ? subsets[0]!.by_site.find((r) => r["flux"] === "nee" && r["site"] === "DE-Hai")! : null;
  assert.ok(Math.abs((nee!["bias"] as number) + off) < 1e-4, "NEE = RECO − GPP carries the offset with the other sign");
  assert.ok(Math.abs((subsets[0]!.by_site.find((r) => r["flux"] === "reco")!["rmse"] as number)) < 1e-4);
  assert.equal(cells.length, 2);
  assert.deepEqual(missing, []);
});

test("a model beside the product loses the days that the product lacks, so that both are scored on the same", async () => {
  const t = table(120, (s, d) => 5 + Math.sin(d / 9) + s);
  const n = 240;
  const site = [...new Array<string>(120).fill("DE-Hai"), ...new Array<string>(120).fill("XX-Far")];
  const flat = (v: number): Float32Array => new Float32Array(n).fill(v);
  const predictions = { site, day: Int32Array.from({ length: n }, (_, i) => START + (i % 120)), gpp: flat(5), reco: flat(2), nee: flat(-3), raw: { gpp: flat(5), reco: flat(2) } };
  const { subsets } = await compareWithProduct(`xbase:${await hourly(110, 0)}`, { table: t, tableName: "T", models: [{ model: "flat", predictions, seen: new Set(["DE-Hai"]) }] });
  const gpp = subsets[0]!.summary.filter((r) => r["flux"] === "gpp");
  assert.deepEqual(gpp.map((r) => [r["model"], r["n_sites"], r["n_days"]]), [["flat", 1, 110], ["X-BASE", 1, 110]]);
});

test("a month needs the flux on 90 % of its days and a mean QC of 0.75", () => {
  const t = table(91, (s, d) => (s === 0 && d < 4 ? NaN : s === 1 && d >= 31 && d < 33 ? NaN : 3 + s), (s, d) => (s === 1 && d >= 60 ? 0.7 : 1));
  const { series, excluded } = monthsOfTable(t, ["DE-Hai", "XX-Far"]);
  assert.deepEqual([...series.month].map((m) => formatDay(asDay(m))).slice(0, 3), ["2008-01-01", "2008-02-01", "2008-03-01"]);
  assert.deepEqual([...series.gpp], [NaN, 3, 3, 4, 4, NaN], "27 of 31 days are too few, 27 of 29 are enough");
  assert.equal(series.reco[0], 2, "RECO of that month has all days");
  assert.deepEqual(excluded, { few_days: 0, low_qc: 1 });
  const p = monthsOfPredictions({ site: ["B", "A", "A"], day: Int32Array.of(START, START + 1, START), gpp: Float32Array.of(1, 2, 3), reco: Float32Array.of(1, 1, 1), nee: Float32Array.of(0, 0, 0), raw: { gpp: new Float32Array(3), reco: new Float32Array(3) } });
  assert.deepEqual([p.site, [...p.gpp].every((v) => Number.isNaN(v))], [["A", "B"], true]);
});

test("months are scored on those that the tower and every model have; R² needs twelve of them", () => {
  const months = Array.from({ length: 13 }, (_, m) => Date.UTC(2008, m, 1) / 86_400_000);
  const series = (f: (m: number) => number): { site: string[]; month: Int32Array; gpp: Float32Array; reco: Float32Array; nee: Float32Array } => ({ site: months.map(() => "A"), month: Int32Array.from(months), gpp: Float32Array.from(months, (_, m) => f(m)), reco: Float32Array.from(months, () => NaN), nee: Float32Array.from(months, (_, m) => -f(m)) });
  const observed = series((m) => m % 4);
  const rows = scoreMonths(observed, [{ model: "near", series: series((m) => (m % 4) + 0.5) }, { model: "holed", series: series((m) => (m === 0 ? NaN : m % 4)) }]);
  const gpp = rows.filter((r) => r.flux === "gpp");
  assert.deepEqual(gpp.map((r) => [r.model, r.n, r.n_lost, r.rmse]), [["near", 12, 1, 0.5], ["holed", 12, 1, 0]]);
  assert.ok(Math.abs(gpp[0]!.r2! - (1 - 3 / 15)) < 1e-9, String(gpp[0]!.r2));
  assert.deepEqual(scoreMonths(series((m) => (m < 2 ? NaN : m % 4)), [{ model: "short", series: observed }]).filter((r) => r.flux === "gpp").map((r) => [r.n, r.r2, r.rmse]), [[11, null, 0]]);
  assert.equal(rows.find((r) => r.flux === "reco")!.n, 0);
  assert.deepEqual(monthSummary(rows).filter((r) => r["flux"] === "reco").map((r) => [r["n_sites"], r["r2_median"]]), [[0, null], [0, null]]);
});

test("beside a run of the day-time partition the product meets the towers' day-time fluxes", async () => {
  const dir = scratch("product");
  for (const flux of ["GPP", "NEE"]) for (const year of [1970, 1971]) await writeMonthly(path.join(dir, "xbase"), flux, year, { value: () => (flux === "GPP" ? 5 : -3) });
  const night = towerTable([HAI, FAR], 730);
  const seven = numbers(night, "nee").map(() => 7);
  const file = path.join(dir, "T.parquet");
  await writeTable({ ...night, rows: night.rows.assign({ gpp_dt: seven, reco_dt: numbers(night, "nee").map((v) => v + 7) }) }, file);
  await train({ table: file, out: path.join(dir, "run"), config: { model: "climatology", partition: "day", validation: "time", split: { train: ["XX-Far"], test: ["DE-Hai"] } } });
  const { code, stdout, stderr } = tamrl("evaluate", path.join(dir, "run"), "--table", file, "--product", `xbase:${path.join(dir, "xbase")}`, "--out", path.join(dir, "out"), "--json");
  assert.equal(code, 0, stderr);
  const gpp: { model: string; rmse_mean: number }[] = JSON.parse(stdout).product.subsets[0].summary.filter((r: { flux: string }) => r.flux === "gpp");
  assert.deepEqual(gpp.map((r) => [r.model, Math.round(1e3 * r.rmse_mean) / 1e3]), [["climatology", 0], ["X-BASE", 2]]);
});

test("on the command line, a monthly product is compared with the towers of a table alone", async () => {
  const dir = scratch("product");
  for (const flux of ["GPP", "NEE"]) for (const year of [2008, 2009]) await writeMonthly(path.join(dir, "xbase"), flux, year, { value: (t) => (flux === "GPP" ? 5 + Math.sin(t / 2) : -3) });
  const file = path.join(dir, "T.parquet");
  await writeTable(table(731, (_, d) => 5.2 + Math.sin(new Date((START + d) * 86_400_000).getUTCMonth() / 2)), file);
  const { code, stdout, stderr } = tamrl("evaluate", "--table", file, "--product", `xbase:${path.join(dir, "xbase")}`, "--out", path.join(dir, "out"), "--json");
  assert.equal(code, 0, stderr);
  const { product } = JSON.parse(stdout);
  assert.equal(product.step, "month");
  const gpp = product.subsets[0].summary.find((r: { flux: string }) => r.flux === "gpp");
  assert.deepEqual([gpp.n_sites, gpp.n_months], [2, 48]);
  assert.ok(Math.abs(gpp.rmse_mean - 0.2) < 1e-3);
  assert.ok(product.notes.some((n: string) => /293 of its training sites are not known|294 of its training sites are not known/.test(n)));
  const refused = tamrl("evaluate", "--table", file, "--product", "xbase:nowhere", "--out", path.join(dir, "out"));
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /xbase: nowhere: a folder with X-BASE's files required/);
});
