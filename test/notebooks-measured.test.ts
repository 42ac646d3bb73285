import assert from "node:assert/strict";
import * as path from "node:path";
import { test } from "node:test";
import { train } from "../src/run/train";
import { runNotebooks } from "../src/workbook/notebooks";
import { SIZES } from "../src/workbook/sizes";
import { cellsOf, wordsShown } from "./helpers/notebook-cells";
import { measuredTable, needsMeasured, removeNotebookRuns } from "./helpers/measured";

test("notebooks that make something of their own go through with measured towers, and what needs a truth says why it shows virtual ones", needsMeasured, async (t) => {
  const table = await measuredTable();
  t.after(() => removeNotebookRuns(table));
  const dir = path.dirname(table);
  for (const model of ["lstm", "tamrl"]) await train({ table, out: path.join(dir, "runs", model), config: { ...SIZES.quick.config, model } });
  const results = await runNotebooks(["02", "03", "08", "09"], { outDir: path.join(dir, "out"), quick: true, env: { TABLE: table, RUNS: path.join(dir, "runs") } });
  for (const { name, error } of results) assert.equal(error, null, `${name}: cell ${error?.cell}: ${error?.message}\n${error?.source}`);
  for (const { name, file } of results.filter((r) => /^0[38]/.test(r.name))) assert.match(cellsOf(file).flatMap(wordsShown).join(" "), /the truth of T\.parquet is not known, for it is measured; virtual towers are shown instead/, name);
});
