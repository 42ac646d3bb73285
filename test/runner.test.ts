import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { projectRoot } from "../src/core/files";
import { scratch } from "./helpers/cli";

/** Runs a file that leaves folders through `test/run.cjs`, its temporary folder below one of ours, and stops it by a signal once it runs. */
async function leaving(does: "pass" | "fail" | "wait", signal?: NodeJS.Signals): Promise<{ code: number | null; left: string[]; made: string }> {
  const [shared, says] = [scratch("shared"), path.join(scratch("says"), "folder")];
  // Node's runner would report into ours
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const child = spawn(process.execPath, [path.join(projectRoot(), "test", "run.cjs"), "fixtures/leaves-folders.ts"], { env: { ...env, TMPDIR: shared, TMP: shared, TEMP: shared, LEAVES_DOES: does, LEAVES_SAYS: says }, stdio: "ignore" });
  const watch = signal === undefined ? undefined : setInterval(() => {
    if (!fs.existsSync(says)) return;
    clearInterval(watch);
    child.kill(signal);
  }, 20);
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  clearInterval(watch);
  return { code, left: fs.readdirSync(shared).filter((name) => !name.startsWith("tsx-")), made: fs.readFileSync(says, "utf8") };
}

test("a run of tests takes its temporary folders with it, closed ones too, and keeps its exit code", async () => {
  for (const [does, code] of [["pass", 0], ["fail", 1]] as const) {
    const run = await leaving(does);
    assert.equal(run.code, code, does);
    assert.match(run.made, /tamrl-test-\w{6}.leaves-\w{6}$/);
    assert.deepEqual(run.left, [], does);
  }
});

test("an interrupted run of tests leaves nothing either", async () => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    const run = await leaving("wait", signal);
    assert.notEqual(run.code, 0, signal);
    assert.deepEqual(run.left, [], signal);
  }
});
