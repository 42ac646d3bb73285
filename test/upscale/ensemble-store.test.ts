import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import * as path from "node:path";
import { test } from "node:test";
import { asDay } from "../../src/core/days";
import { FLUXES, IGBP } from "../../src/core/quantities";
import { openGrid } from "../../src/data/grid/open";
import type { TileDrivers } from "../../src/data/grid/predictors";
import type { ZarrOutput } from "../../src/data/grid/zarr-output";
import type { FluxCalibration } from "../../src/evaluate/conformal";
import { trainEnsemble } from "../../src/evaluate/ensemble";
import { writeCalibration } from "../../src/evaluate/ensemble-calibration";
import type { Component } from "../../src/upscale/mixture";
import { monthAxis } from "../../src/upscale/month-axis";
import { emptyValues } from "../../src/upscale/tile-values";
import type { TrainedRun } from "../../src/upscale/trained-run";
import { upscaleRun } from "../../src/upscale/upscale";
import { writeTile } from "../../src/upscale/write";
import { scratch } from "../helpers/cli";
import { needsXarray, readWithXarray } from "../helpers/xarray";
import { towerGrid, towerTraining } from "./tower-grid";

const DAYS = 120;

/** A calibrated ensemble of two and its fluxes on a small grid; made once. */
const made = (async (): Promise<string> => {
  const options = towerTraining({ ensemble: 2, epochs: 1 });
  await trainEnsemble({ ...options, workers: 0 });
  const one = { scale: { constant: 1, spread: 0, size: 0 }, classes: { CRO: 2, ENF: 1 }, factor: { "0.8": 1, "0.9": null }, n_clusters: 5, n_days: 50 };
  writeCalibration(options.out, { spread: "seed spread", members: 2, fluxes: { gpp: one, reco: null, nee: one }, sites: [], about: "made for a test" });
  const out = path.join(scratch("ensemble"), "O.zarr");
  await upscaleRun(options.out, await towerGrid({ rows: 2, columns: 3, days: DAYS, land: (cell) => (cell === 4 ? 0 : 1) }), out, { workers: 1, threads: 1 });
  return out;
})();

test("an ensemble's store has the spread with its kind, the members' months, and intervals as wide as the classes of each cell's land say", async () => {
  const file = await openGrid(await made);
  const cube = async (name: string): Promise<Float64Array> => (await file.variable(name)).read([[0, DAYS], [0, 2], [0, 3]]);
  const [nee, low, high, spread] = [await cube("NEE"), await cube("NEE_low_80"), await cube("NEE_high_80"), await cube("NEE_spread")];
  const half = 0.6 / 0.97 + 2 * (0.37 / 0.97);
  nee.forEach((v, i) => {
    assert.equal(Number.isNaN(v), i < 29 * 6 || i % 6 === 4, "no value before a window, none on sea");
    if (Number.isNaN(v)) return assert.ok(Number.isNaN(low[i]!) && Number.isNaN(spread[i]!));
    assert.ok(Math.abs(high[i]! - v - half) < 1e-4 && Math.abs(v - low[i]! - half) < 1e-4);
    assert.ok(spread[i]! > 0);
  });
  assert.ok((await cube("GPP_low_90")).every(Number.isNaN) && (await cube("RECO_high_80")).every(Number.isNaN), "what is not calibrated is missing");
  assert.equal((await file.variable("GPP_spread")).attributes["kind"], "seed spread");
  assert.deepEqual([...await (await file.variable("member")).read([[0, 2]])], [1, 2]);
  const months = await file.variable("GPP_member");
  assert.deepEqual(months.shape, [2, 4, 2, 3]);
  assert.ok((await months.read([[0, 2], [1, 4], [0, 2], [0, 3]])).every((v, i) => (i % 6 === 4 ? Number.isNaN(v) : v >= 0)));
});

test("each cell's interval has the width of its own classes", async () => {
  const one: FluxCalibration = { scale: { constant: 1, spread: 0, size: 0 }, classes: { CRO: 2, ENF: 0.5 }, factor: { "0.8": 1, "0.9": 3 }, n_clusters: 5, n_days: 50 };
  const mixtures: Component[][] = [[{ igbp: "CRO", share: 1 }], [{ igbp: "ENF", share: 0.5 }, { igbp: "CRO", share: 0.5 }], [{ igbp: null, share: 1 }]];
  const landFraction = Float32Array.of(1, 1, 1);
  const drivers: TileDrivers = { landFraction, igbp: new Float32Array(3 * IGBP.length), koppen: [null, null, null], drivers: new Float32Array(0) };
  const empty = emptyValues(drivers, mixtures, 2, monthAxis({ first: asDay(0), length: 2 }), 2);
  for (const flux of FLUXES) (empty.fluxes[flux].fill(4), empty.spread![flux].fill(1));
  const written = new Map<string, ArrayLike<number>>();
  const out = { write: async (name: string, _: unknown, data: ArrayLike<number>) => void written.set(name, data) } as unknown as ZarrOutput;
  const run = { members: [{}, {}], calibration: { fluxes: { gpp: one, reco: null, nee: one } } } as unknown as TrainedRun;
  await writeTile(out, run, { rows: [0, 1], columns: [0, 3] }, drivers, empty);
  assert.deepEqual([...Array.from(written.get("GPP_high_80")!)], [6, 5.25, 5, 6, 5.25, 5]);
  assert.deepEqual([...Array.from(written.get("NEE_low_90")!)], [-2, 0.25, 1, -2, 0.25, 1]);
  assert.ok(!written.has("RECO_low_80"));
});

test("xarray opens the store without a warning and finds every array with the values written", needsXarray(), async () => {
  const out = await made;
  const seen = readWithXarray(out);
  assert.deepEqual(seen.sizes, { time: DAYS, lat: 2, lon: 3, month: 4, member: 2, igbp: 16 });
  assert.deepEqual(seen.days, ["2001-01-01", "2001-04-30"]);
  assert.equal(seen.attributes["Conventions"], "CF-1.10");
  const file = await openGrid(out);
  for (const [name, { dims, type, sha256 }] of Object.entries(seen.arrays)) {
    if (!/_|GPP|RECO|NEE|applicability/.test(name) || type !== "float32") continue;
    const variable = await file.variable(name);
    assert.deepEqual(dims, variable.dims, name);
    const values = Float32Array.from(await variable.read(variable.shape.map((n) => [0, n] as const)));
    assert.equal(createHash("sha256").update(values).digest("hex"), sha256, name);
  }
});
