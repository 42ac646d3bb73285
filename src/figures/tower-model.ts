import { count } from "../core/count";
import { requireSome, type Figure, type FigureContext, type Period, type Stage } from "./figure";
import { GRID, INK, lineStyles, MUTED, WIDTH, type LineStyle } from "./style";

/** One quantity of site-years: the tower's value against each model's. */
export interface TowerModelPanel {
  readonly label: string;
  readonly unit: string;
  /** unit of an error where it is another than that of the value, e.g. days for a day of the year */
  readonly errorUnit?: string;
  readonly points: readonly { readonly site: string; readonly year: number; readonly model: string; readonly observed: number; readonly predicted: number; readonly low?: number | null; readonly high?: number | null }[];
}

export interface TowerModelOptions extends FigureContext {
  /** file name of the figure */
  readonly name: string;
  readonly title: string;
  readonly caption: string;
  readonly period: Period | null;
  readonly notes?: readonly string[];
}

/**
 * A dot a site-year, model against tower, a panel a quantity (model upwards), with the 1:1 line and each model's mean error; bars are the tower's own doubt where it is known.
 * @throws WorkbookError EmptyTable for no site-year
 * @example towerModel(phenologyPanels(phenology(table, { contenders })), { name: "phenology", … })
 */
export function towerModel(panels: readonly TowerModelPanel[], options: TowerModelOptions): Figure {
  const filled = panels.filter((p) => p.points.length > 0);
  requireSome("towerModel", filled.length, "at least one site-year with a value of tower and model", `none in ${count(panels.length, "panel")}`, "choose more sites or years");
  const names = [...new Set(filled.flatMap((p) => p.points.map((q) => q.model)))];
  const styles = lineStyles(names);
  const keys = new Set(filled.flatMap((p) => p.points.map((q) => `${q.site} ${q.year}`)));
  const sites = new Set(filled.flatMap((p) => p.points.map((q) => q.site)));
  const columns = Math.min(3, filled.length);
  const silent = panels.filter((p) => p.points.length === 0).map((p) => p.label);
  return {
    name: options.name, title: `${options.title}${options.suffix ?? ""}`, caption: options.caption,
    alt: filled.map((p) => `${p.label}: ${names.map((name) => biasText(p, name, styles)).filter((t) => t !== "").join(", ")}`).join("; "),
    n: keys.size, nOf: `site-years at ${count(sites.size, "site")}`, period: options.period, simulated: options.simulated,
    legend: [...names.map((name) => ({ label: styles.get(name)!.label, kind: "dot" as const, color: styles.get(name)!.color, symbol: styles.get(name)!.symbol })), { label: "1:1", kind: "line" as const, color: MUTED }],
    notes: [...(silent.length > 0 ? [`No site-year has both: ${silent.join(", ")}.`] : []), ...(options.notes ?? [])],
    data: filled.flatMap((p) => p.points.map((q) => ({ quantity: p.label, unit: p.unit, site: q.site, year: q.year, model: q.model, observed: q.observed, predicted: q.predicted, low: q.low ?? null, high: q.high ?? null }))),
    units: {},
    draw: (stage) => Array.from({ length: Math.ceil(filled.length / columns) }, (_, row) => filled.slice(columns * row, columns * row + columns).map((panel) => drawPanel(stage, panel, { names, styles, width: Math.floor(WIDTH / columns) }))),
  };
}

function biasText(panel: TowerModelPanel, name: string, styles: ReadonlyMap<string, LineStyle>): string {
  const own = panel.points.filter((q) => q.model === name);
  if (own.length === 0) return "";
  const bias = own.reduce((sum, q) => sum + q.predicted - q.observed, 0) / own.length;
  return `${styles.get(name)!.label} ${bias < 0 ? "−" : "+"}${Math.abs(bias).toFixed(Math.abs(bias) < 10 ? 1 : 0)} ${panel.errorUnit ?? panel.unit}`;
}

function drawPanel({ Plot, plot }: Stage, panel: TowerModelPanel, c: { readonly names: readonly string[]; readonly styles: ReadonlyMap<string, LineStyle>; readonly width: number }): SVGSVGElement {
  const all = panel.points.flatMap((q) => [q.observed, q.predicted]);
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const room = 0.06 * (high - low || 1);
  const domain = [low - room, high + room];
  // four figures and a comma need room
  const ticks = Math.max(...domain.map(Math.abs)) >= 1000 ? 3 : 4;
  const barred = panel.points.filter((q) => q.low !== null && q.low !== undefined && q.high !== null && q.high !== undefined);
  return plot({
    width: c.width, height: c.width + 4 + 11 * c.names.length, marginLeft: 44, marginRight: 10, marginTop: 34 + 11 * c.names.length, marginBottom: 34,
    x: { domain, label: `tower (${panel.unit})`, labelAnchor: "center", labelArrow: "none", ticks },
    y: { domain, label: null, ticks, tickSize: 3 },
    marks: [
      Plot.gridX({ ticks, stroke: GRID, strokeOpacity: 1 }),
      Plot.gridY({ ticks, stroke: GRID, strokeOpacity: 1 }),
      Plot.line([[domain[0], domain[0]], [domain[1], domain[1]]], { stroke: MUTED, strokeWidth: 0.8 }),
      Plot.ruleY(barred, { y: "predicted", x1: (q) => Math.max(domain[0]!, q.low!), x2: (q) => Math.min(domain[1]!, q.high!), stroke: MUTED, strokeOpacity: 0.6, strokeWidth: 0.7 }),
      ...c.names.map((name) => Plot.dot(panel.points.filter((q) => q.model === name), { x: "observed", y: "predicted", r: 2.8, symbol: c.styles.get(name)!.symbol, fill: c.styles.get(name)!.color, fillOpacity: 0.85, stroke: INK, strokeWidth: 0.3 })),
      Plot.text([`${panel.label}, model`], { frameAnchor: "top-left", dx: -36, dy: -24 - 11 * c.names.length, textAnchor: "start", text: (t: string) => t, fontWeight: "bold" }),
      ...c.names.map((name, i) => Plot.text([biasText(panel, name, c.styles)], { frameAnchor: "top-left", dx: -36, dy: -13 - 11 * (c.names.length - 1 - i), textAnchor: "start", text: (t: string) => t, fontSize: 9, fill: MUTED })),
    ],
  });
}
