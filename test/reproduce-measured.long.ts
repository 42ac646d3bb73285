import assert from "node:assert/strict";
import * as path from "node:path";
import { test } from "node:test";
import { notebookNames } from "../src/workbook/notebooks";
import { reproduce } from "../src/workbook/reproduce";
import { measuredTable, needsMeasured, removeNotebookRuns } from "./helpers/measured";

test("reproduce goes through with measured towers at its own size, all notebooks and their Checks among it", { ...needsMeasured, timeout: 3_600_000 }, async (t) => {
  const table = await measuredTable();
  t.after(() => removeNotebookRuns(table));
  const { json, failed } = await reproduce({ table, out: path.join(path.dirname(table), "out") });
  for (const { name, error } of json.notebooks) assert.equal(error, null, `${name}: cell ${error?.cell}: ${error?.message}\n${error?.source}`);
  assert.deepEqual([failed, json.simulated, json.notebooks.length], [false, false, notebookNames().length]);
});
