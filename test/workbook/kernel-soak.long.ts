import assert from "node:assert/strict";
import * as path from "node:path";
import { test } from "node:test";
import { train } from "../../src/run/train";
import { smallTable } from "../faults/scenarios";
import { scratch } from "../helpers/cli";
import { joined, needsKernel, runCells } from "../helpers/notebook";

test("a cell that is run a hundred times in one kernel leaves tensors and memory as they were", { ...needsKernel(), timeout: 1_200_000 }, async (t) => {
  const table = await smallTable(8);
  const out = path.join(scratch("soak"), "run");
  await train({ table, out, config: { model: "tamrl", hidden: 16, latent: 4, epochs: 1 } });
  const cell = `await evaluateRuns([${JSON.stringify(out)}], { table: ${JSON.stringify(table)} });\nconsole.log(JSON.stringify({ rss: process.memoryUsage().rss / 2 ** 20, tensors: tf.memory().numTensors, at: Date.now() }));`;
  const { result, outputs } = await runCells(['import { evaluateRuns } from "./src/index";\nimport { tf } from "./src/backend/tf";', ...new Array<string>(100).fill(cell)]);
  assert.equal(result.error?.message, undefined);
  const beats = outputs.slice(1).map((out) => JSON.parse(joined(out[0]?.text)) as { rss: number; tensors: number; at: number });
  const mean = (from: number, to: number): number => beats.slice(from, to).reduce((sum, { rss }) => sum + rss, 0) / (to - from);
  const pace = (from: number, to: number): number => (beats[to]!.at - beats[from]!.at) / (to - from);
  t.diagnostic(`RSS ${mean(25, 50).toFixed(0)} → ${mean(75, 100).toFixed(0)} MB, ${pace(25, 49).toFixed(0)} → ${pace(75, 99).toFixed(0)} ms a cell`);
  assert.equal(new Set(beats.map(({ tensors }) => tensors)).size, 1, "the number of tensors stays as it is");
  // each cell's types and text stay with tslab, some hundred kB; a kept table or prediction would be tens of MB a cell
  assert.ok(mean(75, 100) - mean(25, 50) < 150, `resident memory grew from ${mean(25, 50).toFixed(0)} to ${mean(75, 100).toFixed(0)} MB`);
});
