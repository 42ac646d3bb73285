import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { asDay } from "../../src/core/days";
import { random } from "../../src/core/random";
import { applicabilityFile, dissimilarity, fitApplicability, readApplicability } from "../../src/run/applicability";
import { resume, train } from "../../src/run/train";
import { driverClimatology } from "../../src/windows/driver-climatology";
import type { SiteRecord } from "../../src/windows/record";
import { scratch } from "../helpers/cli";
import { aSite, towerTable } from "../helpers/tables";

/** Sites far apart on the ground unless told. */
const place = (k: number, climatology: readonly number[], z: readonly number[] | null = null, lat = k): { site: ReturnType<typeof aSite>; climatology: Float32Array; z: Float32Array | null } =>
  ({ site: aSite(`S${k}`, { lat }), climatology: Float32Array.from(climatology), z: z && Float32Array.from(z) });

test("the index is the distance to the nearest training site over their mean distance, by hand", () => {
  // one channel: mean 0, 1, 3 and no seasonal spread; distances 1, 2, 3
  const a = fitApplicability([place(0, [0, 0]), place(1, [1, 0]), place(2, [3, 0])], [1]);
  const close = (x: number, y: number): void => assert.ok(Math.abs(x - y) < 1e-6, `${x} against ${y}`);
  a.cross_validated.forEach((v, i) => close(v, [0.5, 0.5, 1][i]!));
  close(a.threshold!, 1);
  close(dissimilarity(a, { climatology: Float32Array.of(3, 0), z: null }), 0);
  close(dissimilarity(a, { climatology: Float32Array.of(7, 0), z: null }), 2);
  close(dissimilarity(a, { climatology: Float32Array.of(2.5, 99), z: null }), 0.25);
});

test("a training site counts against other clusters only, and one outlier does not set the threshold", () => {
  const near = fitApplicability([place(0, [0, 0], null, 0), place(1, [0.1, 0], null, 0.01), place(2, [3, 0], null, 20)], [1]);
  const apart = fitApplicability([place(0, [0, 0], null, 0), place(1, [0.1, 0], null, 10), place(2, [3, 0], null, 20)], [1]);
  assert.ok(near.cross_validated[0]! > 10 * apart.cross_validated[0]!, "its neighbour within 15 km does not vouch for it");
  const line = Array.from({ length: 20 }, (_, k) => place(k, [k + 0.1 * (k % 3), 0]));
  const far = fitApplicability([...line, place(99, [200, 0], null, 80)], [1]);
  assert.ok(far.threshold! < Math.max(...far.cross_validated) / 10);
  const apart3 = fitApplicability([...line, place(99, [22.1, 0], null, 80)], [1]);
  assert.ok(apart3.threshold! < Math.max(...apart3.cross_validated) / 2, "three steps from the next, where others are one: beyond the whisker");
  assert.equal(fitApplicability([place(0, [0, 0])], [1]).threshold, null);
});

test("an axis on which training sites are alike counts for nothing, and the embedding weighs as much as the climatology", () => {
  const r = random(1, "places");
  const sites = Array.from({ length: 40 }, (_, k) => place(k, [r.normal(), 290 + 1e-4 * r.normal(), r.normal(), 0], [r.normal(), 1e-3 * r.normal()], (k % 80) - 40));
  const a = fitApplicability(sites, [1, 10]);
  assert.equal(a.scale[1], 0);
  const parts = [[0, 2], [4, 5]].map((axes) => axes.reduce((sum, k) => sum + sites.reduce((s, _, i) => s + a.sites[i]!.at[k]! ** 2, 0) / sites.length, 0));
  assert.ok(Math.abs(parts[0]! - 1) < 1e-5 && Math.abs(parts[1]! - 1) < 1e-5, `variance of the blocks ${parts}`);
  const moved = (z: readonly number[]): number => dissimilarity(a, { climatology: sites[0]!.climatology, z: Float32Array.from([sites[0]!.z![0]! + z[0]!, sites[0]!.z![1]! + z[1]!]) });
  assert.ok(moved([0, 3e-3]) < 0.02 && moved([9, 0]) > 1, "an axis that hardly moves in training does not rule");
  assert.throws(() => dissimilarity(a, { climatology: sites[0]!.climatology, z: null }), (e) => isWorkbookError(e, "BadArgument"));
});

test("a driver climatology is the mean of calendar months and the spread among them, of complete days", () => {
  const length = 365;
  const values = Array.from({ length }, (_, d) => (new Date(d * 86_400_000).getUTCMonth() === 0 ? 13 : 1));
  const record: SiteRecord = { site: aSite("A"), first: asDay(0), length, drivers: Float32Array.from(values), targets: new Float32Array(length * 3), qc: new Float32Array(length), complete: new Uint8Array(length).fill(1), filled: {} };
  assert.deepEqual([...driverClimatology(record)!], [2, Math.fround(Math.sqrt((121 + 11) / 12))]);
  const gone = { ...record, drivers: record.drivers.map((v, d) => (d === 40 ? NaN : v)), complete: record.complete.map((_, d) => (d === 40 ? 0 : 1)) };
  assert.deepEqual([...driverClimatology(gone)!], [...driverClimatology(record)!]);
  assert.equal(driverClimatology({ ...record, complete: new Uint8Array(length) }), null);
});

test("training keeps where its sites lie; a run of an older workbook gets it by resume, without training again", async () => {
  const sites = Array.from({ length: 8 }, (_, i) => aSite(`S${i}`, { lat: 40 + i }));
  const table = towerTable(sites, 200);
  const dir = path.join(scratch("applicability"), "run");
  await train({ table, out: dir, config: { model: "tamrl", split: { train: sites.slice(0, 6).map((s) => s.site), test: ["S6", "S7"] }, epochs: 1, hidden: 8, latent: 4, batch: 32 } });
  const made = readApplicability(dir);
  assert.equal(made.centre.length, 2 * 6 + 4, "two axes a tower channel and the embedding");
  assert.ok(made.sites.length >= 4 && made.sites.every((s) => !["S6", "S7"].includes(s.site)), "a held-out site is not among them");
  fs.rmSync(applicabilityFile(dir));
  assert.throws(() => readApplicability(dir), (e) => isWorkbookError(e, "BadRun") && e.message.includes(`resume ${dir}`));
  await resume({ dir, table });
  assert.deepEqual(readApplicability(dir), made);
});
