import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { projectRoot } from "../src/core/files";

/** Folders of src/ in import order: each may import from those to its left. `engine` is more confined, see below. */
const ORDER = ["core", "engine", "data", "windows", "backend", "model", "run", "evaluate", "upscale", "figures", "workbook"];
/** These stand above all folders. */
const ABOVE = ["bench", "cli", "cli.ts", "index.ts"];
const MAX_LINES = 300;
/** Names the system's folder for temporary files, but makes nothing there: what notebooks as committed may not name. */
const SYSTEMS_FOLDER = ["src/workbook/refresh.ts"];

/** Packages with a home, as a pattern of the import and of the files that may have it. */
const HOMES: readonly (readonly [RegExp, RegExp])[] = [
  [/^@tensorflow\//, /^src\/backend\//],
  [/^(tslab|nodeplotlib|danfojs)/, /^src\/workbook\//],
];
/** What may import the backend, and with it TensorFlow. */
const ON_BACKEND = /^src\/(backend|model|run|bench|workbook|cli)\/|^src\/(evaluate\/predict|upscale\/infer|cli|index)\.ts$/;

interface Source {
  readonly file: string;
  readonly text: string;
}

function sources(folder: string, ending: RegExp): Source[] {
  const root = path.join(projectRoot(), folder);
  if (!fs.existsSync(root)) return [];
  return fs
    .readdirSync(root, { recursive: true, encoding: "utf8" })
    .map((file) => `${folder}/${file.replace(/\\/g, "/")}`)
    .filter((file) => ending.test(file))
    .sort()
    .map((file) => ({ file, text: fs.readFileSync(path.join(projectRoot(), file), "utf8") }));
}

const src = sources("src", /\.ts$/);
const everything = [...sources("src", /\.(ts|cjs|py|cc|h)$/), ...sources("test", /\.(ts|py)$/), ...sources("notebooks", /\.ipynb$/)];

/** What a file imports or requires, type-only imports too: they also say who knows whom. */
function imports({ text }: Source): { name: string; typeOnly: boolean }[] {
  const found = [...text.matchAll(/^\s*(?:import|export)\s+(type\s)?[^;"']*?from\s+["']([^"']+)["']|\brequire\(["']([^"']+)["']\)|^import\s+["']([^"']+)["']/gm)];
  return found.map((m) => ({ name: m[2] ?? m[3] ?? m[4]!, typeOnly: m[1] !== undefined }));
}

/** First folder below src/, or the file itself. */
const place = (file: string): string => file.split("/")[1]!;

function resolved(from: string, name: string): string {
  return path.posix.normalize(path.posix.join(path.posix.dirname(from), name));
}

/** Fails with every offender, one a line. */
function none(offenders: readonly string[]): void {
  assert.equal(offenders.join("\n"), "");
}

test("there is something to look at", () => {
  assert.ok(src.length > 30 && everything.length > src.length);
});

test("a folder imports only from those to its left", () => {
  none(
    src.filter(({ file }) => !ABOVE.includes(place(file))).flatMap((source) =>
      imports(source)
        .filter(({ name }) => name.startsWith("."))
        .map(({ name }) => place(resolved(source.file, name)))
        .filter((to) => {
          const from = place(source.file);
          if (from === "engine") return !["core", "engine"].includes(to);
          return ORDER.indexOf(to) < 0 || ORDER.indexOf(to) > ORDER.indexOf(from);
        })
        .map((to) => `${source.file} imports ${to}`)));
});

test("TensorFlow is touched through the backend only, and by those who may", () => {
  none(
    src.flatMap((source) =>
      imports(source)
        .filter(({ name }) => name.startsWith(".") && place(resolved(source.file, name)) === "backend" && !ON_BACKEND.test(source.file))
        .map(({ name }) => `${source.file} imports ${name}`)));
});

test("TensorFlow, tslab, nodeplotlib and danfojs are imported where they live", () => {
  none(
    src.flatMap((source) =>
      imports(source).flatMap(({ name }) => HOMES.filter(([pattern, home]) => pattern.test(name) && !home.test(source.file)).map(() => `${source.file} imports ${name}`))));
});

test("modules load in tsx and in the kernel alike", () => {
  none(
    src.flatMap((source) => [
      ...imports(source).filter(({ name }) => name.startsWith(".") && /\.ts$/.test(name)).map(({ name }) => `${source.file} imports ${name} with its ending`),
      ...(/\bimport\.meta\b/.test(source.text) ? [`${source.file} uses import.meta`] : []),
      ...(/^(export )?(const|let) [^=]+= await |^await /m.test(source.text) ? [`${source.file} awaits at top level`] : []),
    ]));
});

test("names are exported, none is the default", () => {
  none(src.filter(({ text }) => /^export default\b|\bexport\s*\{[^}]*\bas default\b/m.test(text)).map(({ file }) => file));
});

test("only the command line and the workbook write to the console", () => {
  none(src.filter(({ file, text }) => !["cli", "cli.ts", "workbook", "bench"].includes(place(file)) && /\bconsole\.\w+\(/.test(code(text))).map(({ file }) => file));
});

test("temporary folders in the system's place are made where those of killed processes are taken away", () => {
  none(src.filter(({ file, text }) => file !== "src/core/temporary-folder.ts" && /\btmpdir\(\)/.test(code(text)) && !SYSTEMS_FOLDER.includes(file)).map(({ file }) => file));
});

/** A text without its comments. */
function code(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$|\s\/\/ .*$/gm, "");
}

test(`a file has ${MAX_LINES} lines at most`, () => {
  const held = everything.filter(({ file }) => /\.(ts|cjs|py)$/.test(file));
  none(held.filter(({ text }) => text.trimEnd().split("\n").length > MAX_LINES).map(({ file, text }) => `${file}: ${text.trimEnd().split("\n").length}`));
});

test("no folder or file is called utils", () => {
  none(everything.filter(({ file }) => /\b(utils?|helpers?|misc|common)\.(ts|cjs)$|\/utils?\//.test(file)).map(({ file }) => file));
});

test("an exported function says what it does", () => {
  none(
    src.flatMap(({ file, text }) =>
      [...text.matchAll(/^export (?:async )?function (\w+)/gm)].filter((m) => !documented(text, m.index!, m[1]!)).map((m) => `${file}: ${m[1]}`)));
});

test("a public name that is a function shows one line of use", () => {
  const index = src.find(({ file }) => file === "src/index.ts");
  const reexports = [...(index?.text ?? "").matchAll(/^export \{([^}]*)\} from "(\.[^"]+)"/gm)];
  none(
    reexports.flatMap((m) => {
      const source = src.find(({ file }) => file === `${resolved("src/index.ts", m[2]!)}.ts`);
      const names = m[1]!.split(",").map((n) => n.trim()).filter((n) => n !== "" && !n.startsWith("type "));
      return names.filter((n) => lacksExample(source?.text ?? "", n.split(" as ")[0]!)).map((n) => `${source?.file}: ${n}`);
    }));
});

/** Whether `name` is a function of the text whose docstring has no example. */
function lacksExample(text: string, name: string): boolean {
  const at = text.search(new RegExp(`^export (async )?function ${name}\\b`, "m"));
  return at >= 0 && !text.slice(text.lastIndexOf("/**", at), at).includes("@example");
}

/** Whether a docstring stands before the function, or before its first overload. */
function documented(text: string, at: number, name: string): boolean {
  const first = text.search(new RegExp(`^export (async )?function ${name}\\b`, "m"));
  return /\*\/\s*$/.test(text.slice(0, Math.min(first, at)));
}

test("nothing is left to do, and nothing names a machine", () => {
  const left = new RegExp(["TO" + "DO", "FIX" + "ME", "\\bst" + "ub"].join("|"), "i");
  const machine = new RegExp(["/wo" + "rk/", "/ro" + "ot/", "/ho" + "me/\\w", "/Us" + "ers/\\w"].join("|"));
  const held = everything.filter(({ file }) => file !== "test/house.test.ts");
  none(held.filter(({ text }) => left.test(text)).map(({ file }) => `${file}: something left to do`));
  none(held.filter(({ text }) => machine.test(text)).map(({ file }) => `${file}: a path of a machine`));
});
