import { WorkbookError } from "../core/errors";
import { writeAtomic } from "../core/files";
import type { Figure } from "../figures/figure";
import { cellsOf, cellsToHtml, type TableInput, type TableOptions } from "./cells";
import { escapeHtml } from "./escape";
import { markdownToHtml } from "./markdown";
import { REPORT_STYLE } from "./report-style";
import { drawn, type DrawnFigure } from "./show";

/** A piece of a section. */
export type ReportPart =
  | { readonly markdown: string }
  | { readonly table: TableInput; readonly options?: TableOptions }
  | { readonly figure: Figure | DrawnFigure };

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

/** Nothing is fetched and no script runs, whatever a text in the page says. */
const POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";

/**
 * The report as one HTML page that needs no network: figures inside it, every text escaped, a text alternative to every figure.
 * @example reportHtml({ title: "Run a", sections: [{ heading: "Scores", parts: [{ table: rows }] }], provenance: { commit } })
 */
export function reportHtml(report: Report): string {
  const contents = report.sections.map(({ heading }, i) => `<li><a href="#s${i + 1}">${escapeHtml(heading)}</a></li>`).join("");
  const sections = report.sections.map(({ heading, parts }, i) => `<section id="s${i + 1}">\n<h2>${escapeHtml(heading)}</h2>\n${parts.map(part).join("\n")}\n</section>`);
  const entries = Object.entries(report.provenance).map(([what, value]) => ({ what, value: typeof value === "object" ? JSON.stringify(value) : String(value) }));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(report.title)}</title>
<style>${REPORT_STYLE}</style>
</head>
<body>
<header><h1>${escapeHtml(report.title)}</h1></header>
<nav aria-label="Contents"><ol>${contents}</ol></nav>
<main>
${sections.join("\n")}
</main>
<footer>
<h2>Provenance</h2>
${scrolled(cellsToHtml(cellsOf(entries, { limit: entries.length })))}
</footer>
</body>
</html>
`;
}

function part(piece: ReportPart): string {
  if ("markdown" in piece) return markdownToHtml(piece.markdown);
  if ("table" in piece) return scrolled(cellsToHtml(cellsOf(piece.table, { limit: 200, ...piece.options })));
  const { svg, alt, caption } = drawn(piece.figure);
  // as an image, ids of one figure cannot reach into another, and nothing in it runs
  const source = `data:image/svg+xml;base64,${Buffer.from(svg, "utf8").toString("base64")}`;
  return `<figure><img src="${source}" alt="${escapeHtml(alt)}"><figcaption>${escapeHtml(caption)}</figcaption></figure>`;
}

/** A wide table scrolls by itself, by keyboard too. */
function scrolled(table: string): string {
  return `<div class="scroll" tabindex="0" role="region" aria-label="table">${table}</div>`;
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
    const weight = (section: ReportSection): number => section.parts.reduce((sum, piece) => sum + part(piece).length, 0);
    const heaviest = [...report.sections].sort((a, b) => weight(b) - weight(a))[0];
    throw new WorkbookError("BadArgument", `writeReport: ${file}: at most 5 MB required, found ${(bytes / 1e6).toFixed(1)} MB, most of it in "${heaviest?.heading ?? ""}"; leave figures with many points out`, { file });
  }
  writeAtomic(file, html);
}
