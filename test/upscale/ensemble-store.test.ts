import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import * as path from "node:path";
import { test } from "node:test";
import { openGrid } from "../../src/data/grid/open";
import { trainEnsemble } from "../../src/evaluate/ensemble";
import { writeCalibration } from "../../src/evaluate/ensemble-calibration";
import { upscaleRun } from "../../src/upscale/upscale";
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
