import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import * as zlib from "node:zlib";
import { after, test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { processMark, thisProcess } from "../../src/core/processes";
import { listInputs, type InputFile } from "../../src/data/files/input";
import { conversionOf, vpdOf } from "../../src/data/plumber2/columns";
import { detectPlumber2, readPlumber2 } from "../../src/data/plumber2/read";
import { readMinutes, standardOffset } from "../../src/data/plumber2/time-axis";
import { classicNetcdf, writeNetcdf4, type NetcdfContent } from "../helpers/netcdf-files";
import { needsShared, sharedPath } from "../helpers/shared";
import { zipOf } from "./towers/tower-file";

const root = fs.mkdtempSync(path.join(os.tmpdir(), "plumber2-"));
after(() => fs.rmSync(root, { recursive: true }));
// Other files' tests use the system's folder at the same time.
process.env.TMPDIR = root;
const input = async (file: string, part = 0): Promise<InputFile> => (await listInputs([file]))[part] as InputFile;
const near = (actual: number, expected: number, by = 1e-3): void => assert.ok(Math.abs(actual - expected) < by, `${actual} is not ${expected}`);

const N = 48;
const [MET, FLUX] = ["AA-One_2012-2012_FLUXNET2015_Met.nc", "AA-One_2012-2012_FLUXNET2015_Flux.nc"];
const time = { values: Array.from({ length: N }, (_, i) => i * 1800), attributes: { units: "seconds since 2012-01-01 00:00:00", time_zone: "America/Chicago" } };
const of = (value: number, units: string, more = {}): { values: number[]; attributes: Record<string, string | number> } => ({ values: new Array<number>(N).fill(value), attributes: { units, _FillValue: -9999, ...more } });
const met: NetcdfContent = {
  attributes: { site_code: "AA-One" },
  variables: {
    time, Tair: of(293.15, "K"), Qair: of(0.01, "kg/kg"), Psurf: of(100_000, "Pa"), Precip: of(0.001, "kg/m2/s"), Wind: of(2, "m/s"), SWdown: of(100, "W/m2"),
    Tair_qc: { values: Array.from({ length: N }, (_, i) => [0, 1, 4, 101, -9999][i % 5]!), attributes: { _FillValue: -9999 } },
    latitude: { values: [45.5] }, longitude: { values: [-91.25] }, IGBP_veg_short: { values: "ENF".padEnd(20) },
  },
};
const flux: NetcdfContent = {
  attributes: { site_code: "AA-One" },
  variables: {
    time, NEE: { ...of(-5, "umol/m2/s", { Fluxnet_name: "NEE_VUT_REF" }), values: Array.from({ length: N }, (_, i) => (i === 3 ? -9999 : -5)) },
    GPP: of(8, "umol/m2/s", { Fluxnet_name: "GPP_DT_VUT_REF" }), Resp: of(3, "umol/m2/s", { Fluxnet_name: "RECO_NT_VUT_REF" }), Qle: of(50, "W/m2"), NEE_qc: { values: new Array<number>(N).fill(2) },
  },
};

function folder(name: string, files: Readonly<Record<string, Buffer>>): string {
  const dir = path.join(root, name);
  fs.mkdirSync(dir);
  for (const [file, content] of Object.entries(files)) fs.writeFileSync(path.join(dir, file), content);
  return dir;
}

test("classic and NetCDF-4, plain, gzipped or in an archive, give the same half-hours in the table's units", async () => {
  const hdf5 = path.join(root, "hdf5");
  fs.mkdirSync(hdf5);
  await writeNetcdf4(path.join(hdf5, MET), met);
  await writeNetcdf4(path.join(hdf5, FLUX), flux);
  const [m, f] = [classicNetcdf(met), classicNetcdf(flux)];
  const zip = path.join(root, "a.zip");
  fs.writeFileSync(zip, zipOf({ [FLUX]: f, [MET]: m }));
  // what a killed process left in the temporary folder, and what a living one has there
  const [dead, living] = [{ ...thisProcess(), pid: 2 ** 22 + 1 }, thisProcess()].map((p) => path.join(root, `tamrl-tower-netcdf.tmp-${processMark(p)}.abcdef`)) as [string, string];
  for (const left of [dead, living]) fs.mkdirSync(left);
  fs.writeFileSync(path.join(dead, "tower.nc"), "half");
  const places = [path.join(folder("plain", { [MET]: m, [FLUX]: f }), FLUX), path.join(folder("gz", { [`${MET}.gz`]: zlib.gzipSync(m), [`${FLUX}.gz`]: zlib.gzipSync(f) }), `${FLUX}.gz`), zip, path.join(hdf5, FLUX)];
  for (const place of places) {
    const table = await readPlumber2(await input(place));
    assert.deepEqual([table.site, table.stepMinutes, table.start.length, table.start[1]! - table.start[0]!, table.utcOffset, table.variant], ["AA-One", 30, N, 30, -6, "NT_VUT_REF"], place);
    assert.equal(table.start[0], 15_340 * 1440, "2012-01-01 00:00 local standard time");
    assert.deepEqual([table.lat, table.lon, table.igbp], [45.5, -91.25, "ENF"], place);
    const value = (name: string, i = 0): number => table.columns.get(name)![i]!;
    near(value("TA"), 20);
    near(value("PA"), 100);
    near(value("P"), 1.8);
    near(value("VPD"), 23.38 - 15.98, 0.02);
    assert.deepEqual([value("SW_IN"), value("WS"), value("NEE"), value("GPP_DT"), value("RECO_NT"), value("LE")], [100, 2, -5, 8, 3, 50]);
    assert.ok(!table.columns.has("GPP_NT"), "the file says that its GPP is the day-time partition");
    assert.ok(Number.isNaN(value("NEE", 3)));
    assert.deepEqual([...table.quality.get("TA")!.slice(0, 5)], [0, 1, 3, 3, 255], "reanalysis and post-processing count as filled, the rest as none");
    assert.equal(table.quality.get("NEE")![0], 2);
    assert.match(table.warnings.join(), /VPD made from specific humidity/);
  }
  assert.deepEqual(fs.readdirSync(os.tmpdir()).filter((n) => n.includes("tower-netcdf")), [path.basename(living)], "nothing is left in the temporary folder");
});

test("of a pair the flux file is read and the other named with it; each alone is read as what it is", async () => {
  const dir = folder("pair", { [MET]: classicNetcdf(met), [FLUX]: classicNetcdf(flux) });
  assert.equal(detectPlumber2([], await input(path.join(dir, FLUX)))!.status, "read");
  const other = detectPlumber2([], await input(path.join(dir, MET)))!;
  assert.ok(other.status === "ignored" && other.reason.includes(FLUX));
  assert.equal(detectPlumber2([], await input(path.join(folder("other", { "AA-One_Flux.nc": classicNetcdf(flux) }), "AA-One_Flux.nc"))), null);
  const alone = folder("alone", { [MET]: classicNetcdf(met) });
  assert.equal(detectPlumber2([], await input(path.join(alone, MET)))!.status, "read");
  const drivers = await readPlumber2(await input(path.join(alone, MET)));
  assert.ok(drivers.columns.has("TA") && !drivers.columns.has("NEE") && drivers.variant === undefined);
  const fluxes = await readPlumber2(await input(path.join(folder("fluxes", { [FLUX]: classicNetcdf(flux) }), FLUX)));
  assert.match(fluxes.warnings.join(), /no AA-One_2012-2012_FLUXNET2015_Met\.nc beside it/);
});

test("a unit of another kind, uneven steps, two sites and a file cut off are refused by name", async () => {
  const rejects = async (name: string, content: NetcdfContent | Buffer, tag: string, pattern: RegExp, more: Readonly<Record<string, Buffer>> = {}): Promise<void> => {
    const dir = folder(name, { [FLUX]: Buffer.isBuffer(content) ? content : classicNetcdf(content), ...more });
    await assert.rejects(readPlumber2(await input(path.join(dir, FLUX))), (e) => isWorkbookError(e) && e.tag === tag && pattern.test(e.message) && e.message.includes(FLUX), name);
  };
  const withVariable = (name: string, variable: NetcdfContent["variables"][string]): NetcdfContent => ({ ...flux, variables: { ...flux.variables, [name]: variable } });
  await rejects("unit", withVariable("Qle", of(1, "kg/m2/s")), "BadUnit", /Qle in W m⁻²/);
  await rejects("none", withVariable("NEE", of(1, "")), "BadUnit", /NEE in .*found no unit/);
  await rejects("steps", withVariable("time", { ...time, values: time.values.map((v, i) => (i > 9 ? v + 1800 : v)) }), "BadDate", /60 minutes after step 10/);
  await rejects("daily", withVariable("time", { ...time, values: time.values.map((v) => v * 48) }), "BadDate", /steps of 30 or 60 minutes required, found 1440/);
  await rejects("epoch", withVariable("time", { ...time, attributes: { units: "fortnights since 2012-01-01" } }), "BadDate", /fortnights/);
  await rejects("sites", flux, "BadSite", /found BB-Two/, { [MET]: classicNetcdf({ ...met, attributes: { site_code: "BB-Two" } }) });
  await rejects("cut", classicNetcdf(flux).subarray(0, 3000), "BadFile", /a whole NetCDF file required/);
  await rejects("rubbish", Buffer.from("no netcdf at all"), "BadFile", /NetCDF required, found other bytes/);
  const broken = path.join(root, "broken.nc");
  await writeNetcdf4(broken, flux);
  await rejects("hdf5-cut", fs.readFileSync(broken).subarray(0, 3000), "BadFile", /a whole NetCDF-4 file required/);
});

test("rain, humidity and the zones' standard time are converted as their sources say", () => {
  near(conversionOf("f", "Precip", "P", "mm/s", 3600).scale, 3600);
  near(conversionOf("f", "Psurf", "PA", "hPa", 1800).scale, 0.1);
  near(vpdOf(0.01, 100, 23.4), 7.42, 0.01);
  assert.equal(vpdOf(0.1, 100, 10), 0, "never below 0");
  assert.deepEqual([standardOffset("America/Chicago", 12_784), standardOffset("Europe/Copenhagen", 12_784), standardOffset("Australia/Sydney", 12_784), standardOffset("Nowhere/Land", 12_784)], [-6, 1, 10, null]);
});

test("the shared pairs are whole years, and the daily mean of NEE is FLUXNET2015's own", needsShared("data/plumber2"), async () => {
  const dir = sharedPath("data/plumber2")!;
  for (const [site, igbp, lat] of [["DK-Fou", "CRO", 56.48], ["US-Wi7", "OSH", 46.65]] as const) {
    const table = await readPlumber2(await input(path.join(dir, `${site}_2005-2005_FLUXNET2015_Flux.nc.gz`)));
    assert.deepEqual([table.site, table.stepMinutes, table.start.length, table.igbp], [site, 30, 17_520, igbp]);
    near(table.lat!, lat, 0.02);
    for (const name of ["TA", "SW_IN", "VPD", "PA", "P", "WS", "NEE", "GPP_NT", "RECO_NT"]) assert.ok(table.columns.get(name)!.some((v) => v === v), `${site} ${name}`);
    const mean = (name: string): number => table.columns.get(name)!.reduce((sum, v) => sum + v, 0) / 17_520;
    assert.ok(mean("TA") > 0 && mean("TA") < 15 && mean("PA") > 90 && mean("PA") < 104 && mean("VPD") >= 0 && mean("VPD") < 10, site);
  }
});

test("time counts from the clock of its units, and a zone's standard time is that of the year", async () => {
  const file = { names: ["time"], numbers: async () => ({ values: Float64Array.of(0, 1800), attributes: { units: "seconds since 2012-01-01 01:30:00" } }) };
  const { minutes } = await readMinutes(file as never, "t.nc");
  const midnight = Date.UTC(2012, 0, 1) / 60_000;
  assert.deepEqual([...minutes], [midnight + 90, midnight + 120]);
  const of = (zone: string, year: number): number | null => standardOffset(zone, Date.UTC(year, 5, 1) / 86_400_000);
  assert.deepEqual([of("Europe/Moscow", 2010), of("Europe/Moscow", 2012), of("Europe/Moscow", 2016)], [3, 4, 3]);
});
