import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { JSDOM } from "jsdom";
import { silent } from "../../src/core/progress";
import { writeTable } from "../../src/data/store";
import { renderFigure } from "../../src/figures/render";
import { siteMap } from "../../src/figures/site-map";
import { citationsMarkdown } from "../../src/data/sources/citations";
import { train } from "../../src/run/train";
import { parseGiven } from "../../src/workbook/arguments";
import { galleryPage, readGallery } from "../../src/workbook/gallery";
import { reportHtml } from "../../src/workbook/report";
import { evaluateVerb } from "../../src/workbook/verb-evaluate";
import { reportRuns } from "../../src/workbook/verb-report";
import { SITES_OPTIONS, sitesVerb } from "../../src/workbook/verb-sites";
import { VERBS } from "../../src/workbook/verbs";
import { scratch } from "../helpers/cli";
import { aSite, towerTable } from "../helpers/tables";

const MARKUP = "<img src=x onerror=alert(1)>";
const NAMES = [MARKUP, "</script><script>alert(2)</script>", "=HYPERLINK(\"http://x\")", "@SUM(A1)", "\" onmouseover=\"alert(3)", "[x](javascript:alert(4))", "a\\|b`c`\n## d <b>", "\u001b[2J\ufffe", "S8", "S9"];

/** Fails with whatever in a page could run, be fetched, or act when touched. */
function harmless(html: string): Document {
  const { document } = new JSDOM(html).window;
  const scripts = [...document.querySelectorAll("script")].filter((s) => s.type !== "application/json");
  assert.ok(scripts.length <= 1, "the page's own script alone");
  for (const element of document.querySelectorAll("*")) {
    for (const { name, value } of element.attributes) {
      assert.ok(!/^on/i.test(name), `${element.tagName} ${name}`);
      if (["src", "href"].includes(name)) assert.match(value, /^(data:image\/svg\+xml;base64,|#|https:\/\/)/, `${element.tagName} ${name}=${value}`);
    }
  }
  for (const image of document.querySelectorAll("img")) harmlessSvg(Buffer.from(image.src.split(",")[1]!, "base64").toString("utf8"));
  return document;
}

function harmlessSvg(svg: string): void {
  const { document } = new JSDOM(svg, { contentType: "image/svg+xml" }).window;
  assert.equal(document.querySelectorAll("script, foreignObject, iframe, image").length, 0);
  for (const element of document.querySelectorAll("*")) for (const { name } of element.attributes) assert.ok(!/^on/i.test(name), name);
}

/** Fails with a tag, a link to a script or a line begun by a name in a page of Markdown, and with a table whose rows differ in length. */
function harmlessMarkdown(text: string, where: string): void {
  const plain = text.replace(/\\[!-/:-@[-`{-~]/g, "").replace(/`[^`\n]*`/g, "");
  assert.doesNotMatch(plain, /<[a-z/!?]|\]\(javascript|^## d/im, where);
  for (const table of plain.split(/\n(?!\|)/)) {
    const rows = table.split("\n").filter((line) => line.startsWith("|")).map((line) => line.split("|").length);
    assert.deepEqual(rows.filter((n) => n !== rows[0]), [], where);
  }
}

/** Fields of a CSV text, quotes taken off. */
function fieldsOf(csv: string): string[] {
  return [...csv.matchAll(/(?:^|[,\n])("(?:[^"]|"")*"|[^,\n]*)/g)].map((m) => m[1]!.replace(/^"|"$/g, "").replace(/""/g, '"'));
}

test("sites named like markup, formulas and script ends are text in a run's report, in its figures and in its tables", async () => {
  const folder = scratch("hostile-names");
  const table = path.join(folder, "T.parquet");
  await writeTable(towerTable(NAMES.map((name, i) => aSite(name, { lat: 30 + 3 * i, igbp: i % 2 ? "CRO" : "ENF" })), 200), table);
  const out = path.join(folder, "run");
  await train({ table, out, config: { model: "climatology", split: { train: ["S8", "S9"], test: NAMES.slice(0, 8) } } });
  const { file } = await reportRuns([out]);
  const document = harmless(fs.readFileSync(file, "utf8"));
  for (const name of NAMES.slice(0, 8)) assert.ok(document.body.textContent!.includes(name), `${name} is shown as it is`);
  const tables = fs.readdirSync(path.dirname(file), { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".csv"));
  assert.ok(tables.length > 2);
  let prefixed = 0;
  for (const name of tables) {
    for (const field of fieldsOf(fs.readFileSync(path.join(path.dirname(file), name), "utf8"))) {
      assert.ok(!/^[=+@\t\r]/.test(field) && !/^-(?![\d.])/.test(field), `${name}: a spreadsheet would run ${field}`);
      if (field.startsWith("'=") || field.startsWith("'@")) prefixed++;
    }
  }
  assert.ok(prefixed > 0, "the names that begin like formulas are there");
});

test("a table's cards, figures and citations, and the page of Markdown beside a comparison of runs, show such names as text; a figure with a name that XML cannot hold is whole", async () => {
  const folder = scratch("hostile-names");
  const table = towerTable(NAMES.map((name, i) => aSite(name, { lat: 30 + 3 * i })), 200);
  const file = path.join(folder, "T.parquet");
  await writeTable(table, file);
  const runs = ["a|b", "<b>c</b>"].map((name) => path.join(folder, name));
  for (const out of runs) await train({ table: file, out, config: { model: "climatology", split: { train: ["S8", "S9"], test: NAMES.slice(0, 8) } } });
  await evaluateVerb(parseGiven("evaluate", [...runs, "--table", file, "--out", path.join(folder, "evaluation")], VERBS["evaluate"]!.options), { progress: silent, signal: new AbortController().signal });
  await sitesVerb(parseGiven("sites", [file, "--out", path.join(folder, "cards")], SITES_OPTIONS));
  const cited = citationsMarkdown("T.parquet", { table: { ...table, rows: table.rows.assign({ source: Array.from({ length: table.rows.numRows() }, () => NAMES[6]!) }) }, ofSites: NAMES.map((site) => ({ site, doi: null, citation: MARKUP })) });
  const pages = fs.readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".md"));
  assert.equal(pages.length, 2);
  for (const [name, text] of [...pages.map((name) => [name, fs.readFileSync(path.join(folder, name), "utf8")] as const), ["citations", cited] as const]) harmlessMarkdown(text, name);
  const figures = fs.readdirSync(path.join(folder, "cards")).filter((name) => name.endsWith(".svg"));
  assert.ok(figures.length > 0);
  for (const name of figures) harmlessSvg(fs.readFileSync(path.join(folder, "cards", name), "utf8"));
});

test("a figure's text alternative, caption and notes with markup stay text in report and gallery", () => {
  const figure = siteMap([aSite("S0"), aSite(MARKUP, { lat: null, lon: null })], { simulated: true, period: null });
  harmlessSvg(renderFigure(figure));
  const document = harmless(reportHtml({ title: MARKUP, sections: [{ heading: MARKUP, parts: [{ figure }, { markdown: `**${MARKUP}** and [x](javascript:alert(1))` }] }], provenance: { [MARKUP]: MARKUP } }));
  assert.equal(document.title, MARKUP);
  const [item] = readGallery();
  harmless(reportHtml(galleryPage([{ ...item!, figures: [{ svg: "<svg xmlns='http://www.w3.org/2000/svg'/>", alt: MARKUP, caption: `${MARKUP}.svg` }] }], { workbook: MARKUP })));
});
