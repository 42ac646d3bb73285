import assert from "node:assert/strict";
import * as path from "node:path";
import { test } from "node:test";
import { isWorkbookError, type ErrorTag } from "../../../src/core/errors";
import { IGBP, type Igbp } from "../../../src/core/quantities";
import { readGridCatalogue } from "../../../src/data/grid/grid-catalogue";
import { openPredictors } from "../../../src/data/grid/open-predictors";
import type { TileDrivers } from "../../../src/data/grid/predictors";
import { requireChannels } from "../../../src/data/grid/require-channels";
import { scratch } from "../../helpers/cli";
import { writeNetcdf, writeZarrByHand, type GridVar } from "../../helpers/grids";
import { writeTiff } from "../../helpers/tiff";

const says = (tag: ErrorTag, pattern: RegExp) => (e: unknown): boolean => isWorkbookError(e, tag) && pattern.test(e.message);
const ta: GridVar = { name: "ta_degC", attributes: { units: "°C" }, value: () => 10 };
const land: GridVar = { name: "land_fraction", dims: ["lat", "lon"], attributes: { units: "1" }, value: () => 1 };
const world = (variables: readonly GridVar[]) => ({ lat: [50, 40], lon: [0, 90, 180], days: [18_000, 18_001], variables: [ta, ...variables] });
const whole = { rows: [0, 2], columns: [0, 3] } as const;
const FLAGS = { flag_meanings: IGBP.join(" ") };

/** The layers of a world as a NetCDF or Zarr file gives them. */
async function layersOf(variables: readonly GridVar[], write: "nc" | "zarr" = "nc"): Promise<TileDrivers> {
  const file = path.join(scratch("grid"), `g.${write}`);
  if (write === "nc") await writeNetcdf(file, world(variables));
  else writeZarrByHand(file, world(variables), "v3");
  const grid = await openPredictors(file);
  return grid.readTile(whole, ["ta_degC"]);
}

const shareOf = ({ igbp }: TileDrivers, cell: number, name: Igbp): number => Number(igbp[cell * IGBP.length + IGBP.indexOf(name)]!.toFixed(5));

test("a land share is read as a share or in %, sea may be missing, and other numbers are refused", async () => {
  const share = (units: string, of: (lon: number) => number): GridVar => ({ name: "sftlf", dims: ["lat", "lon"], attributes: { units }, value: (_, lon) => of(lon) });
  assert.deepEqual([...(await layersOf([share("%", (lon) => (lon === 0 ? NaN : 25))])).landFraction], [0, 0.25, 0.25, 0, 0.25, 0.25]);
  assert.deepEqual([...(await layersOf([share("1", (lon) => lon / 180)])).landFraction], [0, 0.5, 1, 0, 0.5, 1]);
  assert.equal((await layersOf([{ ...land, name: "lsm", attributes: { units: "(0 - 1)" } }])).landFraction[0], 1);
  await assert.rejects(layersOf([share("1", () => 25)]), says("BadFile", /sftlf: shares from 0 to 1 required, found 25; state its unit/));
  await assert.rejects(layersOf([share("km", () => 1)]), says("BadUnit", /sftlf as a share \(1\) or in % required, found "km"/));
});

test("a layer with one time step is a layer, with several it is not", async () => {
  const file = path.join(scratch("grid"), "g.nc");
  await writeNetcdf(file, { ...world([{ ...land, dims: ["time", "lat", "lon"] }]), days: [18_000] });
  assert.equal((await openPredictors(file).then((g) => g.readTile(whole, ["ta_degC"]))).landFraction[5], 1);
  await assert.rejects(layersOf([{ ...land, dims: ["time", "lat", "lon"] }]), says("BadFile", /land_fraction: a layer without time required, found 2 times; give one of them/));
});

test("IGBP: shares along an axis, a layer a class, and a map of class numbers say the same", async () => {
  const along = await layersOf([land, { name: "igbp_fraction", dims: ["igbp", "lat", "lon"], attributes: FLAGS, value: (lat, _lon, _day, k) => (IGBP[k] === "ENF" ? 0.7 : IGBP[k] === "GRA" ? lat / 250 : 0) }], "zarr");
  assert.deepEqual([shareOf(along, 0, "ENF"), shareOf(along, 0, "GRA"), shareOf(along, 5, "GRA"), shareOf(along, 0, "CRO")], [0.7, 0.2, 0.16, 0]);
  const last = await layersOf([land, { name: "igbp_fraction", dims: ["lat", "lon", "igbp"], attributes: { ...FLAGS, units: "%" }, value: (lat, _lon, _day, k) => (IGBP[k] === "ENF" ? 70 : IGBP[k] === "GRA" ? lat / 2.5 : 0) }], "zarr");
  assert.deepEqual(last.igbp, along.igbp);
  const single = (name: string, value: GridVar["value"]): GridVar => ({ name, dims: ["lat", "lon"], attributes: {}, value });
  const each = await layersOf([land, single("igbp_ENF", () => 0.7), single("igbp_grassland", (lat) => lat / 250), single("wet", () => 1)]);
  assert.deepEqual(each.igbp, along.igbp);
  const map = await layersOf([land, { name: "LC_Type1", dims: ["lat", "lon"], type: "uint8", attributes: {}, value: (_, lon) => ({ 0: 1, 90: 16, 180: 17 })[lon]! }]);
  assert.deepEqual([shareOf(map, 0, "ENF"), shareOf(map, 2, "WAT")], [1, 1]);
  assert.equal(map.igbp.subarray(IGBP.length, 2 * IGBP.length).reduce((a, b) => a + b, 0), 0, "bare ground is no class of the list");
});

test("shares that sum to more than the cell, and class numbers without a legend, are refused", async () => {
  await assert.rejects(layersOf([land, { name: "igbp_fraction", dims: ["igbp", "lat", "lon"], attributes: FLAGS, value: (lat) => (lat === 40 ? 0.1 : 0) }], "zarr"), says("BadFile", /igbp_fraction: shares of classes that sum to at most 1 required, found 1\.600 in row 1, column 0/));
  await assert.rejects(layersOf([land, { name: "igbp", dims: ["lat", "lon"], type: "uint8", value: () => 1 }]), says("BadFile", /igbp: flag_meanings with the classes in order required, found none/));
  await assert.rejects(layersOf([land, { name: "igbp_fraction", dims: ["igbp", "lat", "lon"], attributes: { flag_meanings: "ENF EBF" }, value: () => 0 }], "zarr"), says("BadFile", /16 flag_meanings required, found 2 values and 2 meanings/));
  await assert.rejects(layersOf([land, { name: "igbp", dims: ["lat", "lon"], type: "uint8", attributes: { flag_values: "1 2", flag_meanings: "red blue" }, value: () => 1 }]), says("BadFile", /classes of IGBP or Köppen among flag_meanings required, found red blue/));
});

test("Köppen: by flags in any spelling, or by the published map's own numbers; what is no class is unknown", async () => {
  const flagged = await layersOf([land, { name: "koppen", dims: ["lat", "lon"], type: "int16", attributes: { flag_values: "3 7 9", flag_meanings: "As bsh cfb" }, value: (_, lon) => ({ 0: 3, 90: 7, 180: 1 })[lon]! }]);
  assert.deepEqual(flagged.koppen, ["Aw", "BSh", null, "Aw", "BSh", null]);
  const dir = scratch("grid");
  await writeNetcdf(path.join(dir, "g.nc"), world([land]));
  writeTiff(path.join(dir, "Beck_KG_V1_present_0p5.tif"), { rows: 2, columns: 3, x: -45, y: 55, dx: 90, dy: -10, bands: [Uint8Array.of(1, 14, 15, 0, 29, 30)] });
  const beck = await openPredictors(dir).then((g) => g.readTile(whole, ["ta_degC"]));
  assert.deepEqual(beck.koppen, ["Af", "Cfa", "Cfb", null, "ET", "EF"]);
});

test("a model with statics is refused on a grid without them, by name", async () => {
  const file = path.join(scratch("grid"), "g.nc");
  const grid = await openPredictors(await writeNetcdf(file, world([land])));
  requireChannels(grid, { run: "RUN", channels: ["ta_degC", "lat", "lon"] });
  assert.throws(() => requireChannels(grid, { run: "RUN", channels: ["ta_degC"], statics: true }), says("MissingColumn", /layers igbp and koppen required by RUN, found no igbp and no koppen; add igbp_fraction/));
});

test("the legends have every class of the list once, and Beck's thirty", () => {
  const { legends } = readGridCatalogue();
  assert.deepEqual(legends.igbp.map((row) => row.class).sort(), [...IGBP].sort());
  assert.equal(new Set(legends.koppen).size, 30);
});
