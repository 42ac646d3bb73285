import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { writeTable } from "../../src/data/store";
import { runNotebooksAtSites } from "../../src/workbook/notebooks-at-sites";
import { needsKernel } from "../helpers/notebook";
import { aSite, towerTable } from "../helpers/tables";

const dir = fs.mkdtempSync(path.join(os.tmpdir(), "at-sites-"));
const TABLE = path.join(dir, "T.parquet");
const written = writeTable(towerTable([aSite("DE-Hai"), aSite("DE-Tha")], 60), TABLE);
const options = { outDir: path.join(dir, "out"), env: { TABLE } };

test("an unknown site is refused before anything runs, with the nearest ids", async () => {
  await written;
  await assert.rejects(runNotebooksAtSites(["02"], ["DE-Hai", "DE-Thx"], options), (e) => isWorkbookError(e, "BadSite") && /nearest DE-Tha/.test(e.message));
  const virtual = { outDir: options.outDir, quick: true, env: { TABLE: "" } };
  await assert.rejects(runNotebooksAtSites(["02"], ["DE-Hai"], virtual), (e) => isWorkbookError(e, "BadSite") && /a site of the virtual flux network is required.*; give your own table with --table T\.parquet/.test(e.message));
  assert.ok(!fs.existsSync(options.outDir));
});

test("a notebook without SITE cannot be run for sites", async () => {
  await assert.rejects(runNotebooksAtSites(["05"], ["DE-Hai"], options), (e) => isWorkbookError(e, "BadArgument") && /05-evaluate has none; name 02/.test(e.message));
});

test("each site's copy lies in a folder of its own", needsKernel(), async () => {
  await written;
  const cell = (source: string): object => ({ cell_type: "code", id: "a", metadata: {}, execution_count: null, outputs: [], source });
  const file = path.join(dir, "one.ipynb");
  const kernelspec = { name: "tslab", display_name: "TypeScript", language: "typescript" };
  fs.writeFileSync(file, JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: { kernelspec }, cells: [cell("// parameter(\"SITE\", …)\nconsole.log(`at ${process.env.SITE}`);")] }));
  const results = await runNotebooksAtSites([file], ["DE-Hai", "DE-Tha"], options);
  assert.deepEqual(results.map((r) => [r.name, r.error, path.relative(options.outDir, r.file)]), [["one at DE-Hai", null, "DE-Hai/one.ipynb"], ["one at DE-Tha", null, "DE-Tha/one.ipynb"]]);
  assert.ok(results.every((r, k) => fs.readFileSync(r.file, "utf8").includes(`at ${["DE-Hai", "DE-Tha"][k]}`)));
});
