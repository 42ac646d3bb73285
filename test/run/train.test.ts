import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { test } from "node:test";
import { openBackend, tf } from "../../src/backend/tf";
import { isWorkbookError } from "../../src/core/errors";
import type { Progress } from "../../src/core/progress";
import { numbers, siteRows } from "../../src/data/daily-table";
import { resolveConfig } from "../../src/run/config";
import { prepareDataset, settleConfig } from "../../src/run/dataset";
import { readFinished, readHeader, readSplit, readStandardiser, runPaths } from "../../src/run/run-directory";
import { ensureRun, resume, train } from "../../src/run/train";
import { aSite, towerTable } from "../helpers/tables";

const scratch = (): string => fs.mkdtempSync(path.join(os.tmpdir(), "train-"));
const SITES = Array.from({ length: 8 }, (_, i) => aSite(`S${i}`, { lat: 40 + i, igbp: i % 2 ? "CRO" : "ENF" }));
const TABLE = towerTable(SITES, 260);
const SMALL = { split: { train: ["S0", "S1", "S2", "S3", "S4", "S5"], test: ["S6", "S7"] }, epochs: 3, hidden: 8, latent: 4, batch: 16, validate_every: 1 };
const weights = (dir: string): Buffer => fs.readFileSync(path.join(runPaths(dir).weights, "model.safetensors"));

/** Aborts once `what` has done `epochs`. */
function abortAfter(what: string, epochs: number): { progress: Progress; signal: AbortSignal } {
  const controller = new AbortController();
  return { signal: controller.signal, progress: (e) => { if (e.what.includes(what) && e.done === epochs) controller.abort(); } };
}

test("the same seed gives the same weights to the bit, another seed others", async () => {
  const dir = scratch();
  for (const [name, seed] of [["a", 1], ["b", 1], ["c", 2]] as const) await train({ table: TABLE, out: path.join(dir, name), config: { ...SMALL, model: "tamrl", seed } });
  assert.ok(weights(path.join(dir, "a")).equals(weights(path.join(dir, "b"))));
  assert.ok(!weights(path.join(dir, "a")).equals(weights(path.join(dir, "c"))));
});

for (const [stage, epochs] of [["stage 1", 2], ["stage 1", 3], ["stage 2", 1]] as const) {
  test(`a run stopped after epoch ${epochs} of ${stage} and resumed reaches the weights of an undisturbed run`, async () => {
    const dir = scratch();
    const config = { ...SMALL, model: "tamrl", dropout: 0.3 };
    await train({ table: TABLE, out: path.join(dir, "whole"), config });
    await assert.rejects(train({ table: TABLE, out: path.join(dir, "cut"), config, ...abortAfter(stage, epochs) }), (e) => isWorkbookError(e, "Interrupted") && /resume/.test(e.message));
    assert.equal(readHeader(path.join(dir, "cut")).status, "started");
    await resume({ dir: path.join(dir, "cut"), table: TABLE });
    assert.ok(weights(path.join(dir, "whole")).equals(weights(path.join(dir, "cut"))));
    const finished = weights(path.join(dir, "cut"));
    await resume({ dir: path.join(dir, "cut"), table: TABLE });
    assert.ok(finished.equals(weights(path.join(dir, "cut"))), "resuming a finished run changes nothing");
  });
}

test("the best weights are a copy: what is kept is the best epoch, not the last", async () => {
  const dir = path.join(scratch(), "run");
  const config = { ...SMALL, model: "lstm", lr1: 0.3, epochs: 60, patience: 2 };
  await train({ table: TABLE, out: dir, config });
  const epochs = fs.readFileSync(runPaths(dir).log, "utf8").trim().split("\n").map((l) => JSON.parse(l) as { event: string; epoch: number; validation: number }).filter((l) => l.event === "epoch");
  const best = epochs.reduce((a, b) => (b.validation < a.validation ? b : a));
  assert.equal(epochs.length, best.epoch + 2, "patience ends the stage two epochs after its best");
  const again = path.join(scratch(), "run");
  await train({ table: TABLE, out: again, config: { ...config, epochs: best.epoch } });
  assert.ok(weights(dir).equals(weights(again)), "training that ends at the best epoch keeps the same weights");
});

test("training leaves no tensors behind", async () => {
  await openBackend();
  const before = tf.memory().numTensors;
  await train({ table: TABLE, out: path.join(scratch(), "a"), config: { ...SMALL, model: "tamrl", epochs: 1 } });
  const after = tf.memory().numTensors;
  await train({ table: TABLE, out: path.join(scratch(), "b"), config: { ...SMALL, model: "tamrl", epochs: 2 } });
  assert.equal(tf.memory().numTensors, after);
  assert.equal(after, before);
});

test("the run directory says what it was made from", async () => {
  const dir = path.join(scratch(), "run");
  const result = await train({ table: TABLE, out: dir, config: { ...SMALL, model: "ctlstm", epochs: 1 } });
  assert.deepEqual(result.sites, { train: 5, validation: 1, test: 2 });
  const header = readFinished(dir);
  assert.equal(header.config.features, "tower");
  assert.equal(header.config.class_weights, "capped");
  assert.deepEqual(readStandardiser(dir).channels, header.channels);
  assert.deepEqual(readSplit(dir).test, ["S6", "S7"]);
  const provenance = JSON.parse(fs.readFileSync(runPaths(dir).provenance, "utf8")) as { table: { sha256: string }; kernel: string; seed: number; versions: Record<string, string> };
  assert.match(provenance.table.sha256, /^[0-9a-f]{64}$/);
  assert.ok(provenance.kernel.length > 0 && provenance.seed === 1 && "tfjs" in provenance.versions);
});

test("a site or a cluster on both sides is refused before anything is written", async () => {
  const dir = path.join(scratch(), "run");
  await assert.rejects(train({ table: TABLE, out: dir, config: { ...SMALL, split: { train: ["S0", "S1", "S2"], test: ["S2"] } } }), (e) => isWorkbookError(e, "Leakage") && /S2/.test(e.message));
  const near = towerTable([...SITES, aSite("S8", { lat: 40.05 })], 120);
  await assert.rejects(train({ table: near, out: dir, config: { ...SMALL, split: { train: ["S0", "S1", "S2"], test: ["S8"] } } }), (e) => isWorkbookError(e, "Leakage") && /S8/.test(e.message));
  assert.ok(!fs.existsSync(dir));
});

test("a drawn split never parts a cluster, with the removed sites still joining their neighbours", () => {
  const sites = Array.from({ length: 20 }, (_, i) => aSite(`N${String(i).padStart(2, "0")}`, { lat: 40 + Math.floor(i / 2) * 2 + (i % 2) * 0.05 }));
  for (let seed = 1; seed <= 10; seed++) {
    const table = towerTable(sites, 120);
    const { split } = prepareDataset(table, settleConfig(table, resolveConfig({ seed })));
    const side = new Map([...split.train.map((s) => [s, "train"] as const), ...split.validation.map((s) => [s, "validation"] as const), ...split.test.map((s) => [s, "test"] as const)]);
    assert.equal(side.size, 20);
    for (let i = 0; i < 20; i += 2) assert.equal(side.get(sites[i]!.site), side.get(sites[i + 1]!.site));
  }
});

test("validation in time keeps 45 days between what trains and what validates", () => {
  const config = settleConfig(TABLE, resolveConfig({ ...SMALL, validation: "time" }));
  const { train: t, validation: v, split } = prepareDataset(TABLE, config);
  assert.deepEqual(split.validation, []);
  for (const [k, site] of t.sites.entries()) {
    const last = site.weight.reduce((at, w, d) => (Number.isNaN(w) ? at : d), -1);
    const first = v.sites[k]!.weight.findIndex((w) => !Number.isNaN(w));
    assert.ok(first - last > 45, `${first} − ${last}`);
  }
});

test("what training learns from does not depend on the values of held-out and validation sites", () => {
  const config = settleConfig(TABLE, resolveConfig({ ...SMALL, class_weights: "product" }));
  const before = prepareDataset(TABLE, config);
  const others = new Set([...before.split.test, ...before.split.validation]);
  assert.equal(others.size, 3);
  const inflated = towerTable(SITES, 260);
  for (const { site, from, to } of siteRows(inflated)) {
    if (!others.has(site.site)) continue;
    for (const column of ["gpp", "reco", "nee", "ta_degC", "sw_in_W_m2"]) numbers(inflated, column).subarray(from, to).forEach((v, i, part) => (part[i] = v * 1000));
  }
  const after = prepareDataset(inflated, config);
  assert.deepEqual(after.standardiser, before.standardiser);
  assert.deepEqual(after.weighting, before.weighting);
  assert.deepEqual(after.train.queries, before.train.queries);
  assert.deepEqual(after.train.sites.map((s) => [...s.x.slice(0, 50), ...s.weight.slice(0, 50)]), before.train.sites.map((s) => [...s.x.slice(0, 50), ...s.weight.slice(0, 50)]));
  const weights = new Set(before.train.sites.map((s) => s.weight[0]));
  assert.deepEqual(weights, new Set(before.train.sites.map((s) => Math.fround(before.weighting.weight.get(s.record.site.site)!))), "the class weight reaches the days");
});

test("the step size halves every ten epochs, epochs are validated as asked, and patience counts validated epochs only", async () => {
  const dir = path.join(scratch(), "run");
  // a step this small cannot improve on the first validation by more than rounding, whichever way it goes
  await train({ table: TABLE, out: dir, config: { ...SMALL, model: "lstm", epochs: 22, validate_every: 5, patience: 22, hidden: 4 } });
  const epochs = fs.readFileSync(runPaths(dir).log, "utf8").trim().split("\n").map((l) => JSON.parse(l) as { event: string; epoch: number; lr: number; validation: number | null; short_support: number }).filter((l) => l.event === "epoch");
  assert.deepEqual([1, 10, 11, 20, 21].map((e) => epochs[e - 1]!.lr), [1e-3, 1e-3, 5e-4, 5e-4, 2.5e-4]);
  assert.deepEqual(epochs.filter((e) => e.validation !== null).map((e) => e.epoch), [5, 10, 15, 20, 22]);
  assert.ok(epochs.every((e) => e.short_support === 0));
  const climbing = path.join(scratch(), "run");
  await train({ table: TABLE, out: climbing, config: { ...SMALL, model: "lstm", lr1: 1, epochs: 60, validate_every: 5, patience: 1 } });
  const last = fs.readFileSync(runPaths(climbing).log, "utf8").trim().split("\n").map((l) => JSON.parse(l) as { event: string; epoch: number }).filter((l) => l.event === "epoch").pop()!;
  assert.equal(last.epoch % 5, 0, "a stage ends on an epoch that was validated");
});

test("without validation windows the last epoch is kept and the run says so", async () => {
  const blind = towerTable(SITES, 260);
  // the last fifth of each record has fluxes but no temperature
  for (const { from, to } of siteRows(blind)) numbers(blind, "ta_degC").fill(NaN, from + 200, to);
  const config = { ...SMALL, model: "lstm", validation: "time", epochs: 2 };
  const [two, one] = [path.join(scratch(), "run"), path.join(scratch(), "run")];
  const result = await train({ table: blind, out: two, config });
  assert.ok(result.warnings.some((w) => /no window to validate/.test(w)));
  await train({ table: blind, out: one, config: { ...config, epochs: 1 } });
  assert.ok(!weights(two).equals(weights(one)));
});

test("a leftover of another run is never taken up by a new one", async () => {
  const dir = path.join(scratch(), "run");
  await train({ table: TABLE, out: dir, config: { ...SMALL, model: "lstm", epochs: 1 } });
  fs.rmSync(runPaths(dir).header);
  await assert.rejects(train({ table: TABLE, out: dir, config: { ...SMALL, model: "lstm", seed: 2 } }), (e) => isWorkbookError(e, "BadRun") && /checkpoint\.safetensors/.test(e.message));
});

test("ensureRun takes up a run of the same table and configuration and refuses any other", async () => {
  const out = path.join(scratch(), "run");
  const config = { ...SMALL, model: "lstm", epochs: 1 };
  await ensureRun({ table: TABLE, out, config });
  const made = weights(out);
  await ensureRun({ table: TABLE, out, config });
  assert.ok(made.equals(weights(out)));
  await assert.rejects(ensureRun({ table: TABLE, out, config: { ...config, epochs: 2 } }), (e) => isWorkbookError(e, "BadRun") && /another configuration/.test(e.message));
  await assert.rejects(ensureRun({ table: towerTable(SITES, 200), out, config }), (e) => isWorkbookError(e, "BadRun") && /another table/.test(e.message));
});

test("impossible networks are refused before a folder is made", async () => {
  const out = path.join(scratch(), "run");
  for (const overrides of [{ model: "ctlstm", hidden: 7 }, { model: "tamrl", modulation: "none", output_modulation: false }]) await assert.rejects(train({ table: TABLE, out, config: { ...SMALL, ...overrides } }), (e) => isWorkbookError(e, "BadConfig"));
  await assert.rejects(train({ table: TABLE, out, config: { ...SMALL, split: { train: ["S0", "S1"], test: ["S9"] } } }), (e) => isWorkbookError(e, "BadSplit"));
  assert.ok(!fs.existsSync(out));
});

test("an occupied folder, another version, an unfinished run and another table are each refused with what to do", async () => {
  const dir = path.join(scratch(), "run");
  await train({ table: TABLE, out: dir, config: { ...SMALL, model: "lstm", epochs: 1 } });
  await assert.rejects(train({ table: TABLE, out: dir, config: SMALL }), (e) => isWorkbookError(e, "BadRun") && /holds config\.json of a run/.test(e.message));
  await assert.rejects(resume({ dir, table: towerTable(SITES, 261) }), (e) => isWorkbookError(e, "BadRun") && /the table the run began with/.test(e.message));
  const header = JSON.parse(fs.readFileSync(runPaths(dir).header, "utf8")) as object;
  fs.writeFileSync(runPaths(dir).header, JSON.stringify({ ...header, version: 99 }));
  assert.throws(() => readHeader(dir), (e) => isWorkbookError(e, "BadRun") && /version 1 is required, found version 99/.test(e.message));
  fs.writeFileSync(runPaths(dir).header, JSON.stringify({ ...header, status: "started" }));
  assert.throws(() => readFinished(dir), (e) => isWorkbookError(e, "BadRun") && /resume/.test(e.message));
  assert.throws(() => readHeader(path.join(dir, "nothing")), (e) => isWorkbookError(e, "BadRun"));
});

test("a site without a position stops training with its name when position is a channel", async () => {
  const table = towerTable([...SITES.slice(0, 7), aSite("S7", { lat: null, lon: null })], 120);
  const dir = path.join(scratch(), "run");
  await assert.rejects(train({ table, out: dir, config: { ...SMALL, position: true } }), (e) => isWorkbookError(e, "BadSite") && /S7: lat is required/.test(e.message));
  assert.ok(!fs.existsSync(dir));
});
