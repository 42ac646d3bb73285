import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { parseGiven } from "../../src/workbook/arguments";
import { FEW_SHOT_OPTIONS, fewShotVerb } from "../../src/workbook/verb-few-shot";

const out = fs.mkdtempSync(path.join(os.tmpdir(), "few-shot-verb-"));
const call = (...argv: string[]): ReturnType<typeof fewShotVerb> => fewShotVerb(parseGiven("few-shot", argv, FEW_SHOT_OPTIONS), { progress: () => undefined, signal: new AbortController().signal });

test("--functions writes a table by family, model and points, and says that it is simulated", async () => {
  const { json, text } = await call("--functions", "--out", out, "--set", "steps=2", "--set", "hidden=4", "--set", "testTasks=3");
  assert.equal((json as unknown[]).length, 5 * 2 * 2);
  assert.match(text, /\| l1 \| maml \| 5 \|/);
  const csv = fs.readFileSync(path.join(out, "families.csv"), "utf8");
  assert.equal(csv.trim().split("\n").length, 21);
  assert.match(csv, /simulated/);
  assert.equal(fs.readFileSync(path.join(out, "families.md"), "utf8"), text);
});

test("what does not go together, and months that are none, are refused before anything is written", async () => {
  const bad = path.join(out, "bad");
  await assert.rejects(call("--functions", "--table", "T.parquet", "--out", bad), (e) => isWorkbookError(e, "BadArgument"));
  for (const months of ["x", "1,,3", "0", "1.5", "-3"]) {
    await assert.rejects(call("--table", "T.parquet", "--out", bad, `--months=${months}`), (e) => isWorkbookError(e, "BadArgument") && e.message.includes(months), months);
  }
  await assert.rejects(call("--functions", "--out", bad, "--set", "step=2"), (e) => isWorkbookError(e, "BadArgument") && /steps/.test(e.message));
  await assert.rejects(call("--table", "T.parquet", "--out", bad, "--set", "shots=3"), (e) => isWorkbookError(e, "BadConfig"));
  assert.ok(!fs.existsSync(bad));
});
