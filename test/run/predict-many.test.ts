import assert from "node:assert/strict";
import * as path from "node:path";
import { before, test } from "node:test";
import { siteRows } from "../../src/data/daily-table";
import { openBackend, tf } from "../../src/backend/tf";
import { LEARNERS } from "../../src/run/learners";
import { modelRecord } from "../../src/run/model-view";
import { readFinished, readStandardiser } from "../../src/run/run-directory";
import { train } from "../../src/run/train";
import { layRecord, type SiteRecord } from "../../src/windows/record";
import { scratch } from "../helpers/cli";
import { aSite, towerTable } from "../helpers/tables";

const SITES = Array.from({ length: 8 }, (_, i) => aSite(`S${i}`, { lat: 40 + i, igbp: i % 2 ? "CRO" : "ENF" }));
const TABLE = towerTable(SITES, 200);
const SMALL = { split: { train: ["S0", "S1", "S2", "S3", "S4", "S5"], test: ["S6", "S7"] }, epochs: 1, hidden: 8, latent: 4, batch: 32, validate_every: 1 };

before(async () => void (await openBackend()));

/** The record with some days' drivers taken away. */
function without(record: SiteRecord, gone: (day: number) => boolean): SiteRecord {
  const width = record.drivers.length / record.length;
  return { ...record, drivers: record.drivers.map((v, i) => (gone(Math.floor(i / width)) ? NaN : v)), complete: record.complete.map((c, d) => (gone(d) ? 0 : c)) };
}

for (const form of [{ model: "tamrl" }, { model: "tamrl", layers: 2 }, { model: "tamrl", shots: 3 }, { model: "ctlstm" }] as const) {
  test(`records predicted together get the fluxes and the embedding that each gets alone: ${JSON.stringify(form)}`, async () => {
    const dir = path.join(scratch("many"), "run");
    await train({ table: TABLE, out: dir, config: { ...SMALL, ...form } });
    const { config, channels } = readFinished(dir);
    const laid = siteRows(TABLE).map((rows) => modelRecord(config, layRecord(TABLE, rows, channels, config.max_gap)));
    const records = [laid[0]!, without(laid[1]!, (d) => d === 100), without(laid[2]!, () => true), laid[3]!, without(laid[4]!, (d) => d < 150), laid[5]!];
    const predictor = await LEARNERS[config.model].load({ dir, config, standardiser: readStandardiser(dir) });
    const tensors = tf.memory().numTensors;
    const together = await predictor.predictAll!(records);
    for (const [i, record] of records.entries()) {
      const alone = await predictor.predict(record);
      const close = (a: number, b: number): boolean => (Number.isNaN(a) ? Number.isNaN(b) : Math.abs(a - b) < 1e-5 * Math.max(1, Math.abs(b)));
      assert.equal(together[i]!.fluxes.length, record.length * 3);
      together[i]!.fluxes.forEach((v, k) => assert.ok(close(v, alone[k]!), `record ${i}, ${k}: ${v} against ${alone[k]}`));
    }
    assert.ok(together[2]!.fluxes.every(Number.isNaN) && together[2]!.z === null, "a record without a window has neither");
    assert.equal(together[0]!.z?.length, config.model === "tamrl" ? 4 : undefined);
    assert.equal(together[1]!.fluxes.filter((v) => !Number.isNaN(v)).length, 3 * (100 - 44 + 200 - 101 - 44), "a missing day takes the windows that hold it");
    assert.equal(tf.memory().numTensors, tensors, "tensors left behind");
    predictor.dispose();
  });
}

test("a record longer than what lies in memory at once is predicted in pieces, each day as in a short one", async () => {
  const long = towerTable(SITES.slice(0, 1), 4500);
  const dir = path.join(scratch("many"), "run");
  await train({ table: TABLE, out: dir, config: { ...SMALL, model: "lstm" } });
  const { config, channels } = readFinished(dir);
  const predictor = await LEARNERS[config.model].load({ dir, config, standardiser: readStandardiser(dir) });
  const record = without(layRecord(long, siteRows(long)[0]!, channels, config.max_gap), (d) => d > 2000 && d < 2100);
  const whole = await predictor.predict(record);
  const width = channels.length;
  for (const from of [0, 1950, 4200]) {
    const cut: SiteRecord = { ...record, length: 300, drivers: record.drivers.slice(from * width, (from + 300) * width), complete: record.complete.slice(from, from + 300) };
    (await predictor.predict(cut)).forEach((v, k) => {
      if (k < 44 * 3) return; // the piece alone has no history here
      const other = whole[from * 3 + k]!;
      assert.ok(Number.isNaN(v) ? Number.isNaN(other) : Math.abs(v - other) < 1e-5 * Math.max(1, Math.abs(v)), `day ${from + Math.floor(k / 3)}: ${other} against ${v}`);
    });
  }
  assert.equal(whole.filter((v) => !Number.isNaN(v)).length, 3 * (4500 - 44 - 99 - 44));
  predictor.dispose();
});
