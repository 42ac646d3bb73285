import assert from "node:assert/strict";
import * as crypto from "node:crypto";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { after, before, test } from "node:test";
import { channelsOf } from "../../../src/core/columns";
import { isWorkbookError } from "../../../src/core/errors";
import { KOPPEN_DETAIL } from "../../../src/core/quantities";
import { random } from "../../../src/core/random";
import type { GridFile, Range } from "../../../src/data/grid/grid";
import { openGrid } from "../../../src/data/grid/open";
import { openPredictors } from "../../../src/data/grid/open-predictors";
import { numbers } from "../../../src/data/daily-table";
import { BIOMES } from "../../../src/data/simulate/biomes";
import { gridTruthPath, simulateGrid, type GridFiles } from "../../../src/data/simulate/grid";
import { GRID_CHANNELS } from "../../../src/data/simulate/grid-arrays";
import { gridClimate } from "../../../src/data/simulate/grid-climate";
import { gridCover } from "../../../src/data/simulate/grid-cover";
import { randomField } from "../../../src/data/simulate/grid-field";
import { landShares } from "../../../src/data/simulate/grid-land";
import { gridTraits } from "../../../src/data/simulate/grid-traits";
import { CALIBRATION } from "../../../src/data/simulate/calibration";
import { classifyKoppen } from "../../../src/data/simulate/koppen-rules";
import { hotMonth } from "../../../src/data/simulate/normals";
import { WORLDS } from "../../../src/data/simulate/options";
import { simulate } from "../../../src/data/simulate/simulate";
import { placeSites } from "../../../src/data/simulate/sites";
import { drawTraits, TRAITS } from "../../../src/data/simulate/traits";
import { needsXarray, readWithXarray } from "../../helpers/xarray";

const dir = fs.mkdtempSync(path.join(os.tmpdir(), "simulate-grid-"));
const at = (name: string): string => path.join(dir, name);
after(() => fs.rmSync(dir, { recursive: true, force: true }));

const OPTIONS = { years: 1, seed: 3 } as const;
let made: GridFiles;
let grid: GridFile;
let truth: GridFile;
before(async () => {
  made = await simulateGrid(15, at("G.zarr"), OPTIONS);
  [grid, truth] = [await openGrid(made.grid), await openGrid(made.truth)];
});

async function whole(file: GridFile, name: string): Promise<Float64Array> {
  const variable = await file.variable(name);
  return variable.read(variable.shape.map((n): Range => [0, n]));
}

/** Bytes of every file of a store by its name. */
function bytesOf(store: string): Record<string, string> {
  const files = fs.readdirSync(store, { recursive: true, encoding: "utf8" }).filter((file) => fs.statSync(path.join(store, file)).isFile()).sort();
  return Object.fromEntries(files.map((file) => [file, crypto.createHash("sha256").update(fs.readFileSync(path.join(store, file))).digest("hex")]));
}

test("the sea holds nothing and the land every day, but for the days on which the satellite sees nothing", async () => {
  const land = await whole(grid, "land_fraction");
  const isLand = (cell: number): boolean => land[cell]! > 0;
  assert.equal(land.filter((x) => x > 0).length, made.cells);
  assert.equal(made.days, 365);
  for (const name of GRID_CHANNELS) {
    const values = await whole(grid, name);
    const partial = /^sur_refl|Zenith|Azimuth|clouds|^evi$|^fapar$/.test(name);
    values.forEach((v, i) => {
      if (!isLand(i % land.length)) assert.ok(Number.isNaN(v), `${name} over the sea`);
      else if (!partial) assert.ok(Number.isFinite(v), `${name} at ${i}`);
    });
    assert.ok(values.some(Number.isFinite), name);
  }
});

test("the grid serves each feature set that the towers have, and says that nothing was masked", async () => {
  for (const set of ["tower", "tower-vi", "minimal"] as const) {
    const opened = await openPredictors(made.grid, { channels: channelsOf(set), run: "RUN" });
    assert.equal(opened.preparation, "paper");
    opened.close();
  }
});

test("the truth closes: NEE is RECO less GPP, the fluxes are not negative, and the sea has none", async () => {
  const [gpp, reco, nee, land] = await Promise.all([whole(truth, "GPP"), whole(truth, "RECO"), whole(truth, "NEE"), whole(truth, "land_fraction")]) as [Float64Array, Float64Array, Float64Array, Float64Array];
  gpp.forEach((g, i) => {
    if (!(land[i % land.length]! > 0)) return assert.ok(Number.isNaN(g) && Number.isNaN(nee[i]!));
    assert.ok(g >= 0 && reco[i]! >= 0);
    assert.equal(nee[i], Math.fround(reco[i]! - g));
  });
});

test("cells carry one to three classes whose shares sum to 1, and the climate class of their own normals", async () => {
  const [land, igbp, koppen] = await Promise.all([whole(grid, "land_fraction"), whole(grid, "igbp_fraction"), whole(grid, "koppen")]) as [Float64Array, Float64Array, Float64Array];
  land.forEach((share, c) => {
    const shares = Array.from({ length: 16 }, (_, k) => igbp[k * land.length + c]!);
    if (!(share > 0)) return assert.ok(shares.every(Number.isNaN) && Number.isNaN(koppen[c]!));
    const present = shares.filter((x) => x > 0);
    assert.ok(present.length >= 1 && present.length <= 3);
    assert.ok(Math.abs(shares.reduce((a, b) => a + b, 0) - 1) < 1e-6);
    assert.ok(koppen[c]! >= 0 && koppen[c]! < KOPPEN_DETAIL.length);
  });
  assert.deepEqual((await grid.variable("koppen")).attributes["flag_meanings"], KOPPEN_DETAIL.join(" "));
});

test("summer comes in July north of 30° and in January south of 30°", async () => {
  const [gpp, warmth, land, lat] = await Promise.all([whole(truth, "GPP"), whole(grid, "temperature_2m"), whole(truth, "land_fraction"), whole(truth, "lat")]) as [Float64Array, Float64Array, Float64Array, Float64Array];
  const columns = land.length / lat.length;
  const july = 195;
  for (const side of [1, -1]) {
    const cells = Array.from(land.keys()).filter((c) => land[c]! > 0 && side * lat[Math.floor(c / columns)]! > 30 && Math.abs(lat[Math.floor(c / columns)]!) < 65);
    const mean = (values: Float64Array, from: number): number => cells.reduce((sum, c) => sum + Array.from({ length: 20 }, (_, d) => values[(from + d) * land.length + c]!).reduce((a, b) => a + b, 0), 0) / (20 * cells.length);
    assert.ok(cells.length > 2);
    assert.ok(side * (mean(warmth, july) - mean(warmth, 5)) > 5, "warmer in its own summer");
    assert.ok(side * (mean(gpp, july) - mean(gpp, 5)) > 0.5, "greener in its own summer");
  }
});

test("the same seed gives the same bytes, in this process and by workers; another seed gives others", async () => {
  const again = await simulateGrid(15, at("again.zarr"), OPTIONS, { workers: 2 });
  assert.deepEqual(bytesOf(again.grid), bytesOf(made.grid));
  assert.deepEqual(bytesOf(again.truth), bytesOf(made.truth));
  assert.deepEqual(fs.readdirSync(dir).filter((name) => name.endsWith(".work")), [], "nothing of the work stays");
  const small = { years: 1, box: [0, 40, 30, 60] } as const;
  const one = bytesOf((await simulateGrid(15, at("one.zarr"), { ...small, seed: 3 })).grid);
  const two = bytesOf((await simulateGrid(15, at("one.zarr"), { ...small, seed: 4 })).grid);
  assert.notEqual(one[path.join("ta_degC", "c", "0", "0", "0")], two[path.join("ta_degC", "c", "0", "0", "0")]);
});

test("a cell is the same in a box as on the whole globe", async () => {
  const part = await openGrid((await simulateGrid(15, at("box.zarr"), { ...OPTIONS, box: [-20, -45, 60, 10] })).grid);
  const [some, all] = [await whole(part, "sur_refl_b02"), await whole(grid, "sur_refl_b02")];
  const known = some.map((v, i) => (Number.isNaN(v) ? 0 : v - all[i]!));
  assert.ok(some.some(Number.isFinite) && known.every((d) => d === 0));
});

test("work that was stopped goes on where it was, and ends in the same bytes", async () => {
  const stop = new AbortController();
  // cut short after the first tile of two
  const options = { years: 1, seed: 3, box: [-80, -10, 60, 60] } as const;
  const whole = await simulateGrid(10, at("undisturbed.zarr"), options);
  await assert.rejects(simulateGrid(10, at("stopped.zarr"), options, { signal: stop.signal, progress: () => stop.abort() }), (e) => isWorkbookError(e, "Interrupted"));
  assert.ok(!fs.existsSync(at("stopped.zarr")), "no store before it is whole");
  fs.writeFileSync(path.join(at("stopped.zarr.work"), "grid.zarr", "ta_degC", "0.12345678.partial"), "half");
  const times = (store: string): Record<string, number> => Object.fromEntries(Object.keys(bytesOf(path.join(store, "ta_degC", "c"))).map((file) => [file, fs.statSync(path.join(store, "ta_degC", "c", file)).mtimeMs]));
  const before = times(path.join(at("stopped.zarr.work"), "grid.zarr"));
  const resumed = await simulateGrid(10, at("stopped.zarr"), options);
  assert.ok(Object.keys(before).length > 0);
  const after = times(resumed.grid);
  for (const [file, time] of Object.entries(before)) assert.equal(after[file], time, `${file} is not made again`);
  assert.ok(Object.keys(after).length > Object.keys(before).length);
  assert.deepEqual(bytesOf(resumed.grid), bytesOf(whole.grid));
  assert.deepEqual(bytesOf(resumed.truth), bytesOf(whole.truth));
});

test("xarray opens both stores and finds the same values in every cell", needsXarray(), async () => {
  const types = { float32: Float32Array, float64: Float64Array, int16: Int16Array } as const;
  for (const file of [grid, truth]) {
    const seen = readWithXarray(file.path);
    assert.deepEqual(seen.sizes, { time: 365, lat: 12, lon: 24, igbp: 16 });
    assert.deepEqual([seen.attributes["Conventions"], seen.attributes["simulated"], seen.attributes["seed"]], ["CF-1.10", "true", 3]);
    assert.deepEqual(seen.days, ["2001-01-01", "2001-12-31"]);
    assert.deepEqual(Object.keys(seen.arrays).sort(), file.names.filter((name) => name !== "time"));
    for (const [name, unit] of [["ta_degC", "degC"], ["surface_net_solar_radiation_sum", "J m-2 d-1"], ["clouds", "1"], ["GPP", "gC m-2 d-1"]] as const) assert.ok(seen.arrays[name] === undefined || seen.arrays[name].units === unit, name);
    for (const [name, { dims, type, sha256 }] of Object.entries(seen.arrays)) {
      const variable = await file.variable(name);
      assert.deepEqual(dims, variable.dims);
      const values = await whole(file, name);
      // −1, where no climate is, reads as missing here
      const stored = types[type as "float32"].from(type === "int16" ? values.map((v) => (Number.isNaN(v) ? -1 : v)) : values);
      assert.equal(crypto.createHash("sha256").update(new Uint8Array(stored.buffer)).digest("hex"), sha256, name);
    }
  }
});

test("options that cannot be are refused before any work, and nothing but a simulated grid is written over", async () => {
  const refused = (work: Promise<unknown>, tag: "BadArgument" | "BadConfig" | "BadFile", pattern: RegExp): Promise<void> => assert.rejects(work, (e) => isWorkbookError(e, tag) && pattern.test(e.message));
  await refused(simulateGrid(7, at("no.zarr")), "BadArgument", /divides 180.*got 7/);
  await refused(simulateGrid(15, at("no.zarr"), { years: 1.5 }), "BadArgument", /whole number from 1 to 20/);
  await refused(simulateGrid(15, at("no.zarr"), { box: [10, 0, -10, 10] }), "BadArgument", /west before east/);
  await refused(simulateGrid(15, at("no.zarr"), { box: [-150, -10, -140, 10] }), "BadArgument", /some land is required/);
  await refused(simulateGrid(15, at("no.zarr"), { sites: 3 } as object), "BadConfig", /got "sites"/);
  assert.ok(!fs.existsSync(at("no.zarr.work")));
  fs.mkdirSync(at("mine.zarr"));
  fs.writeFileSync(path.join(at("mine.zarr"), "notes.txt"), "keep me");
  await refused(simulateGrid(15, at("mine.zarr"), OPTIONS), "BadFile", /simulated grid to replace is required/);
  assert.equal(fs.readFileSync(path.join(at("mine.zarr"), "notes.txt"), "utf8"), "keep me");
  assert.equal(gridTruthPath("out/G.zarr"), path.join("out", "G.truth.zarr"));
});

test("land lies where it lies on the Earth, over the date line and around inland seas", () => {
  const shares = landShares(1, "50m");
  const share = (lat: number, lon: number): number => shares[Math.floor(lat + 90) * 360 + Math.floor(lon + 180)]!;
  for (const [lat, lon] of [[51.5, 10.5], [-10.5, -55.5], [67.5, 178.5], [67.5, -178.5], [-25.5, 133.5]] as const) assert.ok(share(lat, lon) > 0.9, `${lat} ${lon}`);
  for (const [lat, lon] of [[0.5, -150.5], [41.5, 51.5], [-75.5, 20.5], [72.5, 10.5]] as const) assert.equal(share(lat, lon), 0, `${lat} ${lon}`);
  const band = (row: number): number => ((Math.sin(((row - 89) * Math.PI) / 180) - Math.sin(((row - 90) * Math.PI) / 180)) * Math.PI * 6371.0088 ** 2) / 180;
  const area = shares.reduce((sum, s, i) => sum + s * band(Math.floor(i / 360)), 0) / 1e6;
  assert.ok(Math.abs(area / 134.9 - 1) < 0.01, `${area} million km² without Antarctica`);
});

test("every place has the class of its monthly means, the towers' climates are met, and some that no tower has", () => {
  const climate = gridClimate(random(1, "climate"));
  const land = landShares(6, "110m");
  const found = new Map<string, number>();
  land.forEach((share, c) => {
    if (share === 0) return;
    const lat = -87 + 6 * Math.floor(c / 60);
    const { normals } = climate(lat, -177 + 6 * (c % 60));
    const t = Array.from({ length: 12 }, (_, m) => normals.mean + normals.swing * Math.cos((2 * Math.PI * (m - hotMonth(normals.north))) / 12));
    assert.equal(classifyKoppen(t, normals.rain, lat >= 0), normals.detail);
    found.set(normals.detail, (found.get(normals.detail) ?? 0) + 1);
  });
  const ofTowers = new Set(Object.values(BIOMES).flatMap(({ climates }) => Object.keys(climates)));
  const total = [...found.values()].reduce((a, b) => a + b, 0);
  const outside = [...found].filter(([detail]) => !ofTowers.has(detail)).reduce((a, [, n]) => a + n, 0);
  assert.ok([...found.keys()].filter((detail) => ofTowers.has(detail)).length >= 18, [...found.keys()].join(" "));
  assert.ok(outside > 0 && outside < 0.1 * total, `${outside} of ${total} cells`);
});

test("a class is as likely in a climate as among the towers there", () => {
  const cover = gridCover(random(1, "cover"));
  for (const detail of KOPPEN_DETAIL) {
    for (let i = 0; i < 20; i++) {
      const parts = cover(detail, -60 + 6 * i, 17 * i);
      assert.ok(parts.length >= 1 && parts.length <= 3 && parts[0]!.share >= parts[parts.length - 1]!.share);
      if (["Csc", "Cwb", "Cwc", "Dsa", "Dsd"].includes(detail)) continue;
      assert.ok(parts.every(({ igbp }) => (BIOMES[igbp].climates[detail] ?? 0) > 0), `${detail}: ${parts.map((p) => p.igbp).join(" ")}`);
    }
  }
});

test("what the one-hots tell of a trait is the same in a cell and at a tower of its class and climate; the rest has the towers' spread", () => {
  const towers = placeSites(160, random(3, "virtual flux network").split("sites"));
  const drawn = drawTraits(towers, WORLDS.default, CALIBRATION, random(3, "virtual flux network").split("traits"));
  const traitsOf = gridTraits(3, WORLDS.default, CALIBRATION, random(3, "grid"));
  const cells = towers.map((place, i) => traitsOf({ ...place, site: { ...place.site, lat: -55 + 0.8 * i, lon: ((i * 47) % 360) - 180 } }));
  const sd = (values: readonly number[]): number => {
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    return Math.sqrt(values.reduce((a, v) => a + (v - mean) ** 2, 0) / values.length);
  };
  for (const trait of TRAITS) {
    cells.forEach((cell, i) => assert.ok(Math.abs(cell.traits[trait].told - drawn[i]!.traits[trait].told) < 1e-9, trait));
    for (const part of ["identifiable", "unidentifiable"] as const) {
      const ratio = sd(cells.map((c) => c.traits[trait][part])) / sd(drawn.map((d) => d.traits[trait][part]));
      assert.ok(ratio > 0.7 && ratio < 1.4, `${trait} ${part}: ${ratio}`);
    }
  }
});

test("cells in the towers' climates look to a model like towers: each channel and flux has nearly the same mean and spread", async () => {
  const network = simulate({ sites: 80, years: 1, seed: 3 });
  const classOf = new Map(network.table.sites.map(({ site, koppenDetail }) => [site, koppenDetail!]));
  const [land, koppen] = [await whole(grid, "land_fraction"), await whole(grid, "koppen")];
  const cells = Array.from(land.keys()).filter((c) => land[c]! > 0);
  const tally = (details: readonly string[]): Map<string, number> => details.reduce((m, d) => m.set(d, (m.get(d) ?? 0) + 1), new Map<string, number>());
  const [atTowers, inCells] = [tally([...classOf.values()]), tally(cells.map((c) => KOPPEN_DETAIL[koppen[c]!]!))];
  /** Mean and standard deviation, each climate with its share of the towers. */
  const moments = (values: Iterable<readonly [value: number, weight: number]>): [number, number] => {
    let [w, a, b] = [0, 0, 0];
    for (const [v, weight] of values) if (weight > 0 && Number.isFinite(v)) [w, a, b] = [w + weight, a + weight * v, b + weight * v * v];
    return [a / w, Math.sqrt(b / w - (a / w) ** 2)];
  };
  const sites = network.truth.noiseFree.site;
  const pairs = [...GRID_CHANNELS.map((name) => [name, grid, numbers(network.table, name)] as const), ...(["GPP", "RECO", "NEE"] as const).map((name) => [name, truth, network.truth.noiseFree[name.toLowerCase() as "gpp"]] as const)];
  for (const [name, file, seen] of pairs) {
    const values = await whole(file, name);
    const [mean, size] = moments(Array.from(seen, (v, i) => [v, inCells.has(classOf.get(sites[i]!)!) ? 1 : 0] as const));
    const [cellMean, cellSize] = moments(Array.from({ length: 365 * cells.length }, (_, i) => {
      const c = cells[i % cells.length]!;
      const detail = KOPPEN_DETAIL[koppen[c]!]!;
      return [values[Math.floor(i / cells.length) * land.length + c]!, (atTowers.get(detail) ?? 0) / inCells.get(detail)!] as const;
    }));
    assert.ok(Math.abs(cellMean - mean) < 0.3 * size, `${name}: mean ${cellMean} in cells, ${mean} at towers, whose spread is ${size}`);
    assert.ok(cellSize > 0.6 * size && cellSize < 1.4 * size, `${name}: spread ${cellSize} in cells, ${size} at towers`);
  }
});

test("a random field has unit variance over the globe, is alike nearby and unlike far away", () => {
  for (const seed of [1, 2, 3]) {
    const field = randomField(500, random(seed));
    const places = Array.from({ length: 1500 }, (_, i) => [(Math.asin(2 * ((i + 0.5) / 1500) - 1) * 180) / Math.PI, (i * 137.50776) % 360] as const);
    const mean = (of: (lat: number, lon: number) => number): number => places.reduce((a, [lat, lon]) => a + of(lat, lon), 0) / places.length;
    assert.ok(Math.abs(mean((lat, lon) => field(lat, lon) ** 2) - 1) < 0.15);
    assert.ok(mean((lat, lon) => field(lat, lon) * field(lat + 0.5, lon)) > 0.9);
    assert.ok(Math.abs(mean((lat, lon) => field(lat, lon) * field(-lat, lon + 90))) < 0.15);
  }
});
