import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { test } from "node:test";
import * as ts from "typescript";
import { projectRoot } from "../src/core/files";
import { parseSets, resolveConfig } from "../src/run/config";
import { notebookFile, notebookNames, runNotebooks } from "../src/workbook/notebooks";
import { hasNotebooks } from "../src/workbook/venv";
import { cellsOf, codeOf, dependOnTraining, headersOf, textOf, type Cell } from "./helpers/notebook-cells";

/** What a cell shows, by kind: structure that does not depend on the size of the run. Progress is left out, it comes and goes. */
const kinds = (cell: Cell): readonly string[] => textOf(cell).includes("show.progress(") ? [] : (cell.outputs ?? []).map((o) => (o.data ? Object.keys(o.data).sort().join("+") : o.output_type));

/** Names written as shorthand properties, `{ site }` for `{ site: site }`. */
function shorthands(block: string): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isShorthandPropertyAssignment(node)) found.push(node.name.text);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile("cell.ts", block, ts.ScriptTarget.ES2022));
  return found;
}

const NAMES = notebookNames();
const skip = hasNotebooks() ? false : "needs the notebook kernel in .venv; run npm run setup";

test("a shorthand property is found where it is one", () => {
  assert.deepEqual(shorthands("show({ site, a: 1, ...b }); const { c } = d; f(x, y);"), ["site"]);
});

test("what depends on training is found through the variables that carry it", () => {
  const blocks = ["const split = readSplit(dir);", "const { metrics } = await evaluateRuns(runs, { table: table });", "const rows = metrics.map((m) => m.n);\nshow.table(rows);", "show.card(split);"];
  assert.deepEqual(dependOnTraining(blocks), [false, true, true, false]);
});

test("the notebooks of this version are there", () => {
  assert.deepEqual(NAMES, ["00-start-here", "01-sites-and-records", "02-one-site", "03-how-tamrl-works", "04-train", "05-evaluate", "06-carbon-balance", "07-seasons-and-years", "08-upscale-and-map", "09-ablations"]);
});

for (const name of NAMES) {
  test(`${name} follows the template: a question, what it needs, imports, parameters, a check, changes, exercises`, () => {
    const cells = cellsOf(notebookFile(name));
    const words = cells.filter((c) => c.cell_type === "markdown").map(textOf).join("\n");
    assert.match(textOf(cells[0]!), /^# .*\?\n/);
    for (const part of ["**You will see**", "**Needs**", "**Time**", "**Paper item**", "## Check", "## Change this", "## Exercises", "<details>"]) assert.ok(words.includes(part), `${name}: ${part}`);
    const blocks = codeOf(cells).map(textOf);
    assert.match(blocks[0]!, /^import /);
    assert.match(blocks[1]!, /^\/\/ Parameter/);
    for (const block of blocks) {
      const lines = block.split("\n").filter((l) => l.trim() !== "").length;
      assert.ok(lines <= 12, `${name}: a cell of ${lines} lines:\n${block}`);
      assert.deepEqual(shorthands(block), [], `${name}: a kernel bug: shorthand properties of variables from earlier cells throw`);
    }
    assert.ok(blocks.some((b) => b.includes("throw new Error")), `${name}: the check can fail`);
    for (const block of blocks.filter((b) => b.includes("show.progress("))) {
      assert.doesNotMatch(block, /show\.(figure|table|card|markdown)\(/, `${name}: outputs of a cell with progress are not committed, so it may show nothing else:\n${block}`);
    }
  });

  test(`${name} is committed with its outputs, without counts, timings or paths`, () => {
    const raw = fs.readFileSync(notebookFile(name), "utf8");
    const blocks = codeOf(cellsOf(notebookFile(name)));
    assert.ok(blocks.some((c) => (c.outputs ?? []).some((o) => o.data?.["image/svg+xml"] !== undefined)), `${name}: a figure is shown`);
    assert.ok(blocks.every((c) => (c.execution_count ?? null) === null));
    assert.ok(!raw.includes(projectRoot()) && !raw.includes(os.homedir() + "/"), "no path of a machine");
    assert.ok(!/"output_type": "error"/.test(raw));
  });
}

test("each --set key=value of the notebooks and the guides is one that the configuration takes", () => {
  const guides = ["README.md", "environment.md"].map((file) => ({ file, text: fs.readFileSync(path.join(projectRoot(), file), "utf8") }));
  const texts = [...guides, ...NAMES.map((name) => ({ file: name, text: cellsOf(notebookFile(name)).map(textOf).join("\n") }))];
  const told = texts.flatMap(({ file, text }) => [...text.matchAll(/--set ([a-z_]+)=([\w.:/-]+)/g)].map(([whole, key, value]) => ({ file, whole, set: `${key}=${value}` }))).filter((t) => t.set !== "key=value");
  assert.ok(told.length > 8);
  for (const { file, whole, set } of told) assert.doesNotThrow(() => resolveConfig(parseSets([set])), `${file}: ${whole}`);
});

test("every notebook runs on the real kernel at test size and shows what its committed copy shows", { skip }, async () => {
  const outDir = fs.mkdtempSync(path.join(os.tmpdir(), "notebooks-"));
  const results = await runNotebooks([], { outDir, quick: true });
  for (const { name, file, error } of results) {
    assert.equal(error, null, `${name}: cell ${error?.cell}: ${error?.message}\n${error?.source}`);
    const [committed, run] = [codeOf(cellsOf(notebookFile(name))), codeOf(cellsOf(file))];
    assert.equal(run.length, committed.length);
    run.forEach((cell, i) => {
      assert.deepEqual(kinds(cell), kinds(committed[i]!), `${name}: code cell ${i + 1} shows other kinds of output:\n${textOf(cell)}`);
      assert.deepEqual(headersOf(cell), headersOf(committed[i]!), `${name}: code cell ${i + 1} shows other columns or units`);
    });
  }
  assert.equal(results.length, NAMES.length);
});
