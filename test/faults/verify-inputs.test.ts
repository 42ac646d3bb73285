import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { before, test } from "node:test";
import { readJson } from "../../src/core/json";
import { ingest } from "../../src/data/ingest/ingest";
import { verifyRun } from "../../src/evaluate/verify";
import type { Provenance } from "../../src/run/provenance";
import { runPaths } from "../../src/run/run-directory";
import { train } from "../../src/run/train";
import { towerFile } from "../data/towers/tower-file";
import { scratch, tamrl } from "../helpers/cli";
import { smallTable } from "./scenarios";

const TOWERS = ["AA-One", "BB-Two", "CC-Tri"].map((site) => `FLX_${site}_FLUXNET2015_SUBSET_DD_2012-2012_1-4.csv`);
const NAMES = [...TOWERS, "sites.csv"];
let [raw, table, run] = ["", "", ""];
before(async () => {
  raw = scratch("raw");
  for (const name of TOWERS) fs.writeFileSync(path.join(raw, name), towerFile({ days: 366 }));
  const dir = scratch("inputs");
  [table, run] = [path.join(dir, "T.parquet"), path.join(dir, "run")];
  fs.writeFileSync(path.join(raw, "sites.csv"), "site,lat,lon\nAA-One,50,10\nBB-Two,51,10\nCC-Tri,52,10\n");
  await ingest([raw], { out: table, sites: path.join(raw, "sites.csv") });
  await train({ table, out: run, config: { model: "climatology", features: "tower", split: "none" } });
});

/** The checks of inputs, one line each, after something happened to a copy of the raw files. */
async function inputsAfter(harm: (folder: string) => void): Promise<string[]> {
  const folder = path.join(scratch("copy"), "raw");
  fs.cpSync(raw, folder, { recursive: true });
  harm(folder);
  return (await verifyRun(run, { inputs: [folder] })).checks.filter((c) => c.what.startsWith("input")).map((c) => `${c.state} ${c.what}`);
}

test("a run names the files that its table was made from, and verifying it compares them wherever they lie", async () => {
  assert.deepEqual(readJson<Provenance>(runPaths(run).provenance, "test").table.inputs!.map((i) => i.name), NAMES);
  assert.deepEqual(await inputsAfter(() => undefined), NAMES.map((name) => `holds input ${name}`));
  assert.deepEqual(await inputsAfter((folder) => fs.appendFileSync(path.join(folder, NAMES[1]!), " ")), [`holds input ${NAMES[0]}`, `broken input ${NAMES[1]}`, ...NAMES.slice(2).map((name) => `holds input ${name}`)]);
  assert.equal((await inputsAfter((folder) => fs.rmSync(path.join(folder, NAMES[2]!))))[2], `unknown input ${NAMES[2]}`);
  assert.ok((await verifyRun(run)).holds, "without their place nothing is said of them");
});

test("a table that ingest did not make has no inputs to compare, and that is said", async () => {
  const other = path.join(scratch("simulated"), "run");
  await train({ table: await smallTable(4), out: other, config: { model: "climatology", split: "none" } });
  const { holds, checks } = await verifyRun(other, { inputs: [raw] });
  assert.equal(holds, false);
  assert.match(checks.find((c) => c.what === "inputs of the table")!.detail, /names none/);
});

test("on the command line a changed input is named and the exit code is 1", () => {
  const fine = tamrl("verify", run, "--inputs", raw);
  assert.equal(fine.code, 0, fine.stdout + fine.stderr);
  const copy = path.join(scratch("copy"), "raw");
  fs.cpSync(raw, copy, { recursive: true });
  fs.appendFileSync(path.join(copy, NAMES[0]!), " ");
  const changed = tamrl("verify", run, "--inputs", copy);
  assert.equal(changed.code, 1);
  assert.match(changed.stdout, /^broken {2}input FLX_AA-One\S+: SHA-256 [0-9a-f]{12}… recorded, [0-9a-f]{12}… found$/m);
});
