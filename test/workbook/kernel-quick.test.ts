import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { projectRoot } from "../../src/core/files";
import { scratch } from "../helpers/cli";

/** Converts a cell twice in a project of its own, with an edit between, as the kernel does; what tslab's converter made of each. */
function converted(root: string, edit: string): { data: string[]; diagnostics: string[] }[] {
  const script = `
    process.chdir(${JSON.stringify(root)});
    const fs = require("node:fs");
    require(${JSON.stringify(path.join(projectRoot(), "src", "workbook", "kernel-quick.cjs"))}).quicken(process.cwd());
    let changed;
    const converter = require("./node_modules/tslab/dist/converter.js").createConverter({ cwd: process.cwd(), isJS: false, isBrowser: false, _fileWatcher: (name) => name.endsWith("a.ts") && changed() });
    const tell = () => {
      const { diagnostics, sideOutputs } = converter.convert("", 'import { a } from "./src/a";');
      process.stdout.write(JSON.stringify({ data: (sideOutputs ?? []).map((o) => o.data), diagnostics: diagnostics.map((d) => d.messageText) }) + "\\n");
    };
    tell();
    const done = new Promise((resolve) => (changed = resolve));
    fs.writeFileSync("src/a.ts", ${JSON.stringify(edit)});
    done.then(() => { tell(); converter.close(); process.exit(); });`;
  const { stdout, stderr } = spawnSync(process.execPath, ["-e", script], { encoding: "utf8", timeout: 120_000 });
  const lines = stdout.trim().split("\n");
  assert.equal(lines.length, 2, stderr);
  return lines.map((line) => JSON.parse(line) as { data: string[]; diagnostics: string[] });
}

test("the kernel translates src/ from what it kept, without checking what npm test checks, and still takes up an edit and says what is wrong in it", () => {
  const root = fs.realpathSync(scratch("kernel-quick"));
  fs.mkdirSync(path.join(root, "src"));
  fs.symlinkSync(path.join(projectRoot(), "node_modules"), path.join(root, "node_modules"));
  const file = path.join(root, "src", "a.ts");
  const early = new Date(Date.now() - 60_000);
  fs.writeFileSync(file, 'export const a: number = "no number";\n');
  fs.utimesSync(file, early, early);
  const [settled, edited] = converted(root, "export const a: string = 'edited';\n");
  assert.deepEqual(settled!.diagnostics, [], "it was there before the kernel, so its types are npm test's to check");
  assert.match(settled!.data[0]!, /const a = "no number"/);
  assert.deepEqual(edited!.diagnostics, []);
  assert.match(edited!.data[0]!, /exports\.a = 'edited'/);
  const kept = fs.readdirSync(path.join(root, ".cache", "kernel")).length;
  assert.ok(kept > 0);
  fs.utimesSync(file, early, early);
  const [again, wrong] = converted(root, "export const a: number = 'no number';\n");
  assert.match(again!.data[0]!, /const a = "edited"/, "never what was kept of another text");
  assert.match(wrong!.diagnostics.join(), /not assignable to type 'number'/);
});
