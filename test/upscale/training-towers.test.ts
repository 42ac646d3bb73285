import assert from "node:assert/strict";
import { test } from "node:test";
import { readSplit, type RunSplit } from "../../src/run/run-directory";
import { gridTotals } from "../../src/upscale/totals";
import type { TotalRow } from "../../src/upscale/totals-rows";
import { readTowers, towerNotes, trainingTowers } from "../../src/upscale/training-towers";
import { upscaleRun } from "../../src/upscale/upscale";
import { aSite } from "../helpers/tables";
import { scratch } from "../helpers/cli";
import { towerGrid, towerRun } from "./tower-grid";

const row = (by: TotalRow["by"], region: string, total: number | null, flux: TotalRow["flux"] = "gpp"): TotalRow => ({ flux, by, region, period: "mean year", total_Pg_C: total } as TotalRow);

test("towers that chose the epoch, or were held out, taught nothing and do not count", () => {
  const learned = [aSite("A"), aSite("B", { igbp: "EBF", koppen: "A" }), aSite("C", { igbp: "EBF", koppen: "A" }), aSite("D", { igbp: null, koppen: null })];
  const split: Pick<RunSplit, "train" | "learned"> = { train: ["A", "B", "D"], learned };
  assert.deepEqual(trainingTowers(split), { igbp: { ENF: 1, EBF: 1 }, koppen: { A: 1, D: 1 } });
  assert.equal(trainingTowers({ train: ["A"] }), null, "an older run did not keep its sites");
});

test("a class that carries a tenth of GPP on fewer than five towers is named, others are not", () => {
  const towers = { igbp: { EBF: 3, ENF: 20 }, koppen: { A: 7 } };
  const rows = [row("all", "global", 100), row("igbp", "EBF", 46), row("igbp", "ENF", 40), row("igbp", "OSH", 9), row("koppen", "A", 50), row("koppen", "B", 12), row("igbp", "unknown", 30), row("igbp", "EBF", 90, "nee")];
  const [counted, ...thin] = towerNotes(towers, rows);
  assert.equal(counted, "Training towers by class: EBF 3, ENF 20; A 7.");
  assert.deepEqual(thin.map((note) => note.split(":")[0]), ["EBF carries 46 % of GPP and rests on 3 training towers", "B carries 12 % of GPP and rests on 0 training towers"]);
  assert.deepEqual(towerNotes(null, rows), []);
  assert.equal(towerNotes(towers, [row("all", "global", null), row("igbp", "EBF", null)]).length, 1);
});

test("an upscaled store tells the towers of its run, its totals repeat them, and its report says how many were held out", async () => {
  const run = await towerRun({ model: "ridge" });
  const out = `${scratch("upscale")}/O.zarr`;
  const { notes } = await upscaleRun(run, await towerGrid({ rows: 2, columns: 2, days: 60 }), out, { workers: 1, threads: 1 });
  const { train, validation, test: held } = readSplit(run);
  assert.ok(notes.some((note) => note.startsWith(`the run learned from ${train.length} of ${train.length + validation.length + held.length} towers`)), notes.join("\n"));
  const totals = await gridTotals(out);
  assert.deepEqual(totals.towers, trainingTowers(readSplit(run)));
  assert.equal(Object.values(totals.towers!.igbp).reduce((a, b) => a + b, 0), train.length);
  assert.equal(readTowers({}), null);
});
