import assert from "node:assert/strict";
import * as fs from "node:fs";
import { JSDOM } from "jsdom";
import * as os from "node:os";
import * as path from "node:path";
import { test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import type { Figure } from "../../src/figures/figure";
import { renderFigure, saveFigure, toPng } from "../../src/figures/render";
import { siteMap } from "../../src/figures/site-map";
import { learningCurves } from "../../src/figures/learning-curves";
import { PERIOD, SITES } from "./cases";

const small = (simulated: boolean): Figure => learningCurves([1, 2, 3].map((epoch) => ({ model: "lstm", stage: 1, epoch, train: 1 / epoch, validation: 2 / epoch })), { period: PERIOD, simulated });

function parse(svg: string): Document {
  return new JSDOM(svg, { contentType: "image/svg+xml" }).window.document;
}

function temporaryFolder(): string {
  return fs.mkdtempSync(path.join(os.tmpdir(), "figures-"));
}

test("an SVG stands alone: namespace, font by name, title, description, n and period in it", () => {
  const svg = renderFigure(small(false));
  const root = parse(svg).documentElement;
  assert.equal(root.namespaceURI, "http://www.w3.org/2000/svg");
  assert.equal(root.getAttribute("width"), "640");
  assert.match(root.getAttribute("font-family")!, /^DejaVu Sans/);
  assert.equal(root.querySelector("title")!.textContent, "Training and validation loss by epoch");
  assert.equal(root.querySelector("desc")!.textContent, root.getAttribute("aria-label"));
  assert.match(svg, /n = 3 epochs of 1 model · 2001-01-01 to 2002-12-31/);
  assert.doesNotMatch(svg, /NaN|undefined|Infinity|<style|<foreignObject/);
});

test("the word simulated is printed in a figure of simulated data, and in no other", () => {
  assert.match(parse(renderFigure(small(true))).documentElement.textContent!, /simulated data/);
  assert.doesNotMatch(renderFigure(small(false)), /simulated/);
});

test("characters that mean something in XML are text in a figure", () => {
  const hard = { ...small(false), title: `a < b & "c"`, notes: ["<script>alert(1)</script>"] };
  const document = parse(renderFigure(hard));
  assert.equal(document.querySelector("title")!.textContent, `a < b & "c"`);
  assert.equal(document.querySelector("script"), null);
});

test("the same figure gives the same text, however many were drawn before it", () => {
  const figure = siteMap(SITES, { simulated: false, period: PERIOD, extent: [0, 40, 40, 70] });
  assert.match(renderFigure(figure), /id="site-map-igbp-clip-1"/, "the case has a clip path, whose id Plot counts");
  assert.equal(renderFigure(figure), renderFigure(figure));
});

test("a PNG has the magic bytes and the size of the SVG times its scale, and text in the bundled font", () => {
  const svg = renderFigure(small(false));
  const height = Number(/ height="(\d+)" viewBox/.exec(svg)![1]);
  for (const scale of [1, 3]) {
    const png = Buffer.from(toPng(svg, scale));
    assert.deepEqual([...png.subarray(0, 8)], [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
    assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [640 * scale, height * scale]);
  }
  const wordless = svg.replace(/<text[^>]*>.*?<\/text>/g, "");
  assert.ok(toPng(wordless).length < 0.8 * toPng(svg).length, "text is drawn");
});

test("saving writes the figure, its picture, its data and its provenance", async () => {
  const dir = path.join(temporaryFolder(), "new", "folder");
  const files = await saveFigure(small(true), dir, "loss", { run: "runs/a", seed: 3 });
  assert.deepEqual(files.map((file) => path.basename(file)), ["loss.svg", "loss.png", "loss.csv", "loss.meta.json"]);
  assert.deepEqual(fs.readdirSync(dir).sort(), ["loss.csv", "loss.meta.json", "loss.png", "loss.svg"]);
  assert.equal(fs.readFileSync(files[0]!, "utf8"), renderFigure(small(true)));
  assert.match(fs.readFileSync(files[2]!, "utf8"), /^model,stage,epoch,train,validation\nlstm,1,1,1,2\n/);
  const meta = JSON.parse(fs.readFileSync(files[3]!, "utf8"));
  assert.deepEqual(meta.provenance, { run: "runs/a", seed: 3 });
  assert.deepEqual([meta.simulated, meta.data, meta.n, meta.n_of, meta.period, meta.rows], [true, "simulated", 3, "epochs of 1 model", "2001-01-01 to 2002-12-31", 3]);
});

test("a figure that cannot be drawn leaves nothing behind, and an older one as it was", async () => {
  const dir = temporaryFolder();
  await saveFigure(small(false), dir, "loss", {});
  const before = fs.readFileSync(path.join(dir, "loss.svg"), "utf8");
  const broken: Figure = { ...small(true), draw: () => { throw new Error("no"); } };
  await assert.rejects(saveFigure(broken, dir, "loss", {}), /no/);
  await assert.rejects(saveFigure(broken, path.join(dir, "other"), "loss", {}), /no/);
  assert.equal(fs.readFileSync(path.join(dir, "loss.svg"), "utf8"), before);
  assert.deepEqual(fs.readdirSync(dir).sort(), ["loss.csv", "loss.meta.json", "loss.png", "loss.svg"]);
});

test("every figure refuses empty data by saying what it needs", () => {
  assert.throws(() => learningCurves([], { period: null, simulated: false }), (e) => isWorkbookError(e, "EmptyTable") && /learningCurves: at least one epoch with a loss required, found none in 0 epochs/.test(e.message));
});
