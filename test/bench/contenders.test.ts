import assert from "node:assert/strict";
import * as path from "node:path";
import { describe, test } from "node:test";
import type { Plan } from "../../src/bench/alternate";
import { timeCase } from "../../src/bench/bench";
import type { BenchCase, Part } from "../../src/bench/cases";
import { contendersOf } from "../../src/bench/contenders";
import { findPeer } from "../../src/bench/peer";
import { prepareCase } from "../../src/bench/prepare";
import { simulate } from "../../src/data/simulate/simulate";
import { writeTable } from "../../src/data/store";
import { scratch } from "../helpers/cli";

const PLAN: Plan = { turnMs: 1, mostRuns: 1, seconds: 0, rounds: [1, 1], pauseMs: 0 };
const SIZES = { batch: 16, time: 30, hidden: 8, windows: 4 };

/** A case small enough for a test, written to a folder of its own. */
async function small(part: Part): Promise<{ dir: string; work: Awaited<ReturnType<typeof prepareCase>> }> {
  const dir = scratch("bench");
  const table = path.join(dir, "towers.parquet");
  if (["epoch", "inference", "upscale"].includes(part)) await writeTable(simulate({ sites: 8, years: 1, seed: 1 }).table, table);
  const c: BenchCase = { part, name: `small ${part}`, ...SIZES, channels: 6 };
  return { dir, work: await prepareCase(dir, c, { table, halfHours: 5 * 48 * 20 }) };
}

test("our own contender times a training step without PyTorch: a time, a loss, no ratio", async () => {
  const { dir, work } = await small("step");
  const { rows, failed, versions } = await timeCase(work, contendersOf("step", dir, { why: "", cure: "" }, { threads: 1, all: false, only: ["wasm"] }), PLAN);
  assert.deepEqual(failed, []);
  assert.deepEqual(rows.map((r) => [r.contender, r.ratio_min, r.runs]), [["wasm", null, 1]]);
  assert.ok(rows[0]!.ms_min > 0 && rows[0]!.rss_mb > 50 && Number.isFinite(rows[0]!.loss));
  assert.equal(versions["wasm: backend"], "wasm");
});

describe("beside PyTorch and pandas, on the same weights and data", async () => {
  const peer = await findPeer({ install: false, say: () => undefined });
  const skip = "why" in peer ? `needs .venv-bench with PyTorch and pandas, which npm run bench makes: ${peer.why}` : false;
  for (const part of ["lstm", "step", "epoch", "inference", "upscale", "ingest"] as const) {
    test(`${part}: our result is theirs to 1e-4`, { skip }, async () => {
      const { dir, work } = await small(part);
      const specs = contendersOf(part, dir, peer, { threads: 1, all: false, only: ["wasm"] }).filter((s) => !/kept|side by side/.test(s.name));
      const { rows, failed } = await timeCase(work, specs, PLAN);
      assert.deepEqual(failed, []);
      assert.equal(rows.length, 2);
      assert.ok(rows.every((r) => r.loss_difference <= 1e-4 && r.ratio_min !== null));
    });
  }
});
