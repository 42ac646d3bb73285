import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { before, test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { trainEnsemble } from "../../src/evaluate/ensemble";
import type { GridTotals } from "../../src/upscale/totals";
import type { TotalRow } from "../../src/upscale/totals-rows";
import { parseGiven } from "../../src/workbook/arguments";
import { UPSCALE_OPTIONS, upscaleVerb } from "../../src/workbook/verb-upscale";
import { scratch } from "../helpers/cli";
import { towerGrid, towerRun, towerTraining } from "./tower-grid";

const context = { progress: (): void => undefined, signal: new AbortController().signal };
const verb = (...words: string[]): ReturnType<typeof upscaleVerb> => upscaleVerb(parseGiven("upscale", [...words, "--workers", "1", "--threads", "1"], UPSCALE_OPTIONS), context);

let run = "";
before(async () => {
  run = await towerRun({ model: "ridge" });
});

test("the store's totals and maps lie beside it, named for it and for simulated data; --store-only leaves them out", async () => {
  const [grid, dir] = [await towerGrid({ rows: 2, columns: 3 }), scratch("upscale")];
  const out = path.join(dir, "O.zarr");
  const { text, json, code } = await verb(run, "--grid", grid, "--out", out);
  assert.equal(code, 0);
  assert.match(text, /1 of 1 tiles[\s\S]*cells predicted on all days: \d+[\s\S]*totals of simulated data[\s\S]*figures of simulated data → .*O-maps/);
  assert.deepEqual(fs.readdirSync(dir).sort(), ["O-maps", "O-totals", "O.zarr", "O.zarr.upscale"]);
  assert.deepEqual(fs.readdirSync(path.join(dir, "O-totals")).sort(), ["totals.csv", "totals.json", "totals.md"]);
  assert.ok(json.figures!.includes("map-gpp") && json.files!.every((file) => fs.existsSync(file)));
  const alone = scratch("upscale");
  assert.equal((await verb(run, "--grid", grid, "--out", path.join(alone, "O.zarr"), "--store-only")).json.files, undefined);
  assert.deepEqual(fs.readdirSync(alone).sort(), ["O.zarr", "O.zarr.upscale"]);
});

test("with --truth the store is judged by it; a truth that is not there is told before any work", async () => {
  const [grid, dir] = [await towerGrid({ rows: 2, columns: 3 }), scratch("upscale")];
  await verb(run, "--grid", grid, "--out", path.join(dir, "first.zarr"), "--store-only");
  const { text, json } = await verb(run, "--grid", grid, "--out", path.join(dir, "O.zarr"), "--truth", path.join(dir, "first.zarr"));
  assert.match(text, /# Against the true fluxes of the simulated globe/);
  assert.equal(json.truth!.find((row) => row.flux === "gpp" && row.part === "all")!.rmse_mean, 0);
  assert.deepEqual(fs.readdirSync(path.join(dir, "O-totals")).sort(), ["totals.csv", "totals.json", "totals.md", "truth.csv", "truth.json", "truth.md"]);
  const none = path.join(dir, "none.zarr");
  await assert.rejects(verb(run, "--grid", grid, "--out", none, "--truth", path.join(dir, "no.truth.zarr")), (e) => isWorkbookError(e, "BadFile"));
  await assert.rejects(verb(run, "--grid", grid, "--out", none, "--truth", "T", "--store-only"), (e) => isWorkbookError(e, "BadArgument"));
  assert.ok(!fs.existsSync(none));
});

test("before every tile is done there are no totals, and the code is 1", async () => {
  const [grid, dir] = [await towerGrid({ rows: 12, columns: 12, chunk: 4, days: 60 }), scratch("upscale")];
  // in a corner, where opening does not look
  fs.writeFileSync(path.join(grid, "vpd_hPa", "c", "0", "2", "2"), "no Zstandard");
  const { text, code } = await verb(run, "--grid", grid, "--out", path.join(dir, "O.zarr"), "--tile-cells", "16");
  assert.equal(code, 1);
  assert.match(text, /tiles that failed, the same command tries them again: 1\n {2}r8c8: .*vpd_hPa[\s\S]*totals and maps: not before every tile is done/);
  assert.deepEqual(fs.readdirSync(dir).sort(), ["O.zarr", "O.zarr.upscale"]);
});

test("an ensemble of twenty towers' bootstraps gives totals their interval in the same one command", async () => {
  const options = towerTraining({ model: "ridge", ensemble: 20, resample: "towers", split: "none" });
  await trainEnsemble({ ...options, workers: 0 });
  const dir = scratch("upscale");
  // ridge looks back over no days, so that the one year is whole
  await verb(options.out, "--grid", await towerGrid({ rows: 2, columns: 2, days: 365 }), "--out", path.join(dir, "O.zarr"));
  const { uncertainty, rows } = JSON.parse(fs.readFileSync(path.join(dir, "O-totals", "totals.json"), "utf8")) as GridTotals;
  assert.equal(uncertainty.label, "tower bootstrap, 20 members");
  const year = rows.find((row: TotalRow) => row.flux === "gpp" && row.by === "all" && row.period === "mean year")!;
  assert.ok(year.low! < year.high! && year.low! <= year.total_Pg_C! && year.total_Pg_C! <= year.high!, JSON.stringify(year));
});
