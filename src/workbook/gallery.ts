import * as fs from "node:fs";
import * as path from "node:path";
import { WorkbookError } from "../core/errors";
import { projectRoot } from "../core/files";
import { readFunctions, type ReferenceEntry } from "./reference";
import type { Report } from "./report";
import type { DrawnFigure } from "./show";

const FIGURES = "src/figures";
/** Characters behind a snapshot's name in a test, among which the function that draws it is called. */
const NEAR = 200;

/** A figure of the house, the function that draws it, and how it looks. */
export interface GalleryItem {
  readonly entry: ReferenceEntry;
  readonly figures: readonly DrawnFigure[];
}

/**
 * The figures as the tests draw them: each snapshot beside the function its test calls, in the order of the files of `src/figures/`.
 * @throws WorkbookError BadFile for a snapshot that no test draws
 * @example readGallery().map((item) => item.entry.name)
 */
export function readGallery(tests = path.join(projectRoot(), "test", "figures")): GalleryItem[] {
  const snapshots = path.join(tests, "snapshots");
  const names = fs.readdirSync(snapshots).filter((f) => f.endsWith(".svg") && !f.endsWith("-changed.svg")).map((f) => f.slice(0, -".svg".length)).sort();
  const sources = fs.readdirSync(tests).filter((f) => f.endsWith(".test.ts")).map((f) => fs.readFileSync(path.join(tests, f), "utf8"));
  const functions = fs.readdirSync(path.join(projectRoot(), FIGURES)).filter((f) => f.endsWith(".ts")).sort().flatMap((f) => readFunctions(`${FIGURES}/${f}`)).filter((e) => /: Figure(\[\])?$/.test(e.signature));
  const drawn = names.map((name) => ({ entry: drawnBy(name, sources, functions), figure: asDrawn(name, fs.readFileSync(path.join(snapshots, `${name}.svg`), "utf8")) }));
  return functions.map((entry) => ({ entry, figures: drawn.filter((d) => d.entry === entry).map((d) => d.figure) })).filter((item) => item.figures.length > 0);
}

/** The first figure function that a test calls behind the snapshot's name, or behind a template that begins as the name does. */
function drawnBy(name: string, sources: readonly string[], functions: readonly ReferenceEntry[]): ReferenceEntry {
  const templates = [...name].flatMap((c, i) => (c === "-" ? [`\`${name.slice(0, i + 1)}\${`] : [])).reverse();
  const behind = [`"${name}"`, ...templates].flatMap((marker) => sources.flatMap((text) => text.split(marker).slice(1, 2).map((rest) => rest.slice(0, NEAR))));
  const called = behind.map((text) => functions.map((entry) => ({ entry, at: text.search(new RegExp(`\\b${entry.name}\\(`)) })).filter((c) => c.at >= 0).sort((x, y) => x.at - y.at)[0]);
  const found = called.find((c) => c !== undefined)?.entry;
  if (found === undefined) throw new WorkbookError("BadFile", `gallery: ${name}.svg: a test in test/figures that draws it with a function of ${FIGURES} is required, found none; draw it there, or remove the snapshot`, { file: `${name}.svg` });
  return found;
}

function asDrawn(name: string, svg: string): DrawnFigure {
  return { svg, alt: unescaped(/<desc>([^<]*)<\/desc>/.exec(svg)?.[1] ?? name), caption: `${name}.svg` };
}

function unescaped(text: string): string {
  return text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&quot;/g, '"').replace(/&amp;/g, "&");
}

/** The gallery as a page. @example writeReport(galleryPage(readGallery(), {}), "data/docs/gallery.html") */
export function galleryPage(items: readonly GalleryItem[], provenance: Report["provenance"]): Report {
  const intro = "Drawn by the tests from made-up data, to show the form: **no number here was measured**. In a notebook: `show.figure(siteMap(table.sites, context))`; saved by `saveFigure` as SVG, PNG, its data as CSV, and where it came from.";
  return {
    title: "TAM-RL workbook: figures",
    sections: [
      { heading: "What is here", parts: [{ markdown: intro }] },
      ...items.map(({ entry, figures }) => ({
        heading: entry.name,
        parts: [{ markdown: [entry.purpose, ...entry.examples.map((e) => `\`\`\`ts\n${e}\n\`\`\``), `\`${entry.file}\``].join("\n\n") }, ...figures.map((figure) => ({ figure }))],
      })),
    ],
    provenance,
  };
}
