import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { isWorkbookError, type ErrorTag } from "../../src/core/errors";
import { readJson } from "../../src/core/json";
import { readCatalogue } from "../../src/data/sources/catalogue";
import { readCalibration } from "../../src/evaluate/ensemble-calibration";
import { readKeptEvaluation } from "../../src/evaluate/kept-evaluation";
import { parseSets, resolveConfig } from "../../src/run/config";
import { readProvenance } from "../../src/run/provenance";
import { train } from "../../src/run/train";
import { readTowers, TOWERS_ATTRIBUTE } from "../../src/upscale/training-towers";
import { runCard } from "../../src/workbook/run-card";
import { scratch, scratchFile } from "../helpers/cli";
import { aSite, towerTable } from "../helpers/tables";

const says = (tag: ErrorTag, pattern: RegExp) => (error: unknown): boolean => {
  assert.ok(isWorkbookError(error, tag), String(error));
  assert.match((error as Error).message, pattern);
  return true;
};

/** Fails unless the reader refuses each of the texts as the file's content with that error. */
function refuses(file: string, texts: readonly string[], read: () => unknown, tag: ErrorTag, pattern: RegExp): void {
  for (const text of texts) {
    fs.writeFileSync(file, text);
    assert.throws(read, says(tag, pattern), text);
  }
}

test("what a run says of its table, of its evaluation and of its scores is refused by the file's name where it says something else", async () => {
  const dir = path.join(scratch("handed"), "run");
  await train({ table: towerTable(Array.from({ length: 6 }, (_, i) => aSite(`S${i}`, { lat: 40 + i })), 60), out: dir, config: { model: "climatology", split: { train: ["S0", "S1", "S2", "S3"], test: ["S4", "S5"] } } });
  const at = (name: string): string => path.join(dir, name);
  const good = fs.readFileSync(at("provenance.json"), "utf8");
  const made = JSON.parse(good) as { table: object };
  refuses(at("provenance.json"), ["{}", ...["T", null, {}, { ...made.table, sha256: 5 }].map((table) => JSON.stringify({ ...made, table })), JSON.stringify({ ...made, commit: [] })], () => readProvenance(dir, "verify"), "BadRun", /provenance\.json: workbook, versions, and the table/);
  const { commit: _commit, device: _device, kernel: _kernel, ...less } = made as Record<string, unknown>;
  fs.writeFileSync(at("provenance.json"), JSON.stringify(less));
  assert.deepEqual([readProvenance(dir, "verify").commit, runCard(dir)["device"]], [null, "not recorded"]);
  fs.writeFileSync(at("provenance.json"), good);
  refuses(at("evaluation.json"), ["{}", JSON.stringify({ provenance: made, table: null, sites: "S4", beside: [] }), JSON.stringify({ provenance: {}, table: null, sites: [], beside: [] })], () => readKeptEvaluation(dir), "BadRun", /evaluation\.json: the table evaluated/);
  const score = { r2: { median: 0.5 }, rmse: { median: 1 }, n_sites: 2 };
  const summary = (nee: object): string => JSON.stringify({ summary: { gpp: score, reco: score, nee } });
  refuses(at("metrics.json"), ["{}", summary({}), summary({ ...score, r2: { median: "x" } }), summary({ r2: score.r2, rmse: score.rmse })], () => runCard(dir), "BadRun", /metrics\.json: a summary of each flux/);
  fs.writeFileSync(at("metrics.json"), summary({ ...score, r2: { median: null } }));
  assert.doesNotThrow(() => runCard(dir));
});

test("JSON nested by thousands is refused where it is read: it took the stack of whatever turned it into text", () => {
  const nested = (depth: number, inner = ""): string => "[".repeat(depth) + inner + "]".repeat(depth);
  const read = (text: string): unknown => readJson(scratchFile("a.json", text));
  assert.throws(() => read(nested(101)), says("BadFile", /a\.json is not \(lists and objects are nested more than 100 deep/));
  assert.throws(() => read(`{"a":`.repeat(5000) + "1" + "}".repeat(5000)), says("BadFile", /100 deep/));
  assert.deepEqual(read(nested(100, JSON.stringify(`\\"${"[".repeat(500)}`))), JSON.parse(nested(100, JSON.stringify(`\\"${"[".repeat(500)}`))));
  assert.throws(() => resolveConfig(readJson(scratchFile("c.json", `{"hidden": ${nested(5000)}}`))), says("BadFile", /100 deep/));
  assert.throws(() => resolveConfig(parseSets([`hidden=${nested(5000)}`])), says("BadConfig", /hidden/));
});

test("an ensemble's calibration that is no scale of numbers from 0 on is refused: an interval of it would be none, or stand on its head", () => {
  const dir = scratch("handed");
  const flux = { scale: { constant: 1, spread: 0, size: 0.1 }, classes: { ENF: 1.1 }, factor: { 0.8: 1.3, 0.9: null } };
  const file = (gpp: unknown): string => JSON.stringify({ fluxes: { gpp, reco: flux, nee: null } });
  const bad = [undefined, 5, {}, { ...flux, scale: { ...flux.scale, spread: -1 } }, { ...flux, scale: { constant: 1, spread: 0 } }, { ...flux, classes: { ENF: "1" } }, { ...flux, factor: null }];
  refuses(path.join(dir, "calibration.json"), ["{}", '{"fluxes":[]}', ...bad.map(file)], () => readCalibration(dir), "BadRun", /calibration\.json: a scale, classes and factors/);
  fs.writeFileSync(path.join(dir, "calibration.json"), file(flux));
  assert.deepEqual(readCalibration(dir)!.fluxes.gpp, flux);
});

test("a catalogue of somebody's mirror whose entries are something else is refused with its place", () => {
  const remote = { name: "a.nc", url: "https://mirror.example/a.nc", sha256: null, bytes: 5 };
  const entry = (change: object, files: unknown = [remote]): object => ({ id: "x", title: "X", source: null, kinds: [], doi: null, citation: "c", licence: "l", checksum: null, fetch: { landing: "h", steps: "s", files }, ...change });
  const read = (...entries: unknown[]): unknown => readCatalogue(scratchFile("catalogue.json", JSON.stringify({ entries })));
  assert.doesNotThrow(() => read(entry({})));
  for (const bad of [null, 5, entry({ id: 5 }), entry({ kinds: "csv" }), entry({ fetch: null }), entry({}, null), entry({}, [null]), entry({}, [{ ...remote, name: null }]), entry({}, [{ ...remote, url: {} }]), entry({}, [{ ...remote, bytes: "5" }]), entry({}, [{ ...remote, name: "../a" }])]) {
    assert.throws(() => read(entry({ id: "y" }), bad), says("BadConfig", /readCatalogue: .*(required|known keys)/), JSON.stringify(bad));
  }
  assert.throws(() => readCatalogue(scratchFile("catalogue.json", "{}")), says("BadConfig", /a list of entries required/));
});

test("training towers that a store tells in no way that can be read are not told", () => {
  for (const text of ["{", "5", "null", "[]", '{"igbp":{"ENF":"x"},"koppen":{}}', '{"igbp":{}}']) assert.equal(readTowers({ [TOWERS_ATTRIBUTE]: text }), null, text);
  assert.deepEqual(readTowers({ [TOWERS_ATTRIBUTE]: '{"igbp":{"ENF":3},"koppen":{"D":3}}' }), { igbp: { ENF: 3 }, koppen: { D: 3 } });
});
