import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import type { Progress } from "../../src/core/progress";
import { numbers } from "../../src/data/daily-table";
import { evaluateRuns } from "../../src/evaluate/evaluate-runs";
import { predictRun } from "../../src/evaluate/predict";
import { readHeader, runPaths } from "../../src/run/run-directory";
import { resume, train } from "../../src/run/train";
import { aSite, towerTable } from "../helpers/tables";
import { needsXgboost } from "../helpers/xgboost";

const scratch = (): string => path.join(fs.mkdtempSync(path.join(os.tmpdir(), "tabular-")), "run");
const SITES = Array.from({ length: 8 }, (_, i) => aSite(`S${i}`, { lat: 40 + i, igbp: i % 2 ? "CRO" : "ENF" }));
const TABLE = towerTable(SITES, 260);
const CONFIG = { split: { train: ["S0", "S1", "S2", "S3", "S4", "S5"], test: ["S6", "S7"] } };
const weightFiles = (dir: string): string[] => fs.readdirSync(runPaths(dir).weights).sort();
const bytes = (dir: string): Buffer[] => weightFiles(dir).map((name) => fs.readFileSync(path.join(runPaths(dir).weights, name)));
const events = (dir: string): { event: string; flux?: string; rounds?: number; penalty?: number }[] => fs.readFileSync(runPaths(dir).log, "utf8").trim().split("\n").map((line) => JSON.parse(line));

for (const [model, options] of [["ridge", {}], ["xgboost", needsXgboost]] as const) {
  test(`${model} learns the season of sites it has not seen, days without a whole window included`, options, async () => {
    const dir = scratch();
    await train({ table: TABLE, out: dir, config: { ...CONFIG, model } });
    const { predictions, missing } = await predictRun(dir, TABLE, { sites: ["S6", "S7"] });
    assert.deepEqual(missing, []);
    assert.equal(predictions.gpp.length, 520);
    const { metrics } = await evaluateRuns([dir], { table: TABLE });
    // the level of a tower is its own; what drivers tell is the course of the year
    for (const row of metrics[0]!.sites) assert.ok(row.n === 260 && row.r2_corr! > 0.85, `${row.site} ${row.flux}: ${row.r2_corr}`);
  });

  test(`${model}: trained again it is the same file, read again it predicts the same, and no flux of the table is looked at`, options, async () => {
    const [a, b] = [scratch(), scratch()];
    for (const out of [a, b]) await train({ table: TABLE, out, config: { ...CONFIG, model } });
    assert.deepEqual(bytes(a), bytes(b));
    const first = await predictRun(a, TABLE);
    const blind = towerTable(SITES, 260);
    for (const flux of ["gpp", "reco", "nee"]) numbers(blind, flux).fill(NaN);
    assert.deepEqual((await predictRun(b, blind)).predictions, first.predictions);
    const before = bytes(a);
    await resume({ dir: a, table: TABLE });
    assert.deepEqual(bytes(a), before, "resuming a finished run changes nothing");
  });

  test(`${model}: a day that misses a driver has no prediction and is counted`, options, async () => {
    const dir = scratch();
    await train({ table: TABLE, out: dir, config: { ...CONFIG, model, max_gap: 0 } });
    const holed = towerTable(SITES, 260);
    for (const day of [3, 100]) numbers(holed, "vpd_hPa")[6 * 260 + day] = NaN;
    const { predictions, missing } = await predictRun(dir, holed, { sites: ["S6"] });
    assert.deepEqual([...predictions.nee.keys()].filter((i) => Number.isNaN(predictions.nee[i]!)), [3, 100]);
    assert.deepEqual(missing, [{ site: "S6", reason: "a driver is missing that day", days: 2 }]);
  });

  test(`${model}: weights of other channels are refused`, options, async () => {
    const dir = scratch();
    await train({ table: TABLE, out: dir, config: { ...CONFIG, model } });
    const file = path.join(runPaths(dir).weights, `${model}.json`);
    fs.writeFileSync(file, fs.readFileSync(file, "utf8").replace("ta_degC", "tb_degC"));
    await assert.rejects(predictRun(dir, TABLE), (e) => isWorkbookError(e, "BadRun") && /own channels/.test(e.message));
  });
}

test("both are scored on the site-days of a model that needs history", needsXgboost, async () => {
  const dirs = [scratch(), scratch(), scratch()];
  const models = ["lstm", "ridge", "xgboost"];
  for (const [i, model] of models.entries()) await train({ table: TABLE, out: dirs[i]!, config: { ...CONFIG, model, epochs: 1, hidden: 4 } });
  const { metrics } = await evaluateRuns(dirs, { table: TABLE });
  assert.deepEqual(metrics.map((m) => m.model), models);
  assert.deepEqual(new Set(metrics.map((m) => m.sites.map((s) => s.n).join())).size, 1);
  assert.ok(metrics[0]!.sites.every((s) => s.n === 260 - 44));
});

test("an interrupted xgboost keeps its finished boosters and reaches the boosters of an undisturbed run", needsXgboost, async () => {
  const [whole, cut] = [scratch(), scratch()];
  await train({ table: TABLE, out: whole, config: { ...CONFIG, model: "xgboost" } });
  const controller = new AbortController();
  const progress: Progress = (e) => { if (e.what === "xgboost reco" && e.done === 3) controller.abort(); };
  await assert.rejects(train({ table: TABLE, out: cut, config: { ...CONFIG, model: "xgboost" }, progress, signal: controller.signal }), (e) => isWorkbookError(e, "Interrupted") && /reco.*resume/.test(e.message));
  assert.equal(readHeader(cut).status, "started");
  assert.deepEqual(weightFiles(cut), ["gpp.ubj", "xgboost.json"]);
  await resume({ dir: cut, table: TABLE });
  assert.deepEqual(bytes(cut), bytes(whole));
  assert.deepEqual(events(cut).filter((e) => e.event === "booster").map((e) => e.flux), ["gpp", "reco", "nee"], "gpp was not grown again");
});

test("a booster that is not the one training wrote is refused by predict", needsXgboost, async () => {
  const dir = scratch();
  await train({ table: TABLE, out: dir, config: { ...CONFIG, model: "xgboost" } });
  fs.appendFileSync(path.join(runPaths(dir).weights, "nee.ubj"), " ");
  await assert.rejects(predictRun(dir, TABLE), (e) => isWorkbookError(e, "BadRun") && /booster of nee/.test(e.message));
});

test("where the library is missing nothing of the run is written", async () => {
  const dir = scratch();
  const before = process.env["TAMRL_XGBOOST"];
  process.env["TAMRL_XGBOOST"] = path.join(path.dirname(dir), "absent.so");
  try {
    await assert.rejects(train({ table: TABLE, out: dir, config: { ...CONFIG, model: "xgboost" } }), (e) => isWorkbookError(e, "MissingPart") && /npm run setup/.test(e.message));
    assert.ok(!fs.existsSync(dir));
  } finally {
    if (before === undefined) delete process.env["TAMRL_XGBOOST"];
    else process.env["TAMRL_XGBOOST"] = before;
  }
});

test("the log says which penalty and how many rounds, and ridge gives them by flux", async () => {
  const dir = scratch();
  await train({ table: TABLE, out: dir, config: { ...CONFIG, model: "ridge" } });
  const lines = events(dir).filter((e) => e.event === "ridge");
  assert.deepEqual(lines.map((e) => e.flux), ["gpp", "reco", "nee"]);
  assert.ok(lines.every((e) => e.penalty! > 0));
});
