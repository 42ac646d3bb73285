import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { parseGiven } from "../../src/workbook/arguments";
import { MAPS_OPTIONS, mapsVerb, MONTHLY_OPTIONS, monthlyVerb, TOTALS_OPTIONS, totalsVerb } from "../../src/workbook/verb-totals";
import { writeStore } from "../upscale/store";

const context = { progress: (): void => undefined };

test("totals, maps and monthly write what they say, and name simulated data", async () => {
  const store = await writeStore({ cell: 9, chunk: 40, fluxes: ["nee"], simulated: true, value: (_, __, lat) => (lat < -60 ? NaN : -1) });
  const out = (name: string): string => path.join(path.dirname(store), name);
  const totals = await totalsVerb(parseGiven("totals", [store, "--out", out("totals"), "--bands", "60"], TOTALS_OPTIONS), context);
  assert.match(totals.text, /totals of simulated data, no members → [\s\S]*\| NEE \| global \| mean year \| 12 \| -\d+\.\d\d \|/);
  assert.match(totals.text, /\d+ of \d+ land cells have a flux on some day/);
  assert.match(totals.text, /no flux: no value, the store does not say why: 120 cells/);
  assert.deepEqual(fs.readdirSync(out("totals")).sort(), ["totals.csv", "totals.json", "totals.md"]);
  assert.equal((totals.json as { rows: { by: string; period: string }[] }).rows.filter((r) => r.by === "latitude" && r.period === "mean year").length, 3);
  const maps = await mapsVerb(parseGiven("maps", [store, "--out", out("maps")], MAPS_OPTIONS), context);
  assert.match(maps.text, /2 figures of simulated data → .*: map-nee, hovmoller\nnot drawn: map-nee-spread: /);
  const monthly = await monthlyVerb(parseGiven("monthly", [store, "--out", out("nc"), "--zarr", out("M.zarr")], MONTHLY_OPTIONS), context);
  assert.match(monthly.text, /monthly means → .*M\.zarr\n1 NetCDF file → .*: NEE_2001_900_monthly\.nc/);
});

test("totals --truth shows the store beside the true fluxes, and refuses those of another grid before it writes anything", async () => {
  const store = await writeStore({ cell: 9, chunk: 40, fluxes: ["gpp", "reco", "nee"], simulated: true, value: (_, t) => 2 + Math.sin(t / 58) });
  const out = path.join(path.dirname(store), "totals");
  const { text, json } = await totalsVerb(parseGiven("totals", [store, "--out", out, "--truth", store], TOTALS_OPTIONS), context);
  assert.match(text, /totals of simulated data[\s\S]*# Against the true fluxes of the simulated globe[\s\S]*\| NEE \| all \|/);
  assert.equal((json as { truth: unknown[] }).truth.length, 6, "three fluxes, all cells and those of which nothing is known");
  const other = path.join(path.dirname(store), "other");
  await assert.rejects(totalsVerb(parseGiven("totals", [store, "--out", other, "--truth", await writeStore({ cell: 30 })], TOTALS_OPTIONS), context), (e) => isWorkbookError(e, "BadArgument") && /the grid and days of/.test(e.message));
  assert.ok(!fs.existsSync(other));
});

test("a verb without its store or its output says what it needs", async () => {
  const cases: [() => Promise<unknown>, RegExp][] = [
    [() => totalsVerb(parseGiven("totals", ["--out", "x"], TOTALS_OPTIONS), context), /totals: one store O\.zarr/],
    [() => mapsVerb(parseGiven("maps", ["O.zarr"], MAPS_OPTIONS), context), /--out is required/],
    [() => monthlyVerb(parseGiven("monthly", ["O.zarr"], MONTHLY_OPTIONS), context), /--out DIR for NetCDF files or --zarr/],
    [() => totalsVerb(parseGiven("totals", ["O.zarr", "--out", "x", "--bands", "0"], TOTALS_OPTIONS), context), /--bands: a number from 1 to 180/],
  ];
  for (const [call, words] of cases) await assert.rejects(call, (e) => isWorkbookError(e, "BadArgument") && words.test(e.message));
});
