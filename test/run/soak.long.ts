import assert from "node:assert/strict";
import * as path from "node:path";
import { test, type TestContext } from "node:test";
import { openBackend, tf } from "../../src/backend/tf";
import { evaluateRuns } from "../../src/evaluate/evaluate-runs";
import { readCheckpoint } from "../../src/run/checkpoint";
import { runPaths } from "../../src/run/run-directory";
import { train } from "../../src/run/train";
import { smallTable } from "../faults/scenarios";
import { scratch } from "../helpers/cli";

const MB = 1 << 20;
/** Growth that garbage not yet collected explains; a leak of one step's batch would be hundreds of MB. */
const ALLOWED = 96;

interface Beat {
  readonly rss: number;
  readonly tensors: number;
  readonly at: number;
}

const beat = (): Beat => ({ rss: process.memoryUsage().rss / MB, tensors: tf.memory().numTensors, at: Date.now() });
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

/** The second quarter (the first warms up) against the last: memory asserted, time only told. */
function flat(beats: readonly Beat[], what: string, t: TestContext): void {
  const quarter = beats.length >> 2;
  const [early, late] = [beats.slice(quarter, 2 * quarter), beats.slice(-quarter)];
  const [before, after] = [early, late].map((some) => median(some.map((b) => b.rss))) as [number, number];
  const pace = (some: readonly Beat[]): number => (some[some.length - 1]!.at - some[0]!.at) / (some.length - 1);
  t.diagnostic(`${what}: RSS ${before.toFixed(0)} → ${after.toFixed(0)} MB, ${pace(early).toFixed(0)} → ${pace(late).toFixed(0)} ms each, tensors ${early[0]!.tensors} → ${late[late.length - 1]!.tensors}`);
  assert.equal(new Set([...early, ...late].map((b) => b.tensors)).size, 1, `${what}: the number of tensors stays as it is`);
  assert.ok(after - before < ALLOWED, `${what}: resident memory grew from ${before.toFixed(0)} to ${after.toFixed(0)} MB`);
}

test("two thousand training steps and two hundred evaluations in one process leave tensors and memory as they were", { timeout: 1_800_000 }, async (t) => {
  await openBackend();
  const table = await smallTable(16);
  const out = path.join(scratch("soak"), "run");
  const before = tf.memory().numTensors;
  const beats: Beat[] = [];
  const config = { model: "tamrl", hidden: 32, latent: 8, batch: 8, epochs: 60, validate_every: 10, patience: 1000, split: "fold:1/4" };
  await train({ table, out, config, progress: ({ what }) => { if (/^tamrl stage 2/.test(what)) beats.push(beat()); } });
  const { steps } = readCheckpoint(runPaths(out).checkpoint)!.state;
  t.diagnostic(`${2 * steps} steps, half of them in the first stage`);
  assert.ok(2 * steps >= 2000);
  flat(beats, "an epoch of training", t);
  const evaluations: Beat[] = [];
  for (let i = 0; i < 200; i++) {
    await evaluateRuns([out], { table });
    evaluations.push(beat());
  }
  flat(evaluations, "an evaluation", t);
  assert.equal(tf.memory().numTensors, before, "as many tensors as before anything");
});
