import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { formatDay, asDay, parseDay } from "../../../src/core/days";
import { isWorkbookError, type ErrorTag } from "../../../src/core/errors";
import { cellOf } from "../../../src/data/grid/axis";
import { fluxFactor, UMOL_TO_GC } from "../../../src/data/grid/cf";
import { unpackValues } from "../../../src/data/grid/grid";
import { openGrid } from "../../../src/data/grid/open";
import { extractXbase } from "../../../src/data/products/xbase";
import { openXbase } from "../../../src/data/products/xbase-layout";
import { readXbaseSites, seenByProduct } from "../../../src/data/products/xbase-sites";
import { scratch } from "../../helpers/cli";
import { aSite } from "../../helpers/tables";
import { writeHourly, writeMonthly, type SmallXbase } from "../../helpers/xbase";

const hainich = { site: "DE-Hai", lat: 51.0792, lon: 10.4522 };
const says = (tag: ErrorTag, pattern: RegExp) => (e: unknown): boolean => isWorkbookError(e, tag) && pattern.test(e.message);

async function hourly(more: SmallXbase & { format?: 2 | 3 } = {}, nee: SmallXbase = {}): Promise<string> {
  const dir = scratch("xbase");
  await writeHourly(path.join(dir, "GPP"), "GPP", more);
  await writeHourly(path.join(dir, "NEE"), "NEE", { ...more, value: (t, h, r, c) => -(t + h / 24 + r / 10 + c / 100) / 2, ...nee });
  return dir;
}

test("1 µmol CO2 m-2 s-1 is 1.0378 g C m-2 d-1, however the unit is spelt, and other units are refused", () => {
  assert.equal(UMOL_TO_GC.toFixed(4), "1.0378");
  for (const units of ["µmol CO2 m-2 s-1", "umol m-2 s-1", "umolCO2 m-2 s-1", "umol/m2/s", "micromol m^-2 s^-1", "µmol m⁻² s⁻¹"]) assert.equal(fluxFactor(units, "f", "GPP"), UMOL_TO_GC, units);
  for (const units of ["gC m-2 d-1", "g C m-2 d-1", "gC m-2 day-1", "g C m⁻² d⁻¹"]) assert.equal(fluxFactor(units, "f", "GPP"), 1, units);
  for (const units of ["kgC m-2 s-1", "gCO2 m-2 d-1", "gC m-2 month-1", "gC m-2", "mmol m-2 s-1", "", null]) assert.throws(() => fluxFactor(units, "f.nc", "GPP"), says("BadUnit", /f\.nc: GPP in µmol/), String(units));
});

test("packed values are unpacked and fill values are missing", () => {
  assert.deepEqual([...unpackValues(Int16Array.of(-99, 2, 3), { _FillValue: Int16Array.of(-99), scale_factor: 0.5, add_offset: 1 })], [NaN, 2, 2.5]);
});

test("the cell is the one the tower stands in, longitudes wrap, and beyond half a cell there is none", () => {
  const lat = { name: "lat", centres: Float64Array.of(51.125, 51.075, 51.025), step: -0.05 };
  const lon = { name: "lon", centres: Float64Array.from({ length: 7200 }, (_, i) => -179.975 + 0.05 * i), step: 0.05 };
  const cell = cellOf(lat, lon, hainich)!;
  assert.equal(cell.row, 1);
  assert.ok(Math.abs(cell.lon - 10.475) < 1e-9 && cell.km < 2);
  assert.equal(cellOf(lat, lon, { lat: 51.05, lon: 359.99 })!.column, cellOf(lat, lon, { lat: 51.05, lon: -0.01 })!.column);
  assert.equal(cellOf(lat, lon, { lat: 51.151, lon: 10 }), null);
});

for (const format of [2, 3] as const) {
  test(`hourly Zarr of format ${format}: the day's mean of 24 hours × 1.0378, RECO = GPP + NEE, cell and distance told`, async () => {
    const values = await extractXbase(await hourly({ format }), [hainich]);
    assert.equal(values.step, "day");
    assert.deepEqual([...values.day].map((d) => formatDay(asDay(d))), ["2008-01-01", "2008-01-02", "2008-01-03"]);
    const mean = (t: number): number => (t + 11.5 / 24 + 0.1 + 0.01) * UMOL_TO_GC;
    [0, 1, 2].forEach((t) => {
      assert.ok(Math.abs(values.gpp[t]! - mean(t)) < 1e-5, `GPP ${t}`);
      assert.ok(Math.abs(values.nee[t]! + mean(t) / 2) < 1e-5, `NEE ${t}`);
      assert.ok(Math.abs(values.reco[t]! - (values.gpp[t]! + values.nee[t]!)) < 1e-6);
    });
    assert.deepEqual({ ...values.cells[0]!, km: 0 }, { site: "DE-Hai", lat: 51.075, lon: 10.475, km: 0, land_fraction: 0.9 });
    assert.ok(values.cells[0]!.km > 1.5 && values.cells[0]!.km < 2.5);
  });
}

test("a day that lacks an hour of either flux has no mean and is counted; negative RECO is kept", async () => {
  const dir = await hourly({}, { value: (t, h) => (t === 1 && h === 5 ? NaN : -9) });
  const values = await extractXbase(dir, [hainich]);
  assert.ok(Number.isNaN(values.gpp[1]!) && Number.isNaN(values.reco[1]!) && Number.isNaN(values.nee[1]!));
  assert.ok(values.reco[0]! < 0);
  assert.deepEqual(values.missing, [{ site: "DE-Hai", reason: "the product has no value", steps: 1 }]);
});

test("one group may hold both fluxes, and only the period asked for is returned", async () => {
  const dir = path.join(scratch("xbase"), "both.zarr");
  await writeHourly(dir, "GPP", { format: 2 });
  await writeHourly(dir, "NEE", { format: 2 });
  const day = parseDay("2008-01-02");
  const values = await extractXbase(dir, [hainich], { first: day, last: day });
  assert.deepEqual([...values.day], [day]);
});

test("sites outside the grid or without a position are counted, and none inside is an error", async () => {
  const dir = await hourly();
  const values = await extractXbase(dir, [hainich, { site: "AU-How", lat: -12.5, lon: 131.2 }, { site: "XX-Yyy", lat: null, lon: null }]);
  assert.deepEqual(values.missing, [{ site: "AU-How", reason: "outside the product's grid", steps: 0 }, { site: "XX-Yyy", reason: "the site has no position", steps: 0 }]);
  assert.deepEqual([...new Set(values.site)], ["DE-Hai"]);
  await assert.rejects(extractXbase(dir, [{ site: "AU-How", lat: -12.5, lon: 131.2 }]), says("BadSite", /latitude 51\.025…51\.125.*AU-How: -12\.5, 131\.2/));
});

test("monthly NetCDF: the published months, dated by their first day, only where both fluxes are", async () => {
  const dir = scratch("xbase");
  await writeMonthly(dir, "GPP", 2008, { value: (t) => (t === 3 ? -9999 : 2 * t) });
  await writeMonthly(dir, "NEE", 2008, { value: (t) => -t, time: Array.from({ length: 12 }, (_, m) => (Date.UTC(2008, m, 15) - Date.UTC(2001, 0, 1)) / 86_400_000) });
  const values = await extractXbase(dir, [hainich]);
  assert.equal(values.step, "month");
  assert.equal(values.day.length, 12);
  assert.equal(formatDay(asDay(values.day[1]!)), "2008-02-01");
  assert.deepEqual([values.gpp[2], values.nee[2], values.reco[2]], [4, -2, 2]);
  assert.deepEqual(values.missing, [{ site: "DE-Hai", reason: "the product has no value", steps: 1 }]);
  assert.equal(values.cells[0]!.lat, 51.25);
});

const month = async (more: SmallXbase): Promise<string> => {
  const dir = scratch("xbase");
  await writeMonthly(dir, "GPP", 2008, more);
  await writeMonthly(dir, "NEE", 2008);
  return dir;
};

test("another unit, calendar, grid, year or a missing flux is one clear message naming the file", async () => {
  await assert.rejects(month({ units: "kgC m-2 s-1" }).then(openXbase), says("BadUnit", /GPP_2008_050_monthly\.nc: GPP in µmol.*found "kgC m-2 s-1"/));
  await assert.rejects(month({ calendar: "noleap" }).then(openXbase), says("BadDate", /GPP_2008_050_monthly\.nc: time: calendar.*noleap/));
  await assert.rejects(month({ timeUnits: "months since 2001-01-01" }).then(openXbase), says("BadDate", /days since.*months since/));
  await assert.rejects(month({ time: [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334] }).then(openXbase), says("BadDate", /months of 2008.*2001-01-01/));
  await assert.rejects(month({ lat: [51.3, 50.8, 50.3] }).then(openXbase), says("BadFile", /one grid and one time step/));
  await assert.rejects(month({ lat: [51.25, 50.75, 50.0] }).then(openXbase), says("BadFile", /lat: evenly spaced/));
  const lone = await month({});
  fs.rmSync(path.join(lone, "NEE_2008_050_monthly.nc"));
  await assert.rejects(openXbase(lone), says("MissingColumn", /NEE_2008_050_monthly\.nc required beside GPP_2008/));
  await assert.rejects(openXbase(scratch("xbase")), says("MissingColumn", /found no GPP among nothing/));
  await assert.rejects(openXbase(path.join(lone, "nowhere")), says("BadFile", /a folder with X-BASE's files/));
});

test("a file that is cut off, classic NetCDF or no NetCDF at all says what it is", async () => {
  const dir = await month({});
  const file = path.join(dir, "GPP_2008_050_monthly.nc");
  fs.truncateSync(file, 600);
  await assert.rejects(openXbase(dir), says("BadFile", /whole NetCDF-4 file required/));
  fs.writeFileSync(file, "CDF\x01........");
  await assert.rejects(openGrid(file), says("BadFile", /classic format; convert it with nccopy/));
  fs.writeFileSync(file, "<html>not found</html>");
  await assert.rejects(openGrid(file), says("BadFile", /first bytes are not HDF5's/));
});

test("the training list has 295 sites; neighbours within 15 km and named mates are not outside it", () => {
  assert.equal(readXbaseSites().length, 295);
  assert.equal(new Set(readXbaseSites()).size, 295);
  const sites = [aSite("DE-Hai", { lat: 51.08, lon: 10.45 }), aSite("XX-Nea", { lat: 51.1, lon: 10.5 }), aSite("XX-Far", { lat: 51.5, lon: 10.5 }), aSite("ES-LMa", { lat: 39.94, lon: -5.77 })];
  const parts = seenByProduct(sites, readXbaseSites());
  assert.deepEqual(parts.listed, ["DE-Hai"]);
  assert.deepEqual(parts.near.map((n) => n.site), ["XX-Nea", "ES-LMa"]);
  assert.deepEqual(parts.outside, ["XX-Far"]);
  assert.equal(parts.unlocated.length, 294);
  const told = seenByProduct(sites, readXbaseSites(), [aSite("DE-Tha", { lat: 51.5, lon: 10.55 })]);
  assert.deepEqual(told.outside, []);
});
