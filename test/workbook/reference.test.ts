import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { readGallery } from "../../src/workbook/gallery";
import { readReference } from "../../src/workbook/reference";
import { referenceMarkdown, referencePage } from "../../src/workbook/reference-page";
import { reportHtml } from "../../src/workbook/report";
import * as workbook from "../../src/index";
import { scratch } from "../helpers/cli";

const reference = readReference();

test("every public name says what it is for, and every public function shows a line of use", () => {
  assert.deepEqual(reference.filter((e) => e.purpose === "").map((e) => `${e.file}: ${e.name}`), []);
  assert.deepEqual(reference.filter((e) => e.kind === "function" && e.examples.length === 0).map((e) => `${e.file}: ${e.name}`), []);
  assert.deepEqual(reference.filter((e) => e.kind !== "type" || e.name === "WorkbookError").map((e) => e.name).sort(), Object.keys(workbook).sort(), "the reference has what the module has");
});

test("a docstring's parts, overloads, constants and classes come out as a caller sees them", () => {
  const dir = scratch("reference");
  fs.writeFileSync(path.join(dir, "index.ts"), '// core: first things\nexport { Bad, LIMIT, pick, type Pair } from "./a";\n');
  fs.writeFileSync(path.join(dir, "a.ts"), [
    "/** Two values `[row]`. */", "export type Pair = readonly [number, number];", "/** Longest. */", "export const LIMIT: number = 3;",
    "/**", " * Picks one,", " * by place.", " * @throws WorkbookError BadArgument for none", " * @source Eq. 3", " * @example pick([1, 2], 0) // 1", " */",
    "export function pick(pair: Pair, at: number): number;", "export function pick(pair: Pair): Pair;", "export function pick(pair: Pair, at?: number): number | Pair {", "  return at === undefined ? pair : pair[at]!;", "}",
    "/** What is wrong. */", "export class Bad extends Error {", "  constructor(readonly tag: string) {", '    super("hidden");', "  }", "}", "",
  ].join("\n"));
  const of = Object.fromEntries(readReference(path.join(dir, "index.ts")).map((e) => [e.name, e]));
  assert.equal(of["pick"]!.signature, "function pick(pair: Pair, at: number): number;\nfunction pick(pair: Pair): Pair;");
  assert.deepEqual([of["pick"]!.purpose, of["pick"]!.throws, of["pick"]!.sources, of["pick"]!.examples], ["Picks one,\nby place.", ["WorkbookError BadArgument for none"], ["Eq. 3"], ["pick([1, 2], 0) // 1"]]);
  assert.deepEqual([of["LIMIT"]!.signature, of["Pair"]!.shapes, of["Pair"]!.stage], ["const LIMIT: number = 3", ["[row]"], "core: first things"]);
  assert.ok(of["Bad"]!.signature.startsWith("class Bad extends Error") && !of["Bad"]!.signature.includes("hidden"));
  assert.match(referenceMarkdown(Object.values(of)), /- \*\*uses\*\* \[Pair\]\(#Pair\)/);
});

test("the reference is a page whose links all lead to a heading", () => {
  const html = reportHtml(referencePage(reference, {}));
  const ids = new Set([...html.matchAll(/ id="([^"]+)"/g)].map((m) => m[1]));
  assert.deepEqual([...html.matchAll(/href="#([^"]+)"/g)].map((m) => m[1]).filter((to) => !ids.has(to)), []);
});

test("the gallery shows every snapshot of the tests once, beside the function that draws it", () => {
  const items = readGallery();
  const snapshots = fs.readdirSync(path.join(__dirname, "..", "figures", "snapshots")).filter((f) => f.endsWith(".svg") && !f.endsWith("-changed.svg"));
  assert.deepEqual(items.flatMap((i) => i.figures.map((f) => f.caption)).sort(), snapshots.sort());
  assert.ok(items.every((i) => i.entry.purpose !== "" && i.figures.every((f) => f.alt.length > 20)));
  assert.equal(items.find((i) => i.figures.some((f) => f.caption === "model-bars-r2.svg"))!.entry.name, "modelBars");
});
