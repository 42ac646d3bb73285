import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { projectRoot } from "../../src/core/files";
import { joined, needsKernel, runCells } from "../helpers/notebook";

/** Modules of src/ as a notebook imports them; cli.ts runs when loaded, and what is built to wasm is AssemblyScript. */
function modules(): string[] {
  const root = projectRoot();
  const files = fs.readdirSync(path.join(root, "src"), { recursive: true, encoding: "utf8" }).map((file) => file.replace(/\\/g, "/"));
  return files.filter((file) => file.endsWith(".ts") && file !== "cli.ts" && !/^(backend|data)\/wasm\//.test(file)).map((file) => `./src/${file.replace(/\.ts$/, "")}`).sort();
}

test("every module of src/ imports in the real kernel", needsKernel(), async () => {
  const all = modules();
  assert.ok(all.length > 10, "modules were found");
  const cell = [
    ...all.map((module, i) => `import * as m${i} from "${module}";`),
    `console.log([${all.map((_, i) => `typeof m${i}`).join(", ")}].filter((t) => t === "object").length);`,
  ].join("\n");
  const { result, outputs } = await runCells([cell]);
  assert.equal(result.error?.message, undefined);
  assert.equal(joined(outputs[0]![0]?.text).trim(), String(all.length));
});

test("a notebook anywhere starts in the project's folder, and shows tables, figures and progress as they are meant", needsKernel(), async () => {
  const { result, outputs } = await runCells([
    `import { show } from "./src/workbook/show";\nimport { parameter, quick } from "./src/workbook/parameter";\nconst site = parameter("SITE", "DE-Hai");`,
    `console.log(require("node:fs").existsSync("package.json"), site, quick());`,
    `show.table([{ site: "<b>X</b>", gpp: 4.217 }]);\nshow.figure({ svg: "<svg xmlns='http://www.w3.org/2000/svg'/>", alt: "a", caption: "c" });`,
    `const progress = show.progress();\nprogress({ what: "epoch", done: 1, total: 2, secondsLeft: 1 });\nprogress({ what: "epoch", done: 2, total: 2, secondsLeft: 0 });`,
  ], { SITE: "FR-Pue" });
  assert.equal(result.error?.message, undefined);
  assert.equal(joined(outputs[1]![0]?.text).trim(), "true FR-Pue false");
  const table = joined(outputs[2]![0]?.data?.["text/html"]);
  assert.match(table, /&lt;b&gt;X&lt;\/b&gt;/);
  assert.match(table, /gpp \(g C m⁻² d⁻¹\)/);
  assert.match(joined(outputs[2]![1]?.data?.["image/svg+xml"]), /^<svg/);
  assert.equal(outputs[3]!.length, 1, "progress stays in one place");
  assert.equal(joined(outputs[3]![0]?.data?.["text/plain"]), "epoch: 2 of 2 done");
});

test("a failing cell is reported with its number, source and message, and what ran before it is kept", needsKernel(), async () => {
  const { result, outputs } = await runCells([`console.log("before");`, `import { parseDay } from "./src/core/days";\nparseDay("20181301");`, `console.log("after");`]);
  assert.equal(result.error?.cell, 2);
  assert.match(result.error!.source, /20181301/);
  assert.match(result.error!.message, /a date YYYYMMDD or YYYY-MM-DD is required, got "20181301"/);
  assert.equal(joined(outputs[0]![0]?.text), "before\n");
  assert.equal(outputs[2]!.length, 0);
});

test("a rejected promise that nobody awaited does not pass for success", needsKernel(), async () => {
  const { result } = await runCells([`void Promise.reject(new Error("lost"));`, `await new Promise((done) => setTimeout(done, 300));`]);
  assert.match(result.error?.message ?? "", /lost/);
});
