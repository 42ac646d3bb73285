import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { after, before, test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { readTruth } from "../../src/data/simulate/read-truth";
import { simulate } from "../../src/data/simulate/simulate";
import { TRAITS } from "../../src/data/simulate/traits";
import { writeSimulation } from "../../src/data/simulate/write";
import { predictRun } from "../../src/evaluate/predict";
import { probeEmbedding } from "../../src/evaluate/probe-embedding";
import { traceSite } from "../../src/evaluate/trace-site";
import { train } from "../../src/run/train";

const home = fs.mkdtempSync(path.join(os.tmpdir(), "trace-"));
const file = path.join(home, "T.parquet");
const dir = path.join(home, "run");
const network = simulate({ sites: 24, years: 1, seed: 1 });
const { table } = network;

before(async () => {
  await writeSimulation(network, file);
  await train({ table: file, out: dir, config: { model: "tamrl", epochs: 1, hidden: 8, latent: 4, batch: 64 } });
});
after(() => fs.rmSync(home, { recursive: true, force: true }));

test("a traced window ends in the fluxes that the run predicts for that day", async () => {
  const site = table.sites[3]!.site;
  const trace = await traceSite(dir, table, site);
  const { predictions } = await predictRun(dir, table, { sites: [site] });
  const row = predictions.day.indexOf(trace.first + trace.time - 1);
  assert.ok(row >= 0);
  const last = trace.predicted.subarray((trace.time - 1) * 3);
  [predictions.raw!.gpp, predictions.raw!.reco, predictions.nee].forEach((values, f) => assert.ok(Math.abs(values[row]! - last[f]!) < 1e-4, `${values[row]} ${last[f]}`));
  assert.equal((await traceSite(dir, table, site, { modulated: false })).z, null);
});

test("another site's support set gives another embedding, and a day without a whole window is refused with the days there are", async () => {
  const [a, b] = [table.sites[0]!.site, table.sites[1]!.site];
  const [own, other] = [await traceSite(dir, table, a), await traceSite(dir, table, a, { supportOf: b })];
  assert.notDeepEqual(own.z, other.z);
  assert.deepEqual(own.drivers, other.drivers);
  await assert.rejects(traceSite(dir, table, a, { day: "1850-01-01" }), (e) => isWorkbookError(e, "BadSite") && /windows that end from \d{4}/.test((e as Error).message));
});

test("the truth beside a simulated table is the truth that made it, and a table without one is refused", () => {
  const { sites, traits } = readTruth(file);
  const first = network.truth.sites[0]!;
  assert.equal(sites.get(first.site)!.traits.lightUse.identifiable, first.traits.lightUse.identifiable);
  assert.ok(traits.lightUse.unit.length > 0);
  assert.throws(() => readTruth(path.join(home, "measured.parquet")), (e) => isWorkbookError(e, "BadFile"));
});

test("a probe of the embedding is fitted on training sites and judged on all others", async () => {
  const { sites } = readTruth(file);
  const rows = await probeEmbedding(dir, table, TRAITS, (site, name) => sites.get(site)!.traits[name].identifiable, 1);
  assert.deepEqual(rows.map((r) => r.name), [...TRAITS]);
  for (const { own, permuted, n_known, n_unseen } of rows) {
    assert.ok(own >= 0 && own <= 1 && permuted >= 0 && permuted <= 1);
    assert.equal(n_known + n_unseen, table.sites.length);
  }
});
