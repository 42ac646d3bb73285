import * as crypto from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { WorkbookError } from "../core/errors";
import { projectRoot, writeAtomic } from "../core/files";
import type { Figure } from "../figures/figure";
import { cellsOf, cellsToHtml, type TableInput, type TableOptions } from "./cells";
import { escapeHtml } from "./escape";
import { markdownToHtml } from "./markdown";
import { siteDetailsToHtml, type SiteDetails } from "./report-sites";
import { REPORT_STYLE } from "./report-style";
import { drawn, type DrawnFigure } from "./show";

/** A piece of a section. */
export type ReportPart =
  | { readonly markdown: string }
  | { readonly table: TableInput; readonly options?: TableOptions }
  | { readonly figure: Figure | DrawnFigure }
  /** the list of sites, each of which opens; once in a report */
  | { readonly sites: SiteDetails };

export interface ReportSection {
  readonly heading: string;
  readonly parts: readonly ReportPart[];
}

export interface Report {
  readonly title: string;
  readonly sections: readonly ReportSection[];
  /** where it comes from: commit, seeds, versions, hash of the data */
  readonly provenance: Readonly<Record<string, unknown>>;
}

/** Above this a report no longer travels by mail. */
const MAX_BYTES = 5_000_000;

/** A table of more rows scrolls in a window of its own, under its header. */
const LONG = 30;

/** The page's own script, without which it can still be read. */
const SCRIPT = path.join(projectRoot(), "src", "workbook", "report-page.js");

/** Nothing is fetched, and no script but the page's own runs, whatever a text in the page says. */
function policy(script: string): string {
  const hash = crypto.createHash("sha256").update(script).digest("base64");
  return `default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
}

/**
 * The report as one HTML page that needs no network: figures inside it, every text escaped, a text alternative to every figure. Its tables
 * sort, its sites open and its theme changes by mouse and keyboard; without scripts all but the opened sites can be read.
 * @example reportHtml({ title: "Run a", sections: [{ heading: "Scores", parts: [{ table: rows }] }], provenance: { commit } })
 */
export function reportHtml(report: Report): string {
  const script = fs.readFileSync(SCRIPT, "utf8");
  const contents = report.sections.map(({ heading }, i) => `<li><a href="#s${i + 1}">${escapeHtml(heading)}</a></li>`).join("");
  const sections = report.sections.map(({ heading, parts }, i) => `<section id="s${i + 1}">\n<h2>${escapeHtml(heading)}</h2>\n${parts.map((piece) => part(piece, heading)).join("\n")}\n</section>`);
  const entries = Object.entries(report.provenance).map(([what, value]) => ({ what, value: typeof value === "object" ? JSON.stringify(value) : String(value) }));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(script)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(report.title)}</title>
<style>${REPORT_STYLE}</style>
</head>
<body>
<a class="skip" href="#main">To the content</a>
<header><h1>${escapeHtml(report.title)}</h1></header>
<nav aria-label="Contents"><ol>${contents}</ol></nav>
<main id="main">
${sections.join("\n")}
</main>
<footer>
<h2>Provenance</h2>
${scrolled(cellsToHtml(cellsOf(entries, { limit: entries.length })), "Provenance")}
</footer>
<script>${script}</script>
</body>
</html>
`;
}

function part(piece: ReportPart, heading: string): string {
  if ("markdown" in piece) return markdownToHtml(piece.markdown);
  if ("sites" in piece) return siteDetailsToHtml(piece.sites);
  if ("table" in piece) {
    const cells = cellsOf(piece.table, { limit: 200, ...piece.options });
    return scrolled(cellsToHtml(cells), heading, cells.rows.length > LONG);
  }
  const { svg, alt, caption } = drawn(piece.figure);
  // as an image, ids of one figure cannot reach into another, and nothing in it runs
  const source = `data:image/svg+xml;base64,${Buffer.from(svg, "utf8").toString("base64")}`;
  return `<figure><img src="${source}" alt="${escapeHtml(alt)}"><figcaption>${escapeHtml(caption)}</figcaption></figure>`;
}

/** A wide table scrolls by itself, by keyboard too. */
function scrolled(table: string, heading: string, tall = false): string {
  return `<div class="scroll${tall ? " tall" : ""}" tabindex="0" role="region" aria-label="${escapeHtml(`table: ${heading}`)}">${table}</div>`;
}

/**
 * Writes the report, whole or not at all.
 * @throws WorkbookError BadArgument above 5 MB, naming the heaviest section
 * @example writeReport(report, "out/report.html")
 */
export function writeReport(report: Report, file: string): void {
  const html = reportHtml(report);
  const bytes = Buffer.byteLength(html);
  if (bytes > MAX_BYTES) {
    const weight = (section: ReportSection): number => section.parts.reduce((sum, piece) => sum + part(piece, section.heading).length, 0);
    const heaviest = [...report.sections].sort((a, b) => weight(b) - weight(a))[0];
    throw new WorkbookError("BadArgument", `writeReport: ${file}: at most 5 MB required, found ${(bytes / 1e6).toFixed(1)} MB, most of it in "${heaviest?.heading ?? ""}"; leave figures with many points out`, { file });
  }
  writeAtomic(file, html);
}
