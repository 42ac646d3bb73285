import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { test } from "node:test";
import { openBackend, tf } from "../../src/backend/tf";
import { isWorkbookError } from "../../src/core/errors";
import { resolveConfig } from "../../src/run/config";
import { runPaths } from "../../src/run/run-directory";
import { resume, train } from "../../src/run/train";
import { aSite, towerTable } from "../helpers/tables";

const scratch = (): string => fs.mkdtempSync(path.join(os.tmpdir(), "maml-"));
const IDS = Array.from({ length: 8 }, (_, i) => `S${i}`);
const TABLE = towerTable(IDS.map((id, i) => aSite(id, { lat: 40 + i })), 260);
const SMALL = { split: { train: IDS.slice(0, 6), test: IDS.slice(6) }, epochs: 3, hidden: 8, latent: 4, batch: 32, validate_every: 1, window: 20, stride: 10, support: 2, shots: 3, inner_steps: 2 };
const weights = (dir: string): Buffer => fs.readFileSync(path.join(runPaths(dir).weights, "model.safetensors"));

for (const model of ["maml", "tamrl"]) {
  test(`${model} with shots: a run stopped and resumed reaches the weights of an undisturbed run, and no tensor is left`, async () => {
    const dir = scratch();
    await openBackend();
    const before = tf.memory().numTensors;
    const config = { ...SMALL, model, stages: 1 };
    await train({ table: TABLE, out: path.join(dir, "whole"), config });
    assert.equal(tf.memory().numTensors, before);
    const stop = new AbortController();
    const cut = train({ table: TABLE, out: path.join(dir, "cut"), config, signal: stop.signal, progress: (e) => { if (e.done === 2) stop.abort(); } });
    await assert.rejects(cut, (e) => isWorkbookError(e, "Interrupted"));
    await resume({ dir: path.join(dir, "cut"), table: TABLE });
    assert.ok(weights(path.join(dir, "whole")).equals(weights(path.join(dir, "cut"))));
  });
}

test("maml needs months, the others do not have them", () => {
  assert.throws(() => resolveConfig({ model: "maml" }), (e) => isWorkbookError(e, "BadConfig") && /shots/.test(e.message));
  assert.throws(() => resolveConfig({ model: "lstm", shots: 3 }), (e) => isWorkbookError(e, "BadConfig") && /shots/.test(e.message));
  assert.throws(() => resolveConfig({ model: "tamrl", embedding: "query", shots: 3 }), (e) => isWorkbookError(e, "BadConfig") && /shots/.test(e.message));
  assert.throws(() => resolveConfig({ shots: 1.5 }), (e) => isWorkbookError(e, "BadConfig") && /shots/.test(e.message));
  assert.equal(resolveConfig({ model: "maml", shots: 24 }).shots, 24);
});

test("maml says when no record is long enough", async () => {
  const short = towerTable(IDS.map((id, i) => aSite(id, { lat: 40 + i })), 45);
  await assert.rejects(train({ table: short, out: path.join(scratch(), "run"), config: { ...SMALL, model: "maml" } }), (e) => isWorkbookError(e, "EmptyTable") && /longer|more than/.test(e.message));
});
