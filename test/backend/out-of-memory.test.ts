import assert from "node:assert/strict";
import { test } from "node:test";
import { outOfMemory } from "../../src/backend/out-of-memory";
import { openBackend, tf, type BackendName } from "../../src/backend/tf";
import { WorkbookError } from "../../src/core/errors";

for (const backend of ["tensorflow", "wasm", "cpu"] as const satisfies readonly BackendName[]) {
  test(`a tensor of 640 GB on ${backend} is an error that names the cure`, async (t) => {
    try {
      await openBackend({ backend, kernel: "reference" });
    } catch (error) {
      return t.skip((error as Error).message);
    }
    let thrown: unknown;
    try {
      tf.tidy(() => tf.fill([400_000, 400_000], 1));
    } catch (error) {
      thrown = error;
    }
    const told = outOfMemory(thrown, "train: RUN", "lower batch");
    assert.equal(told?.tag, "OutOfMemory");
    assert.match(told!.message, /^train: RUN: more memory is required than there is \(.+\); lower batch$/);
    assert.doesNotMatch(told!.message, /TF_Status/);
  });
}

test("other errors pass as they are", () => {
  assert.equal(outOfMemory(new Error("shapes do not fit"), "train", "lower batch"), null);
  assert.equal(outOfMemory(new WorkbookError("OutOfMemory", "webgpu: … out of memory"), "train", "lower batch"), null);
  assert.equal(outOfMemory("out of memory", "train", "lower batch"), null);
});
