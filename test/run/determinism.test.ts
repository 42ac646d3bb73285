import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { before, test } from "node:test";
import { projectRoot, sha256 } from "../../src/core/files";
import { FLUXES } from "../../src/core/quantities";
import { readTable, writeTable } from "../../src/data/store";
import { predictRun } from "../../src/evaluate/predict";
import { runPaths } from "../../src/run/run-directory";
import { scratch } from "../helpers/cli";
import { aSite, towerTable } from "../helpers/tables";

// wide enough that the matrix products of a step are shared among threads
const CONFIG = ["model=tamrl", "epochs=1", "hidden=32", "latent=8", "batch=128", "validate_every=1", "split=none"];
/**
 * How far weights of another number of threads may lie apart, relative to the largest of their tensor. Threads share the rows of a product, so the sums
 * over a batch that make a gradient are added in another order. Float32 keeps 6e-8 of them, but Adam's first steps are of one length whatever
 * the gradient's, so where it is near 0 its rounding may turn a step around.
 */
const OTHER_THREADS = 1e-2;
/** The same of fluxes, g C m⁻² d⁻¹, where such weights hardly count. */
const OTHER_FLUXES = 1e-2;

let table = "";
before(async () => {
  table = path.join(scratch("determinism"), "T.parquet");
  await writeTable(towerTable(Array.from({ length: 6 }, (_, i) => aSite(`S${i}`, { lat: 40 + i, igbp: i % 2 ? "CRO" : "ENF" })), 260), table);
});

/** A run that a process of its own trained on the given number of threads. */
function trained(threads: number): string {
  const out = path.join(scratch(`threads-${threads}`), "run");
  const { status, stderr } = spawnSync(process.execPath, [path.join(projectRoot(), "src", "workbook", "tamrl.cjs"), "train", "--table", table, "--out", out, "--set", ...CONFIG], { encoding: "utf8", env: { ...process.env, TAMRL_THREADS: String(threads) } });
  assert.equal(status, 0, stderr);
  return out;
}

const weightsFile = (dir: string): string => path.join(runPaths(dir).weights, "model.safetensors");

/** Tensors of a safetensors file by name. */
function tensors(file: string): Map<string, Float32Array> {
  const bytes = fs.readFileSync(file);
  const end = 8 + Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, end).toString("utf8")) as Record<string, { data_offsets: [number, number] }>;
  return new Map(Object.entries(header).filter(([name]) => name !== "__metadata__").map(([name, { data_offsets: [from, to] }]) => [name, new Float32Array(Uint8Array.from(bytes.subarray(end + from, end + to)).buffer)]));
}

test("two processes train the same weights to the bit, and another number of threads the same within its tolerance", async (t) => {
  const [one, again, two] = [trained(1), trained(1), trained(2)];
  assert.equal(sha256(weightsFile(one)), sha256(weightsFile(again)));
  let most = 0;
  const others = tensors(weightsFile(two));
  for (const [name, values] of tensors(weightsFile(one))) {
    const largest = values.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
    values.forEach((v, i) => (most = Math.max(most, Math.abs(v - others.get(name)![i]!) / largest)));
  }
  t.diagnostic(`largest difference of a weight between one thread and two: ${most.toPrecision(2)} of the largest of its tensor`);
  assert.ok(most <= OTHER_THREADS, String(most));
  const rows = await readTable(table);
  const [a, b, c] = await Promise.all([one, again, two].map(async (dir) => (await predictRun(dir, rows)).predictions));
  let apart = 0;
  for (const flux of FLUXES) {
    assert.deepEqual(a![flux], b![flux]);
    a![flux].forEach((v, i) => (apart = Number.isNaN(v) ? apart : Math.max(apart, Math.abs(v - c![flux][i]!))));
  }
  t.diagnostic(`largest difference of a flux: ${apart.toPrecision(2)} g C m⁻² d⁻¹`);
  assert.ok(apart <= OTHER_FLUXES, String(apart));
});
