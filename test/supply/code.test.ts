import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { projectRoot } from "../../src/core/files";

/** Ways in which a text becomes code, as they are written. */
const WAYS: readonly (readonly [name: string, files: RegExp, pattern: RegExp])[] = [
  ["eval", /\.(ts|cjs|js)$/, /(?<![.\w])eval\s*\(|\bnew Function\b|(?<![.\w])Function\s*\(/],
  ["vm", /\.(ts|cjs|js)$/, /["'](node:)?vm["']|\brunIn(This|New)?Context\b/],
  ["timer of text", /\.(ts|cjs|js)$/, /\bset(Timeout|Interval)\(\s*["'`]/],
  ["shell", /\.(ts|cjs|js)$/, /\bshell:|(?<![.\w])exec(Sync)?\(/],
  ["module by name", /\.(ts|cjs|js)$/, /(?<!\w|(?<!\.\.)\.)(require|import)\((?!["'][^"']*["']\))/],
  ["markup by text", /\.(ts|cjs|js)$/, /\b(inner|outer)HTML\s*=|\binsertAdjacentHTML\b|\bdocument\.write\b|runScripts/],
  ["Python code", /\.py$/, /(?<![.\w])(eval|exec|compile|__import__)\s*\(|\b(pickle|marshal|shelve)\b|shell\s*=\s*True|yaml\.load\(|torch\.load\(|allow_pickle|os\.system/],
];

/** What may: the file, the way and how often, and why no text from data gets there. */
const ALLOWED: readonly (readonly [file: string, way: string, times: number, why: string])[] = [
  ["src/backend/lstm/fused.ts", "module by name", 1, "the library that set-up built in .cache"],
  ["src/backend/webgpu.ts", "module by name", 1, "Dawn's binary for this platform, in node_modules"],
  ["src/data/grid/import-module.cjs", "module by name", 1, "packages named in grid/modules.ts"],
  ["src/data/files/read-csv.ts", "module by name", 1, "no module: a function of the caller's that is called require"],
  ["src/data/simulate/grid-land.ts", "module by name", 1, "land of world-atlas, at one of two levels of detail"],
  ["src/engine/worker.ts", "module by name", 1, "a task names a module of the project: task files are code, SECURITY.md says so"],
  ["src/workbook/kernel.cjs", "module by name", 2, "tslab in node_modules, and the class of its sockets"],
  ["src/workbook/kernel-quick.cjs", "module by name", 1, "the kernel's TypeScript in node_modules"],
  ["src/workbook/setup/npm-packages.cjs", "shell", 2, "npm is a script on Windows; its arguments are written here"],
  ["src/workbook/setup/run.cjs", "shell", 1, "passes that on"],
  ["src/workbook/supply/components.ts", "module by name", 2, "set-up's own lists of archives"],
  ["src/workbook/supply/audit.ts", "shell", 1, "npm is a script on Windows; its arguments are written here"],
];

/** A text without its comments. */
function code(text: string, file: string): string {
  return file.endsWith(".py") ? text.replace(/(^|\s)#.*$/gm, "").replace(/"""[\s\S]*?"""/g, "") : text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$|\s\/\/ .*$/gm, "");
}

const files = fs.readdirSync(path.join(projectRoot(), "src"), { recursive: true, encoding: "utf8" }).map((name) => `src/${name.replace(/\\/g, "/")}`).filter((name) => /\.(ts|cjs|js|py)$/.test(name)).sort();

test("no text from data becomes code: every eval, shell, module by name and raw markup in src/ is known, with its reason", () => {
  assert.ok(files.length > 400);
  const found = files.flatMap((file) => {
    const text = code(fs.readFileSync(path.join(projectRoot(), file), "utf8"), file);
    return WAYS.filter(([, of]) => of.test(file)).flatMap(([way, , pattern]) => {
      const times = [...text.matchAll(new RegExp(pattern, "g"))].length;
      return times === 0 ? [] : [`${file}: ${way} × ${times}`];
    });
  });
  assert.deepEqual(found.sort(), ALLOWED.map(([file, way, times]) => `${file}: ${way} × ${times}`).sort(), "an exception needs a line with its reason here, and one that is gone needs none");
});

test("the patterns see what they are for", () => {
  const seen = (way: string, text: string): boolean => WAYS.find(([name]) => name === way)![2].test(text);
  for (const [way, text] of [["eval", "eval(text)"], ["eval", "new Function(a)"], ["vm", 'from "node:vm"'], ["shell", "{ shell: true }"], ["shell", "execSync(a)"], ["module by name", "require(name)"], ["module by name", "import(`./${a}`)"], ["markup by text", "a.innerHTML = b"], ["Python code", "pickle.load(f)"], ["Python code", "exec(code)"], ["timer of text", 'setTimeout("f()")']] as const) assert.ok(seen(way, text), `${way}: ${text}`);
  for (const [way, text] of [["eval", "model.eval()"], ["module by name", 'require("node:fs")'], ["shell", "regex.exec(text)"], ["Python code", "re.compile(x)"]] as const) assert.ok(!seen(way, text), `${way}: ${text}`);
});
