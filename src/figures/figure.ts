import type * as PlotModule from "@observablehq/plot";
import { formatDay, type Day } from "../core/days";
import { WorkbookError } from "../core/errors";
import type { SymbolName } from "./style";

/** A cell of a figure's data; NaN and null are missing and stand empty in the CSV. */
export type Cell = string | number | boolean | null;

/** A row of a figure's data. */
export type Row = Readonly<Record<string, Cell>>;

/** First and last day of what a figure shows. */
export interface Period {
  readonly first: Day;
  readonly last: Day;
}

/** What every figure must be told besides its data. */
export interface FigureContext {
  /** true prints "simulated data" into the figure; there is no default, so nobody forgets it */
  readonly simulated: boolean;
  /** printed after the title, e.g. a run's name */
  readonly suffix?: string;
}

/** One entry of a legend, drawn as it is drawn in the figure. */
export interface LegendEntry {
  readonly label: string;
  readonly kind: "dot" | "line" | "box" | "band";
  readonly color: string;
  readonly symbol?: SymbolName;
  readonly dash?: string;
  readonly hollow?: boolean;
}

/** A colour ramp in the legend: colours from low to high, values at the ends. */
export interface Ramp {
  readonly label: string;
  readonly colors: readonly string[];
  readonly low: string;
  readonly high: string;
}

/** The headless page on which a figure is drawn; `plot` is `Plot.plot` in the house style, always an SVG. */
export interface Stage {
  readonly Plot: typeof PlotModule;
  readonly document: Document;
  readonly plot: (options: PlotModule.PlotOptions) => SVGSVGElement;
  readonly serialize: (element: Element) => string;
}

/** A figure: its words, its data, and how it is drawn. A pure value; nothing is drawn before `renderFigure`. */
export interface Figure {
  /** file name without ending */
  readonly name: string;
  readonly title: string;
  /** full sentence for a paper: what is drawn and how it was aggregated */
  readonly caption: string;
  /** what a reader who cannot see the figure should know */
  readonly alt: string;
  readonly n: number;
  /** what `n` counts, e.g. "site-days at 51 sites" */
  readonly nOf: string;
  readonly period: Period | null;
  readonly simulated: boolean;
  readonly legend: readonly LegendEntry[];
  readonly ramp?: Ramp;
  /** printed under the figure: what is missing, clipped or left out */
  readonly notes: readonly string[];
  readonly data: readonly Row[];
  /** unit of each numeric column of `data` */
  readonly units: Readonly<Record<string, string>>;
  /** decimals of the drawing's coordinates, px; 2 without it */
  readonly decimals?: number;
  /** rows of panels, top to bottom, left to right */
  readonly draw: (stage: Stage) => readonly (readonly SVGSVGElement[])[];
}

/** `2001-01-01 to 2004-12-31`. */
export function formatPeriod(period: Period | null): string {
  return period === null ? "period unknown" : `${formatDay(period.first)} to ${formatDay(period.last)}`;
}

/** A few names for a note: the first six, then how many more. @example someOf(["A", "B"]) // "A, B" */
export function someOf(names: readonly string[]): string {
  return names.length <= 6 ? names.join(", ") : `${names.slice(0, 6).join(", ")} and ${names.length - 6} more`;
}

/**
 * First and last of the days, or null where there are none.
 * @example periodOf(Int32Array.of(3, 1)) // { first: 1, last: 3 }
 */
export function periodOf(days: ArrayLike<number>): Period | null {
  let [first, last] = [Infinity, -Infinity];
  for (let i = 0; i < days.length; i++) {
    if (days[i]! < first) first = days[i]!;
    if (days[i]! > last) last = days[i]!;
  }
  return first > last ? null : { first: first as Day, last: last as Day };
}

/**
 * Refuses an empty figure.
 * @throws WorkbookError EmptyTable naming what the figure needs
 */
export function requireSome(figure: string, n: number, required: string, found: string, cure: string): void {
  if (n === 0) throw new WorkbookError("EmptyTable", `${figure}: ${required} required, found ${found}; ${cure}`);
}
