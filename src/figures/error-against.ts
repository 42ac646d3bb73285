import { rankCorrelation } from "../evaluate/rank-correlation";
import { requireSome, type Figure, type FigureContext, type Period, type Stage } from "./figure";
import { fixed } from "./fixed";
import { GRID, INK, lineStyles, MUTED, WIDTH, type LineStyle } from "./style";

/** Errors of models against something that may explain them. */
export interface ErrorAgainstPanel {
  /** e.g. "GPP" */
  readonly label: string;
  readonly points: readonly { readonly key: string; readonly model: string; readonly x: number; readonly error: number }[];
}

export interface ErrorAgainstOptions extends FigureContext {
  readonly name: string;
  readonly title: string;
  readonly caption: string;
  /** axis words with their unit */
  readonly x: string;
  readonly y: string;
  /** what a dot is, e.g. "site" */
  readonly dot: string;
  readonly period: Period | null;
  readonly notes?: readonly string[];
}

/**
 * Errors against a covariate, a panel a flux, with Spearman's rank correlation of each model: a covariate tells where to look, it proves no cause.
 * @throws WorkbookError EmptyTable for no dot
 * @example errorAgainst([{ label: "GPP", points }], { name: "error-distance", … })
 */
export function errorAgainst(panels: readonly ErrorAgainstPanel[], options: ErrorAgainstOptions): Figure {
  const filled = panels.filter((p) => p.points.length > 0);
  requireSome("errorAgainst", filled.length, `at least one ${options.dot} with ${options.x} and an error`, "none", "choose a table that carries it");
  const names = [...new Set(filled.flatMap((p) => p.points.map((q) => q.model)))];
  const styles = lineStyles(names);
  const keys = new Set(filled.flatMap((p) => p.points.map((q) => q.key)));
  const trends = filled.map((p) => names.map((name) => {
    const own = p.points.filter((q) => q.model === name);
    return rankCorrelation(own.map((q) => q.x), own.map((q) => q.error));
  }));
  const words = (p: number): string[] => names.map((name, k) => `${styles.get(name)!.label}: rank correlation ${trends[p]![k] === null ? "–" : fixed(trends[p]![k]!, 2)}, n = ${filled[p]!.points.filter((q) => q.model === name).length}`);
  return {
    name: options.name, title: `${options.title}${options.suffix ?? ""}`, caption: options.caption, alt: filled.map((p, i) => `${p.label}: ${words(i).join(", ")}`).join("; "),
    n: keys.size, nOf: keys.size === 1 ? options.dot : `${options.dot}s`, period: options.period, simulated: options.simulated,
    legend: names.map((name) => ({ label: styles.get(name)!.label, kind: "dot" as const, color: styles.get(name)!.color, symbol: styles.get(name)!.symbol })),
    notes: [...(filled.length < panels.length ? [`No ${options.dot} has both: ${panels.filter((p) => p.points.length === 0).map((p) => p.label).join(", ")}.`] : []), ...(options.notes ?? [])],
    data: filled.flatMap((p) => p.points.map((q) => ({ panel: p.label, [options.dot]: q.key, model: q.model, x: q.x, error: q.error }))),
    units: { x: options.x, error: options.y },
    draw: (stage) => [filled.map((p, i) => drawPanel(stage, p, { names, styles, words: words(i), x: options.x, y: options.y, width: Math.floor(WIDTH / filled.length) }))],
  };
}

interface PanelContext {
  readonly names: readonly string[];
  readonly styles: ReadonlyMap<string, LineStyle>;
  readonly words: readonly string[];
  readonly x: string;
  readonly y: string;
  readonly width: number;
}

function drawPanel({ Plot, plot }: Stage, panel: ErrorAgainstPanel, c: PanelContext): SVGSVGElement {
  const lines = c.words.length;
  return plot({
    width: c.width, height: 210 + 11 * lines, marginLeft: 44, marginRight: 12, marginTop: 34 + 11 * lines, marginBottom: 36,
    x: { label: c.x, labelAnchor: "center", labelArrow: "none", ticks: 4, nice: true },
    y: { label: null, ticks: 5, tickSize: 3, nice: true },
    marks: [
      Plot.gridY({ ticks: 5, stroke: GRID, strokeOpacity: 1 }),
      Plot.ruleY(panel.points.some((q) => q.error < 0) ? [0] : [], { stroke: MUTED, strokeWidth: 0.6 }),
      ...c.names.map((name) => Plot.dot(panel.points.filter((q) => q.model === name), { x: "x", y: "error", r: 2.8, symbol: c.styles.get(name)!.symbol, fill: c.styles.get(name)!.color, fillOpacity: 0.85, stroke: INK, strokeWidth: 0.3 })),
      Plot.text([`${panel.label}: ${c.y}`], { frameAnchor: "top-left", dx: -36, dy: -24 - 11 * lines, textAnchor: "start", text: (t: string) => t, fontWeight: "bold" }),
      ...c.words.map((w, i) => Plot.text([w], { frameAnchor: "top-left", dx: -36, dy: -13 - 11 * (lines - 1 - i), textAnchor: "start", text: (t: string) => t, fontSize: 9, fill: MUTED })),
    ],
  });
}
