import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { test } from "node:test";
import { openBackend, tf } from "../../src/backend/tf";
import { isWorkbookError, type WorkbookError } from "../../src/core/errors";
import { random } from "../../src/core/random";
import { numbers, siteRows, type DailyTable } from "../../src/data/daily-table";
import { notFinite, type FailedBatch } from "../../src/run/not-finite";
import { train } from "../../src/run/train";
import { makeBatch, prepareSite } from "../../src/windows/batches";
import { layRecord } from "../../src/windows/record";
import { fitStandardiser } from "../../src/windows/standardise";
import { supportCandidates } from "../../src/windows/support";
import { aSite, towerTable } from "../helpers/tables";

const DAYS = 150;
const SITES = Array.from({ length: 4 }, (_, i) => aSite(`S${i}`, { lat: 40 + i }));
const CONFIG = { model: "lstm", split: { train: ["S0", "S1", "S2"], test: ["S3"] }, validation: "time", epochs: 1, hidden: 4, batch: 8 };

/** Trains on the table after `change` and gives the error it stops with. */
async function failure(change: (table: DailyTable) => void, config: object = {}): Promise<WorkbookError> {
  const table = towerTable(SITES, DAYS);
  change(table);
  const dir = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "not-finite-")), "run");
  try {
    await train({ table, out: dir, config: { ...CONFIG, ...config } });
  } catch (error) {
    if (isWorkbookError(error, "NotFinite")) return error;
    throw error;
  } finally {
    fs.rmSync(path.dirname(dir), { recursive: true, force: true });
  }
  return assert.fail("training went on");
}

/** Row of a site's day. */
const row = (site: number, day: number): number => site * DAYS + day;

test("an infinite driver or flux of a training day stops training before it begins, with its site, day and column", async () => {
  for (const [site, day, column, value, date] of [[1, 40, "vpd_hPa", Infinity, "1970-02-10"], [2, 60, "reco", -Infinity, "1970-03-02"]] as const) {
    const error = await failure((t) => (numbers(t, column)[row(site, day)] = value));
    assert.deepEqual([error.fields.site, error.fields.date, error.fields.column], [`S${site}`, date, column]);
    assert.match(error.message, new RegExp(`S${site}, ${date}: a finite ${column} is required, got ${value}; mend`));
  }
});

test("an infinite quality flag, which only the loss sees, stops training with its site, day and batch", async () => {
  const error = await failure((t) => (numbers(t, "nee_qc")[row(1, 44)] = Infinity));
  assert.deepEqual([error.fields.site, error.fields.date, error.fields.column], ["S1", "1970-02-14", "nee_qc"]);
  assert.match(error.message, /got (NaN|Infinity) in stage 1, epoch 1, batch \d+: S1, 1970-02-14: nee_qc is Infinity; mend/);
});

test("a finite value whose squared error is infinite is named with how far from the mean it lies", async () => {
  const error = await failure((t) => (numbers(t, "gpp")[row(0, 50)] = 1e30), { class_weights: "off" });
  assert.deepEqual([error.fields.site, error.fields.date, error.fields.column], ["S0", "1970-02-20", "gpp"]);
  assert.match(error.message, /got Infinity in stage 1, epoch 1, batch \d+: .*largest loss .*gpp 1\.0+\d*e\+30, \d\d standard deviations/);
});

/** Two sites of three windows' length, and a model with the given answer and weight. */
function failed(answer: (b: number) => number, weight: number, change: (drivers: Float32Array) => void = () => undefined): FailedBatch {
  const table = towerTable(SITES.slice(0, 2), 60);
  const channels = ["ta_degC", "vpd_hPa"];
  const records = siteRows(table).map((rows) => layRecord(table, rows, channels, 7));
  change(records[1]!.drivers);
  const standardiser = fitStandardiser(records, channels);
  const sites = records.map((r) => prepareSite(r, standardiser, supportCandidates(r, 20), 1, 0.9));
  const queries = [{ site: 0, start: 0 }, { site: 1, start: 10 }, { site: 1, start: 30 }];
  const rule = { window: 20, lossDays: 5, support: 0, pastOnly: false };
  const forward = () => tf.tensor3d(Float32Array.from({ length: 3 * 5 * 3 }, (_, k) => answer(Math.floor(k / 15))), [3, 5, 3]);
  return { sites, queries, rule, channels, model: { forward, parameters: new Map([["head.weight", tf.variable(tf.scalar(weight))]]) }, batch: makeBatch(sites, queries, rule, random(1, "batch")) };
}

const MOMENT = { dir: "RUN", stage: 1, epoch: 2, batch: 7, loss: NaN };

test("with ordinary values the window of the largest loss is named, and a smaller step is the cure", async () => {
  await openBackend({ backend: "cpu", kernel: "reference" });
  const error = notFinite(failed((b) => (b === 2 ? 1e3 : 0), 1), MOMENT);
  assert.equal(error.fields.site, "S1");
  // the window of days 30 to 49 has its loss on the last five
  assert.ok(error.fields.date! >= "1970-02-15" && error.fields.date! <= "1970-02-19", error.fields.date);
  assert.match(error.message, /stage 1, epoch 2, batch 7: S1, 1970-02-1\d: all values are finite; of all windows this one has the largest loss .*lower lr1/);
  assert.match(notFinite(failed((b) => (b === 0 ? NaN : 0), 1), MOMENT).message, /: S0, /, "a prediction that is no number is worse than any");
});

test("weights lost by the step before are told, with the most extreme value of the batch", async () => {
  await openBackend({ backend: "cpu", kernel: "reference" });
  const error = notFinite(failed(() => NaN, NaN, (drivers) => (drivers[35 * 2 + 1] = 4000)), MOMENT);
  assert.deepEqual([error.fields.site, error.fields.date, error.fields.column], ["S1", "1970-02-05", "vpd_hPa"]);
  assert.match(error.message, /the step before left head\.weight without numbers.*vpd_hPa 4000/);
});

test("a support window's value is found although no window of the batch holds it", async () => {
  await openBackend({ backend: "cpu", kernel: "reference" });
  const bad = failed(() => 0, 1);
  bad.sites[0]!.record.drivers[55 * 2] = Infinity;
  assert.match(notFinite(bad, MOMENT).message, /S0, 1970-02-25: ta_degC is Infinity/);
});
