import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { before, test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import type { ProgressEvent } from "../../src/core/progress";
import { random } from "../../src/core/random";
import { predictRun } from "../../src/evaluate/predict";
import { previousCheckpoint } from "../../src/run/checkpoint";
import { weightsFile } from "../../src/run/model-config";
import { runPaths } from "../../src/run/run-directory";
import { encodeSealed, sealOf } from "../../src/run/seal";
import { resume, train } from "../../src/run/train";
import { decodeSafetensors } from "../../src/model/safetensors";
import { scratch } from "../helpers/cli";
import { aSite, towerTable } from "../helpers/tables";

const SITES = Array.from({ length: 8 }, (_, i) => aSite(`S${i}`, { lat: 40 + i }));
const TABLE = towerTable(SITES, 200);
const CONFIG = { model: "tamrl", split: { train: ["S0", "S1", "S2", "S3", "S4", "S5"], test: ["S6", "S7"] }, epochs: 3, hidden: 8, latent: 4, batch: 32, validate_every: 1, dropout: 0.3 };

/** A training stopped in stage 2 after its second epoch; copied for every test. */
let stopped = "";
let weights: Buffer;
before(async () => {
  const dir = scratch("checkpoint");
  const calm = path.join(dir, "calm");
  await train({ table: TABLE, out: calm, config: CONFIG });
  weights = fs.readFileSync(weightsFile(calm));
  assert.ok(!fs.existsSync(previousCheckpoint(runPaths(calm).checkpoint)), "a finished run keeps one checkpoint");
  stopped = path.join(dir, "stopped");
  const controller = new AbortController();
  await assert.rejects(train({ table: TABLE, out: stopped, config: CONFIG, signal: controller.signal, progress: (e) => void (e.what.includes("stage 2") && e.done === 2 && controller.abort()) }), (e) => isWorkbookError(e, "Interrupted"));
});

/** Does harm to a copy of the stopped run and resumes it: its weights, what was said, and what the log says. */
async function resumed(harm: (files: { checkpoint: string; previous: string }) => void): Promise<{ weights: Buffer; said: string[]; lost: { from: string; stage: number; epoch: number }[] }> {
  const dir = path.join(scratch("harm"), "run");
  fs.cpSync(stopped, dir, { recursive: true });
  const { checkpoint } = runPaths(dir);
  harm({ checkpoint, previous: previousCheckpoint(checkpoint) });
  const said: ProgressEvent[] = [];
  await resume({ dir, table: TABLE, progress: (e) => said.push(e) });
  const log = fs.readFileSync(runPaths(dir).log, "utf8").trim().split("\n").map((line) => JSON.parse(line) as { event: string; from: string; stage: number; epoch: number });
  return { weights: fs.readFileSync(weightsFile(dir)), said: said.map((e) => e.what).filter((what) => what.startsWith("resume:")), lost: log.filter((l) => l.event === "checkpoint lost") };
}

const flip = (file: string, bit: number): void => {
  const bytes = fs.readFileSync(file);
  bytes[bit >> 3]! ^= 1 << (bit & 7);
  fs.writeFileSync(file, bytes);
};
const cut = (file: string, share: number): void => fs.truncateSync(file, Math.floor(share * fs.statSync(file).size));

test("a checkpoint with one bit flipped, cut short or gone is not used: the one before it is, that is said, and the weights are those of an undisturbed run", async () => {
  const r = random(9, "harm");
  const harms: readonly ((files: { checkpoint: string }) => void)[] = [
    ({ checkpoint }) => flip(checkpoint, r.int(8 * fs.statSync(checkpoint).size)), ({ checkpoint }) => cut(checkpoint, r.uniform()), ({ checkpoint }) => cut(checkpoint, 0), ({ checkpoint }) => fs.rmSync(checkpoint),
  ];
  for (const [k, harm] of harms.entries()) {
    const { weights: after, said, lost } = await resumed(harm);
    assert.ok(after.equals(weights), `harm ${k}`);
    assert.match(said[0] ?? "", /checkpoint\.safetensors is (damaged \(its checksum differs\)|not there); going on from the checkpoint before it, stage 2 epoch 1/, `harm ${k}`);
    assert.deepEqual(lost.map(({ from, stage, epoch }) => [from, stage, epoch]), [["previous", 2, 1]]);
  }
});

test("where both are damaged training begins anew, that is said, and it reaches the same weights", async () => {
  const { weights: after, said, lost } = await resumed(({ checkpoint, previous }) => {
    flip(checkpoint, 12_345);
    cut(previous, 0.5);
  });
  assert.ok(after.equals(weights));
  assert.match(said[0] ?? "", /checkpoint\.safetensors is damaged.*checkpoint\.previous\.safetensors is damaged.*beginning anew/);
  assert.equal(lost[0]!.from, "start");
});

test("a whole checkpoint is gone on from without a word", async () => {
  const { weights: after, said, lost } = await resumed(({ previous }) => flip(previous, 12_345));
  assert.ok(after.equals(weights));
  assert.deepEqual([said, lost], [[], []]);
});

test("a seal breaks at any bit, and what it seals is an ordinary safetensors file", () => {
  const bytes = encodeSealed(new Map([["w", { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }]]), { state: "x" });
  assert.equal(sealOf(bytes), "whole");
  assert.deepEqual([...decodeSafetensors(bytes, "w").tensors.get("w")!.data], [1, 2, 3, 4, 5, 6]);
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    const flipped = Uint8Array.from(bytes);
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    assert.notEqual(sealOf(flipped), "whole", `bit ${bit}`);
  }
  for (let length = 0; length < bytes.length; length++) assert.notEqual(sealOf(bytes.subarray(0, length)), "whole", `${length} bytes`);
});

test("weights that were changed are refused where they are used", async () => {
  const dir = path.join(scratch("weights"), "run");
  await train({ table: TABLE, out: dir, config: { ...CONFIG, model: "lstm", epochs: 1 } });
  await predictRun(dir, TABLE);
  flip(weightsFile(dir), 8 * (fs.statSync(weightsFile(dir)).size - 3));
  await assert.rejects(predictRun(dir, TABLE), (e) => isWorkbookError(e, "BadFile") && /weights as they were written are required/.test(e.message));
});
