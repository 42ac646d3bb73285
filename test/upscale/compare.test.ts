import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { test } from "node:test";
import { asDay, monthOf } from "../../src/core/days";
import { isWorkbookError } from "../../src/core/errors";
import { random } from "../../src/core/random";
import { regrid, regridder } from "../../src/upscale/compare-regrid";
import { besideXbase, type SideRow, type XbaseSideBySide } from "../../src/upscale/compare-xbase";
import { writeXbase } from "../../src/upscale/compare-write";
import { originOf } from "../../src/upscale/store-origin";
import { exportMonthly } from "../../src/upscale/export-netcdf";
import { sphereArea } from "../../src/upscale/cell-area";
import { writeStore, type SmallStore } from "./store";
import { writeHourly, writeMonthly } from "../helpers/xbase";

const scratch = (): string => fs.mkdtempSync(path.join(os.tmpdir(), "compare-"));
const axis = (from: number, step: number, n: number): { name: string; centres: Float64Array; step: number } => ({ name: "", centres: Float64Array.from({ length: n }, (_, i) => from + i * step), step });
/** X-BASE on 9° cells for one year, all land, of the values given. */
async function product(value: (flux: string, month: number, lat: number, lon: number) => number, more: SmallStore = {}): Promise<string> {
  const dir = scratch();
  await exportMonthly(await writeStore({ cell: 9, chunk: 40, fluxes: ["gpp", "nee"], days: 365, value: (f, t, lat, lon) => value(f, monthOf(asDay(Date.UTC(2001, 0, 1 + t) / 86_400_000)) - 1, lat, lon), ...more }), dir);
  return dir;
}
const side = ({ rows }: XbaseSideBySide, flux: string, region = "global", period = "mean year"): SideRow => rows.find((r) => r.flux === flux && r.region === region && r.period === period)!;
const near = (a: number | null, b: number, tolerance = 1e-5): void => assert.ok(a !== null && Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b)), `${a} against ${b}`);

test("a field is carried to another grid without loss: integrals agree whatever the cells", () => {
  const stream = random(5, "regrid");
  const fine = { lat: axis(87, -6, 30), lon: axis(-177, 6, 60) };
  const values = Float64Array.from({ length: 1800 }, () => stream.uniform());
  for (const own of [{ lat: axis(-81, 18, 10), lon: axis(9, 18, 20) }, { lat: axis(85, -10, 18), lon: axis(-175, 10, 36) }, { lat: axis(88.5, -3, 60), lon: axis(-178.5, 3, 120) }]) {
    const overlaps = regridder(own, fine);
    const tile = { rows: [0, own.lat.centres.length], columns: [0, own.lon.centres.length] } as const;
    const out = regrid(overlaps, { rows: [0, 30], columns: [0, 60], land: new Float64Array(1800).fill(1) }, tile, values);
    const integral = (grid: typeof own, of: Float64Array): number => {
      const [half, columns] = [Math.abs(grid.lat.step) / 2, grid.lon.centres.length];
      return of.reduce((sum, v, i) => { const y = grid.lat.centres[Math.floor(i / columns)]!; return sum + v * sphereArea([y - half, y + half], grid.lon.step); }, 0);
    };
    near(integral(own, out) / integral(fine, values), 1, 1e-10);
  }
});

test("the product's land weighs its cells, and half of a cell's land without a value leaves none", () => {
  const overlaps = regridder({ lat: axis(0, 60, 2), lon: axis(0, 60, 2) }, { lat: axis(0, 60, 2), lon: axis(-22.5, 15, 8) });
  const part = { rows: [0, 1], columns: [0, 4], land: Float64Array.of(1, 0.5, 0, 0.5) } as const;
  const tile = { rows: [0, 1], columns: [0, 1] } as const;
  near(regrid(overlaps, part, tile, Float64Array.of(1, 3, 100, 5))[0]!, (1 + 1.5 + 2.5) / 2);
  near(regrid(overlaps, part, tile, Float64Array.of(1, 3, 100, NaN))[0]!, 2.5 / 1.5);
  assert.ok(Number.isNaN(regrid(overlaps, part, tile, Float64Array.of(NaN, NaN, 100, 5))[0]!));
});

test("an export beside itself differs by nothing, and a constant offset is found everywhere", async () => {
  const own: SmallStore = { cell: 18, chunk: 6, days: 400, value: (f, t, lat) => (f === "gpp" ? 3 : f === "nee" ? -1 : 2) * (1 + lat / 90 + Math.min(11, Math.floor((t % 365) / 30.5)) / 20), igbp: () => ({ ENF: 0.5 }), koppen: (lat) => (lat > 0 ? 2 : 0) };
  const same = await besideXbase(await writeStore(own), await (async () => { const dir = scratch(); await exportMonthly(await writeStore({ ...own, cell: 9, value: (f, t, lat, lon) => own.value!(f, t, 18 * Math.floor(lat / 18) + 9, lon) }), dir); return dir; })());
  for (const flux of ["gpp", "reco", "nee"]) near(side(same, flux).difference, 0);
  assert.deepEqual([same.n_months, same.n_cells], [13, 200]);
  const offset = await besideXbase(await writeStore({ ...own, value: (f) => (f === "gpp" ? 5 : f === "nee" ? -2 : 3) }), await product((f) => (f === "gpp" ? 4 : -1.5)));
  near(side(offset, "gpp").difference, 1);
  near(side(offset, "nee").difference, -0.5);
  near(side(offset, "reco").xbase_mean, 2.5, 1e-5);
  near(side(offset, "reco", "D").difference, 0.5);
  near(side(offset, "nee").own_Pg_C! / side(offset, "nee").xbase_Pg_C!, 2 / 1.5);
  assert.ok(offset.difference.gpp!.every((v) => Math.abs(v - 1) < 1e-5));
});

test("cells and months that only one has count in neither", async () => {
  const beside = await besideXbase(
    await writeStore({ cell: 18, chunk: 10, fluxes: ["gpp"], value: (_, __, lat) => (lat > 36 ? NaN : lat < -36 ? 100 : 2) }),
    await product((f, month, lat) => (lat < -36 || (month === 6 && lat > 0) ? NaN : f === "gpp" ? (month === 6 ? 50 : 1) : 0)),
  );
  // July is common in the south alone, so it is in no mean of both
  near(side(beside, "gpp").difference, 1);
  near(side(beside, "gpp", "30° S to 0°").xbase_mean, (334 + 31 * 50) / 365);
  near(side(beside, "gpp", "0° to 30° N").own_mean, 2);
  near(side(beside, "gpp", "0° to 30° N").xbase_mean, 1);
  assert.equal(side(beside, "gpp", "0° to 30° N").own_Pg_C, null, "July is missing there");
  assert.equal(side(beside, "gpp", "60° N to 90° N").own_mean, null);
  near(side(beside, "gpp").common_share, Math.sin((36 * Math.PI) / 180));
});

test("the words of the method stand beside the table, and simulated data are named", async () => {
  const store = await writeStore({ cell: 18, chunk: 10, simulated: true });
  const beside = await besideXbase(store, await product(() => 1));
  const files = writeXbase(beside, scratch(), await originOf(store));
  const markdown = fs.readFileSync(files[2]!, "utf8");
  for (const words of [/−5\.75 ± 0\.33/, /not a net biome balance/, /not an interval of ours/, /learned from 295 towers/, /simulated/]) assert.match(markdown, words);
  const written = JSON.parse(fs.readFileSync(files[1]!, "utf8")) as { words: string[]; provenance: Record<string, string> };
  assert.deepEqual([written.words, written.provenance["store"], written.provenance["summary"]], [beside.words, "O.zarr", "daily fluxes"]);
});

test("the hourly product, other years and another part of the globe are refused in words", async () => {
  const store = await writeStore({ cell: 18, chunk: 10, fluxes: ["gpp"] });
  const hourly = scratch();
  await writeHourly(path.join(hourly, "GPP"), "GPP");
  await writeHourly(path.join(hourly, "NEE"), "NEE");
  await assert.rejects(besideXbase(store, hourly), (e) => isWorkbookError(e, "BadFile") && /monthly files are required.*fetch xbase-monthly/.test(e.message));
  const late = scratch();
  for (const flux of ["GPP", "NEE"]) await writeMonthly(late, flux, 2010);
  await assert.rejects(besideXbase(store, late), (e) => isWorkbookError(e, "EmptyTable") && /2001-01-01 to 2001-12-31/.test(e.message));
});
