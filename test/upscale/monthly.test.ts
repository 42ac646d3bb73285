import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { spawnSync } from "node:child_process";
import { parseDay } from "../../src/core/days";
import { isWorkbookError } from "../../src/core/errors";
import { daysInMonth } from "../../src/data/grid/cf";
import { openGrid } from "../../src/data/grid/open";
import { extractXbase } from "../../src/data/products/xbase";
import { exportMonthly } from "../../src/upscale/export-netcdf";
import { layAxes, layTile, resolutionName } from "../../src/upscale/export-axes";
import { writeMonthly } from "../../src/upscale/monthly-store";
import { eachMonth, openMonthly, viewTiles } from "../../src/upscale/monthly-view";
import { gridTotals } from "../../src/upscale/totals";
import { needsXarray, PYTHON } from "../helpers/xarray";
import { writeStore, type SmallStore } from "./store";

const sign = { gpp: 1, reco: 0.75, nee: -0.25 };
/** 9° cells, 2001 and January of 2002, a gap of two days in May and of ten in June. */
const YEAR: SmallStore = { cell: 9, chunk: 8, days: 396, land: (lat) => (lat > -60 ? 0.5 : 0), value: (f, t, lat, lon) => (lat < -60 || (t >= 120 && t < 122) || (t >= 160 && t < 170) ? NaN : sign[f] * (t + lat + lon / 1000)) };
/** Mean of the days of the month that begins on day `from`. */
const meanDay = (from: number, days: number, lost: readonly number[] = []): number => {
  const all = Array.from({ length: days }, (_, i) => from + i).filter((t) => !lost.includes(t));
  return all.reduce((a, b) => a + b, 0) / all.length;
};

test("a month is the mean of its days, with 90 % of them at least", async () => {
  const view = await openMonthly(await writeStore({ ...YEAR, fluxes: ["gpp"] }));
  const seen: [number, number, number][] = [];
  const tile = (await viewTiles(view))[0]!;
  await eachMonth(view, "GPP", tile, ({ month, mean, days }) => seen.push([month, mean[0]! - 85.5 + 175.5 / 1000, days[0]!]));
  view.close();
  assert.equal(seen.length, 13);
  const close = (k: number, value: number, days: number): void => assert.ok(Math.abs(seen[k]![1] - value) < 1e-3 && seen[k]![2] === days, `${k}: ${seen[k]}`);
  close(0, meanDay(0, 31), 31);
  close(4, meanDay(120, 31, [120, 121]), 29);
  assert.ok(Number.isNaN(seen[5]![1]), "June lacks ten days");
  assert.equal(seen[5]![2], 20);
  close(12, meanDay(365, 31), 31);
});

test("the monthly store gives the totals of the daily one, and says it is monthly", async () => {
  const store = await writeStore({ ...YEAR, simulated: true, igbp: () => ({ ENF: 0.5 }), koppen: () => 1, dissimilarity: () => 0.1, reason: (lat) => (lat < -60 ? 1 : 0) });
  const out = await writeMonthly(store, path.join(path.dirname(store), "monthly.zarr"));
  const [daily, monthly] = [await gridTotals(store), await gridTotals(out)];
  assert.equal(monthly.simulated, true);
  const grid = await openGrid(out);
  assert.deepEqual([grid.attributes["frequency"], grid.attributes["summary"]], ["mon", "monthly means of daily fluxes"]);
  grid.close();
  assert.deepEqual(monthly.period, daily.period);
  assert.deepEqual(monthly.gaps, daily.gaps);
  assert.deepEqual(monthly.land, daily.land);
  assert.equal(monthly.rows.length, daily.rows.length);
  monthly.rows.forEach((row, i) => assert.ok(row.total_Pg_C === daily.rows[i]!.total_Pg_C || Math.abs(row.total_Pg_C! - daily.rows[i]!.total_Pg_C!) <= 1e-6 * Math.abs(row.total_Pg_C!), `${row.flux} ${row.region} ${row.period}`));
  await assert.rejects(writeMonthly(store, out), (e) => isWorkbookError(e, "BadFile") && /something lies there/.test(e.message));
  const dangling = `${out}-link`;
  fs.symlinkSync(path.join(out, "nowhere", "at-all"), dangling);
  await assert.rejects(writeMonthly(store, dangling), (e) => isWorkbookError(e, "BadFile") && /something lies there/.test(e.message), "a link that leads nowhere");
});

test("a monthly export is read back by the reader of X-BASE, cell by cell", async () => {
  const store = await writeStore({ ...YEAR, ascending: true, from0: true });
  const dir = path.join(path.dirname(store), "nc");
  const files = await exportMonthly(store, dir);
  assert.deepEqual(files.map((f) => path.basename(f)), ["GPP", "RECO", "NEE"].flatMap((f) => [`${f}_2001_900_monthly.nc`, `${f}_2002_900_monthly.nc`]));
  assert.deepEqual(fs.readdirSync(dir).sort(), files.map((f) => path.basename(f)).sort(), "nothing half-written is left");
  const places = [["A", 49.5, 13.5], ["B", -4.5, -58.5], ["C", 4.5, 175.5], ["D", -85.5, 4.5]].map(([site, lat, lon]) => ({ site: String(site), lat: Number(lat), lon: Number(lon) }));
  const back = await extractXbase(dir, places);
  assert.equal(back.step, "month");
  const july = [...back.site.keys()].filter((i) => back.day[i] === parseDay("2001-07-01"));
  for (const [k, { lat, lon }] of places.slice(0, 3).entries()) {
    const value = meanDay(181, 31) + lat + (lon < 0 ? lon + 360 : lon) / 1000;
    assert.ok(Math.abs(back.gpp[july[k]!]! - value) < 1e-3, `${back.gpp[july[k]!]} against ${value}`);
    assert.ok(Math.abs(back.nee[july[k]!]! + value / 4) < 1e-3);
    assert.equal(back.cells[k]!.land_fraction, 0.5);
  }
  assert.ok(Number.isNaN(back.gpp[july[3]!]!), "no flux is NaN, not zero");
  assert.equal(back.missing.find((m) => m.site === "A")!.steps, 1, "June 2001 has too few days");
});

test("cells are laid from the north and from the date line, and a part across it stays", () => {
  const axis = (from: number, step: number, n: number): { name: string; centres: Float64Array; step: number } => ({ name: "", centres: Float64Array.from({ length: n }, (_, i) => from + i * step), step });
  const axes = layAxes({ lat: axis(-45, 90, 2), lon: axis(45, 90, 4) });
  assert.deepEqual([[...axes.lat.centres], [...axes.lon.centres]], [[45, -45], [-135, -45, 45, 135]]);
  const blocks = layTile(axes, { rows: [0, 2], columns: [1, 3] }, [1, 2, 3, 4]);
  assert.deepEqual(blocks.map((b) => [b.rows, b.columns, [...b.values]]), [[[0, 2], [3, 4], [3, 1]], [[0, 2], [0, 1], [4, 2]]]);
  assert.deepEqual([...layAxes({ lat: axis(-45, 90, 2), lon: axis(170, 10, 3) }).lon.centres], [170, 180, 190]);
  assert.equal(resolutionName({ path: "x", lat: { step: -0.05 }, lon: { step: 0.05 } }), "005");
  assert.throws(() => resolutionName({ path: "x", lat: { step: 0.125 }, lon: { step: 0.125 } }), (e) => isWorkbookError(e, "BadFile") && /monthly O\.zarr --zarr M\.zarr/.test(e.message));
});

test("the monthly files and the monthly store open in xarray with the values written", needsXarray(), async () => {
  const store = await writeStore({ ...YEAR, fluxes: ["gpp"] });
  const dir = path.dirname(store);
  await writeMonthly(store, path.join(dir, "monthly.zarr"));
  await exportMonthly(store, dir);
  const script = `
import json, sys, xarray as xr
nc = xr.open_dataset(sys.argv[1] + "/GPP_2001_900_monthly.nc")
zarr = xr.open_zarr(sys.argv[1] + "/monthly.zarr", consolidated=False).sel(time="2001")
at = dict(lat=49.5, lon=13.5)
print(json.dumps(dict(dims=list(nc.GPP.dims), units=nc.GPP.units, times=[str(t)[:10] for t in nc.time.values], bounds=[str(t)[:10] for t in nc.time_bnds.values[1]], nc=nc.GPP.sel(**at).fillna(-1).values.tolist(), equal=bool(abs(nc.GPP - zarr.GPP).max() < 1e-6), missing=int(nc.GPP.isnull().sum()) == int(zarr.GPP.isnull().sum()), land=float(nc.land_fraction.sel(**at)), coords=sorted(nc.GPP.coords))))`;
  const run = spawnSync(PYTHON, ["-c", script, dir], { encoding: "utf8" });
  assert.equal(run.status, 0, run.stderr);
  const seen = JSON.parse(run.stdout);
  assert.deepEqual(seen.dims, ["time", "lat", "lon"]);
  assert.deepEqual([seen.units, seen.land, seen.equal, seen.missing], ["gC m-2 d-1", 0.5, true, true]);
  assert.deepEqual([seen.times[0], seen.times[11], seen.bounds], ["2001-01-01", "2001-12-01", ["2001-02-01", "2001-03-01"]]);
  assert.equal(seen.nc[5], -1);
  assert.ok(Math.abs(seen.nc[0] - (meanDay(0, daysInMonth(parseDay("2001-01-01"))) + 49.5 + 0.0135)) < 1e-3);
});

test("a monthly NetCDF file can itself be opened as a grid, and has the totals of the store", async () => {
  const store = await writeStore({ cell: 9, chunk: 8, fluxes: ["nee"], days: 365 });
  const [file] = await exportMonthly(store, path.dirname(store));
  const grid = await openGrid(file!);
  assert.deepEqual((await grid.variable("NEE")).dims, ["time", "lat", "lon"]);
  assert.deepEqual([grid.attributes["simulated"], grid.attributes["summary"]], ["false", "monthly means of daily fluxes"]);
  grid.close();
  const [daily, monthly] = [await gridTotals(store), await gridTotals(file!)];
  assert.deepEqual([monthly.period, monthly.rows[0]!.months], [daily.period, 12]);
  assert.ok(Math.abs(monthly.rows[0]!.total_Pg_C! / daily.rows[0]!.total_Pg_C! - 1) < 1e-6, `${monthly.rows[0]!.total_Pg_C} against ${daily.rows[0]!.total_Pg_C}`);
});
