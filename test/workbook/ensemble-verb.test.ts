import assert from "node:assert/strict";
import * as path from "node:path";
import { test } from "node:test";
import { silent } from "../../src/core/progress";
import { writeTable } from "../../src/data/store";
import { readPredictions } from "../../src/evaluate/write-predictions";
import { parseGiven } from "../../src/workbook/arguments";
import { VERBS, type VerbResult } from "../../src/workbook/verbs";
import { scratch } from "../helpers/cli";
import { aSite, towerTable } from "../helpers/tables";

const context = { progress: silent, signal: new AbortController().signal };
const run = (verb: string, ...argv: string[]): Promise<VerbResult> => VERBS[verb]!.run(parseGiven(verb, argv, VERBS[verb]!.options), context);

test("train makes an ensemble when asked, resume knows it, predict writes its spread and intervals and says that they must not be summed", async () => {
  const dir = scratch("ensemble-verb");
  const [table, out, predictions] = ["T.parquet", "run", "P.parquet"].map((name) => path.join(dir, name)) as [string, string, string];
  await writeTable(towerTable(Array.from({ length: 16 }, (_, i) => aSite(`S${i + 10}`, { lat: 3 * i, igbp: i % 2 ? "CRO" : "ENF" })), 120), table);
  const { json } = await run("train", "--table", table, "--out", out, "--set", "model=climatology", "--set", "ensemble=6", "--set", "resample=towers", "--workers", "0");
  const { calibration, header } = json as { calibration: { members: number; spread: string }; header: { status: string } };
  assert.deepEqual([calibration.members, calibration.spread, header.status], [6, "tower-bootstrap spread", "done"]);
  assert.deepEqual(((await run("resume", out, "--workers", "0")).json as { calibration: object }).calibration, calibration);
  const told = await run("predict", out, "--table", table, "--out", predictions);
  assert.match(told.text, /tower-bootstrap spread and intervals of daily values at 80 and 90 %; their ends must not be summed/);
  const { spread, levels } = told.json as { spread: string; levels: number[] };
  assert.deepEqual([spread, levels], ["tower-bootstrap spread", [0.8, 0.9]]);
  const written = await readPredictions(predictions);
  assert.ok(written.intervals![0]!.nee.low.some((low, i) => low < written.nee[i]!));
  const single = path.join(dir, "single");
  await run("train", "--table", table, "--out", single, "--set", "model=climatology");
  assert.equal(((await run("predict", single, "--table", table, "--out", predictions)).json as { spread: null }).spread, null);
  assert.equal((await readPredictions(predictions)).spread, undefined);
});
