import assert from "node:assert/strict";
import { before, test } from "node:test";
import { openBackend, tf } from "../../src/backend/tf";
import { FLUXES } from "../../src/core/quantities";
import type { Site } from "../../src/core/sites";
import { dailyTable, type DailyTable } from "../../src/data/daily-table";
import type { Tile, TileDrivers } from "../../src/data/grid/predictors";
import { trainEnsemble } from "../../src/evaluate/ensemble";
import { predictRun } from "../../src/evaluate/predict";
import { readFinished } from "../../src/run/run-directory";
import { closeJob, openJob } from "../../src/upscale/infer";
import { REASONS } from "../../src/upscale/layers";
import { monthAxis } from "../../src/upscale/month-axis";
import { predictTile } from "../../src/upscale/predict-tile";
import type { TileValues } from "../../src/upscale/tile-values";
import { aSite } from "../helpers/tables";
import { CHANNELS, towerGrid, towerRun, towerTraining, type TowerGrid } from "./tower-grid";

before(async () => void (await openBackend()));

/** Predicts a whole small grid as one tile, in this process. */
async function whole(run: string, options: TowerGrid): Promise<{ values: TileValues; drivers: TileDrivers; days: number }> {
  const job = await openJob({ run, grid: await towerGrid(options) });
  const tile: Tile = { rows: [0, job.grid.lat.centres.length], columns: [0, job.grid.lon.centres.length] };
  const drivers = await job.grid.readTile(tile, job.run.channels);
  const values = await predictTile(job, tile, drivers);
  closeJob(job);
  return { values, drivers, days: job.grid.days.length };
}

/** One cell's drivers as a table of towers at its place, one of each class. */
function asTowers({ drivers }: TileDrivers, channels: readonly string[], cell: number, days: number, first: number, sites: readonly Site[]): DailyTable {
  const at = (d: number, name: string): number => drivers[(cell * days + d) * channels.length + channels.indexOf(name)]!;
  const rows = sites.flatMap((s) => Array.from({ length: days }, (_, d) => ({ site: s.site, d })));
  return dailyTable({ site: rows.map((r) => r.site), day: Int32Array.from(rows, (r) => first + r.d), numbers: Object.fromEntries(CHANNELS.map((c) => [c, Float32Array.from(rows, (r) => at(r.d, c))])) }, sites);
}

const FIRST = Date.UTC(2001, 0, 1) / 86_400_000;
const close = (a: number, b: number): boolean => (Number.isNaN(a) ? Number.isNaN(b) : Math.abs(a - b) < 1e-4 * Math.max(1, Math.abs(b)));

for (const config of [{ model: "tamrl" }, { model: "tamrl", ensemble: 3, resample: "towers" }, { model: "ctlstm" }, { model: "ridge" }, { model: "xgboost" }, { model: "climatology" }, { model: "lstm" }]) {
  test(`a cell gets what towers with its drivers get, mixed by the shares of its classes: ${JSON.stringify(config)}`, async () => {
    const run = await trained(config);
    const { channels, config: settled } = readFinished(run);
    const { values, drivers, days } = await whole(run, { rows: 2, columns: 2 });
    const place = { lat: 50, lon: 4, koppen: "C", koppenDetail: "Cfb" } as const; // the last of 2 × 2 cells
    const sites = [aSite("E", { ...place, igbp: "ENF" }), aSite("K", { ...place, igbp: "CRO" })];
    const { predictions: p } = await predictRun(run, asTowers(drivers, channels, 3, days, FIRST, sites));
    const [ofEnf, ofCro] = [0.6 / 0.97, 0.37 / 0.97];
    for (const flux of FLUXES) {
      const raw = flux === "nee" ? p.nee : p.raw[flux];
      let some = 0;
      for (let d = 0; d < days; d++) {
        const mixed = ofEnf * raw[d]! + ofCro * raw[days + d]!;
        const expected = flux === "nee" ? mixed : Math.max(0, mixed);
        const found = values.fluxes[flux][d * 4 + 3]!;
        assert.ok(close(found, expected), `${flux}, day ${d}: ${found} against ${expected}`);
        if (!Number.isNaN(found)) some++;
        assert.equal(Number.isNaN(found), Number.isNaN(values.fluxes.gpp[d * 4 + 3]!));
      }
      assert.ok(some >= days - settled.window + 1, `${some} days`);
    }
    assert.equal(values.spread !== null, settled.ensemble > 1);
    assert.ok(values.applicability.every((v) => v > 0 && Number.isFinite(v)));
    assert.deepEqual([...values.reason], [0, 0, 0, 0]);
    assert.equal(values.counts.small_classes, 4, "grass of 3 % is given to the others");
  });
}

const runs = new Map<string, Promise<string>>();
/** A run of this configuration, trained once. */
function trained(config: object): Promise<string> {
  const key = JSON.stringify(config);
  if (!runs.has(key)) runs.set(key, "ensemble" in config ? towerEnsemble(config) : towerRun(config));
  return runs.get(key)!;
}

async function towerEnsemble(config: object): Promise<string> {
  const options = towerTraining(config);
  await trainEnsemble({ ...options, workers: 0 });
  return options.out;
}

test("an ensemble's spread is that of its members' mixtures, and its monthly means are those of each member's days", async () => {
  const run = await trained({ model: "tamrl", ensemble: 3, resample: "towers" });
  const { values, days } = await whole(run, { rows: 2, columns: 2, chunk: 1 });
  const months = monthAxis({ first: FIRST as never, length: days });
  const alone: TileValues[] = [];
  for (const k of [1, 2, 3]) alone.push((await whole(`${run}/members/seed-${k}`, { rows: 2, columns: 2, chunk: 1 })).values);
  for (let i = 0; i < days * 4; i++) {
    const nee = alone.map((a) => a.fluxes.nee[i]!);
    const mean = nee.reduce((a, b) => a + b, 0) / 3;
    assert.ok(close(values.fluxes.nee[i]!, mean));
    assert.ok(close(values.spread!.nee[i]!, Math.sqrt(nee.reduce((s, v) => s + (v - mean) ** 2, 0) / 2)));
  }
  assert.equal(values.members!.gpp.length, 3 * months.starts.length * 4);
  assert.ok(Number.isNaN(values.members!.gpp[0]!), "two days are no January");
  assert.ok(!Number.isNaN(values.members!.gpp[4]!));
  const march = [...months.of.keys()].filter((d) => months.of[d] === 2);
  alone.forEach((a, k) => {
    const mean = march.reduce((s, d) => s + a.fluxes.gpp[d * 4 + 1]!, 0) / march.length;
    assert.ok(close(values.members!.gpp[(k * months.starts.length + 2) * 4 + 1]!, mean), `member ${k}`);
  });
  const dissimilarity = alone.reduce((s, a) => s + a.applicability[1]! / 3, 0);
  assert.ok(close(values.applicability[1]!, dissimilarity));
});

test("a missing driver gives NaN and the reason; a short gap is closed and counted; sea is not computed", async () => {
  const run = await trained({ model: "tamrl" });
  const { values, days } = await whole(run, {
    rows: 2, columns: 3, chunk: 1,
    land: (cell) => (cell === 0 ? 0 : 0.5),
    igbp: (cell) => (cell === 5 ? { GRA: 0.2 } : { ENF: 1 }),
    value: (channel, cell, day, v) => (channel !== "ta_degC" ? v : cell === 1 || (cell === 2 && day % 20 < 9) || (cell === 3 && day >= 60 && day < 75) || (cell === 4 && day >= 60 && day < 65) ? NaN : v),
  });
  assert.deepEqual([...values.reason].map((r) => REASONS[r]), ["no_land", "a_driver_is_missing_on_every_day", "no_window_of_days_with_all_drivers", "some_days_lack_a_driver_in_their_window", "predicted", "predicted"]);
  const known = (cell: number): number[] => [...Array(days).keys()].filter((d) => !Number.isNaN(values.fluxes.nee[d * 6 + cell]!));
  for (const cell of [0, 1, 2]) assert.deepEqual(known(cell), []);
  assert.deepEqual(known(3), [...Array(days).keys()].filter((d) => (d >= 29 && d < 60) || d >= 75 + 29));
  assert.equal(known(4).length, days - 29);
  assert.equal(values.counts.cell_days, 31 + (days - 104) + 2 * (days - 29));
  assert.equal(values.counts.filled["ta_degC"], 5);
  assert.deepEqual(values.counts.never, { ta_degC: 1 });
  assert.equal(values.counts.unknown_class, 1, "80 % of the last cell's land has no known class");
  assert.ok(Number.isNaN(values.applicability[1]!) && values.inside[1] === 255 && values.inside[0] === 255);
  assert.ok([0, 1].includes(values.inside[4]!));
});

test("a cell far from every training site in its drivers is outside the area of applicability", async () => {
  const run = await trained({ model: "tamrl" });
  const { values } = await whole(run, { rows: 2, columns: 2, chunk: 1, igbp: () => ({ ENF: 1 }), value: (channel, cell, _, v) => (cell === 1 && channel === "ta_degC" ? v + 30 : cell === 1 && channel === "sw_in_W_m2" ? v * 2 : v) });
  assert.ok(values.applicability[1]! > values.applicability[0]!);
  assert.equal(values.inside[1], 0);
});

test("nothing is left behind in the backend, and the tile's size does not change a cell's values", async () => {
  const run = await trained({ model: "tamrl" });
  const tensors = tf.memory().numTensors;
  const job = await openJob({ run, grid: await towerGrid({ rows: 2, columns: 3 }) });
  const predict = async (tile: Tile): Promise<TileValues> => predictTile(job, tile, await job.grid.readTile(tile, job.run.channels));
  const all = await predict({ rows: [0, 2], columns: [0, 3] });
  const one = await predict({ rows: [1, 2], columns: [2, 3] });
  for (let d = 0; d < one.days; d++) assert.ok(close(one.fluxes.gpp[d]!, all.fluxes.gpp[d * 6 + 5]!));
  closeJob(job);
  assert.equal(tf.memory().numTensors, tensors);
});
