import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { simulate } from "../../src/data/simulate/simulate";
import { writeTable } from "../../src/data/store";
import { train } from "../../src/run/train";
import { runCard } from "../../src/workbook/run-card";
import { reportRuns } from "../../src/workbook/verb-report";
import { scratch } from "../helpers/cli";

test("a run's report finds the run's own table and lies in the run, one of several wants a folder; a card says what the run is", async () => {
  const folder = scratch("report-verb");
  const table = path.join(folder, "T.parquet");
  await writeTable(simulate({ sites: 24, years: 1, seed: 3 }).table, table);
  const dirs: string[] = [];
  for (const model of ["climatology", "ridge"]) {
    dirs.push(path.join(folder, model));
    await train({ table, out: dirs[dirs.length - 1]!, config: { model } });
  }
  const one = await reportRuns([dirs[0]!]);
  assert.equal(one.file, path.join(dirs[0]!, "report", "report.html"));
  const html = fs.readFileSync(one.file, "utf8");
  assert.match(html, /<h1>climatology on simulated data<\/h1>/);
  assert.match(html, /<h2>Site by site \(simulated\)<\/h2>/);
  assert.match(html, /T\.parquet \(SHA-256 [0-9a-f]{12}…\)/);
  const both = await reportRuns(dirs, { out: path.join(folder, "both") });
  const compared = fs.readFileSync(both.file, "utf8");
  assert.match(compared, /ridge − reference/);
  assert.match(compared, /days lost because a driver is missing or the record has no whole window yet\./);
  assert.match(compared, /<p>\d clusters: fewer than 10, an interval of so few says little<\/p>/, "24 sites hold out fewer than 10");
  assert.ok(fs.existsSync(path.join(folder, "both", "sites.csv")));
  await assert.rejects(reportRuns(dirs), (e) => isWorkbookError(e, "BadArgument") && /--out: a folder is required/.test(e.message));
  const card = runCard(dirs[1]!);
  assert.equal(card["model"], "ridge");
  assert.match(String(card["sites"]), /^\d+ to train, \d+ to validate, \d+ held out$/);
  assert.equal(card["GPP R², RMSE"], undefined, "a report leaves the run as it was: no metrics in it");
});
