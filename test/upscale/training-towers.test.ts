import assert from "node:assert/strict";
import { test } from "node:test";
import { readSplit, type RunSplit } from "../../src/run/run-directory";
import { keptBack } from "../../src/upscale/summary";
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

test("a map says which towers were kept from it, whether they were held out or validated on, and how every tower teaches", async () => {
  const names = (n: number): string[] => Array.from({ length: n }, (_, i) => `T${i}`);
  const said = (train: number, validation: number, held: number, draws?: Record<string, number>): string => keptBack({ split: { train: names(train), validation: names(validation), test: names(held), ...(draws ? { draws } : {}) } }).join();
  assert.match(said(26, 4, 0), /^the run learned from 26 of 30 towers: 4 kept for validation, which taught nothing \(no member of an ensemble either\); --set validation=time /);
  assert.doesNotMatch(said(26, 4, 0), /split=none|testing/);
  assert.match(said(20, 3, 7), /^the run learned from 20 of 30 towers: 7 held out for testing, 3 kept for validation.*split=none, by which every tower teaches but for those kept for validation; --set validation=time/);
  assert.match(said(20, 0, 7), /7 held out for testing; .*every tower teaches$/);
  assert.match(said(17, 4, 0, { T0: 2 }), /^the run learned from 17 towers drawn: 4 kept/);
  assert.equal(said(30, 0, 0), "");
  const { train, validation, test: held } = readSplit(await towerRun({ model: "ridge", split: "none", validation: "time" }));
  assert.deepEqual([train.length, validation.length, held.length], [10, 0, 0], "validation in time trains on every tower");
  assert.ok(readSplit(await towerRun({ model: "ridge", split: "none" })).validation.length > 0, "validation by site keeps some back");
});

test("a class that carries a tenth of GPP on fewer than five towers is named, others are not", () => {
  const towers = { igbp: { EBF: 3, ENF: 20 }, koppen: { A: 7 } };
  const rows = [row("all", "global", 100), row("igbp", "EBF", 46), row("igbp", "ENF", 40), row("igbp", "OSH", 9), row("koppen", "A", 50), row("koppen", "B", 12), row("igbp", "unknown", 30), row("igbp", "EBF", 90, "nee")];
  const [counted, ...thin] = towerNotes(towers, rows);
  assert.equal(counted, "Training towers by class, those kept for validation or testing left out: EBF 3, ENF 20; A 7.");
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
