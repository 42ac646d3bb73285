import type { Progress } from "../core/progress";
import type { Figure } from "../figures/figure";
import { renderFigure } from "../figures/render";
import { cellsOf, cellsToHtml, cellsToText, formatNumber, type TableInput, type TableOptions } from "./cells";
import { interruptible } from "./interruptible";
import { output, type Output } from "./output";
import { progressDisplay } from "./progress-display";

/** A drawn figure and its words. */
export interface DrawnFigure {
  readonly svg: string;
  readonly alt: string;
  readonly caption: string;
}

/** A figure, drawn where it is not yet. @example drawn(siteMap(table.sites, context)).svg */
export function drawn(figure: Figure | DrawnFigure): DrawnFigure {
  return "svg" in figure ? figure : { svg: renderFigure(figure), alt: figure.alt, caption: figure.caption };
}

/** The notebook's display helpers. Outside the kernel the same calls write plain text to stdout. */
export interface Show {
  /** rows or an arquero table, with units in the header and missing values as "–" */
  table(input: TableInput, options?: TableOptions): void;
  /** a figure and its caption; outside the kernel its text alternative */
  figure(figure: Figure | DrawnFigure): void;
  markdown(text: string): void;
  /** a progress that rewrites one place, with the time left, and ends the work when the cell is interrupted */
  progress(): Progress;
  /** what a run or table is: names and values, one under the other */
  card(title: string, entries: Readonly<Record<string, unknown>>): void;
}

/**
 * Display helpers on `to`.
 * @example showOn(output((text) => lines.push(text))).markdown("**done**")
 */
export function showOn(to: () => Output): Show {
  return {
    table(input, options) {
      const cells = cellsOf(input, options);
      const place = to();
      if (place.rich) place.html(cellsToHtml(cells));
      else place.text(cellsToText(cells));
    },
    figure(figure) {
      const { svg, alt, caption } = drawn(figure);
      const place = to();
      if (!place.rich) return place.text(`[figure] ${alt}\n${caption}`);
      place.svg(svg);
      place.markdown(`*${caption.replace(/[*_`<]/g, "\\$&")}*`);
    },
    markdown(text) {
      const place = to();
      // notebooks write no markup of their own: what looks like it came in by a name
      place.markdown(place.rich ? text.replace(/\\?<(?=[a-z/!?])/gi, "&lt;") : text);
    },
    progress() {
      const place = to();
      return interruptible(progressDisplay(place.live(), place.rich));
    },
    card(title, entries) {
      const rows = Object.entries(entries).map(([what, value]) => ({ what, value: asText(value) }));
      const cells = cellsOf(rows, { caption: title, limit: rows.length });
      const place = to();
      if (place.rich) place.html(cellsToHtml(cells));
      else place.text(cellsToText(cells));
    },
  };
}

function asText(value: unknown): string {
  if (typeof value === "number") return formatNumber(value, 3);
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** The notebook's display helpers. @example show.table(rows, { digits: 3 }) */
export const show: Show = showOn(() => output());
