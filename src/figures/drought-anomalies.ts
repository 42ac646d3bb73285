import { count } from "../core/count";
import { parseDay } from "../core/days";
import type { SeasonAnomaly } from "../evaluate/drought";
import { requireSome, someOf, type Figure, type FigureContext, type Stage } from "./figure";
import { fixed } from "./fixed";
import { FLUX_STYLE, GRID, INK, lineStyles, MISSING, MUTED, WIDTH, type LineStyle } from "./style";

/** Below this a standard normal season is in its driest tenth. */
export const DRIEST_TENTH = -1.2816;

export interface DroughtFigureOptions extends FigureContext {
  /** years that are marked and written, e.g. 2003 and 2018 */
  readonly years?: readonly number[];
}

/**
 * Standardised anomaly of growing-season flux against that of the water balance, a panel for the tower and each model, a dot a site and season; named years are
 * filled, and written where they are few. Shaded: the driest tenth.
 * @throws WorkbookError EmptyTable where no season has both anomalies
 * @example droughtAnomalies(seasonAnomalies(table, { contenders }), { years: [2003, 2018], simulated: false })
 */
export function droughtAnomalies(rows: readonly SeasonAnomaly[], options: DroughtFigureOptions): Figure {
  const dots = rows.filter((r): r is SeasonAnomaly & { z_water: number } => r.z_water !== null);
  requireSome("droughtAnomalies", dots.length, "at least one season of a site with 5 seasons and its water balance", `none in ${count(rows.length, "season")}`, "choose sites with longer records");
  const names = [...new Set(dots.map((d) => d.name))];
  const styles = lineStyles(names);
  const named = new Set(options.years ?? []);
  const flux = FLUX_STYLE[dots[0]!.flux].label;
  const keys = new Set(dots.map((d) => `${d.site} ${d.year}`));
  const sites = [...new Set(dots.map((d) => d.site))];
  const years = dots.map((d) => d.year);
  const dry = (name: string): readonly SeasonAnomaly[] => dots.filter((d) => d.name === name && d.z_water < DRIEST_TENTH);
  const meanZ = (own: readonly SeasonAnomaly[]): string => (own.length === 0 ? "–" : fixed(own.reduce((s, d) => s + d.z, 0) / own.length, 2));
  const absent = [...named].filter((y) => !years.includes(y));
  return {
    name: "drought-anomalies",
    title: `Growing-season ${flux} in dry and wet years${options.suffix ?? ""}`,
    caption: `Standardised anomaly of mean growing-season ${flux} against that of the 90-day water balance P − ET₀, each season against the same site's other years. Shaded: the driest tenth. Filled: ${named.size > 0 ? [...named].join(", ") : "no named year"}.`,
    alt: names.map((name) => `${styles.get(name)!.label}: mean anomaly of ${flux} in the driest tenth ${meanZ(dry(name))} (${count(dry(name).length, "season")})`).join("; "),
    n: keys.size, nOf: `seasons at ${count(sites.length, "site")}`, period: { first: parseDay(`${Math.min(...years)}-01-01`), last: parseDay(`${Math.max(...years)}-12-31`) }, simulated: options.simulated,
    legend: [{ label: "driest tenth", kind: "box", color: MISSING }, ...(named.size > 0 ? [{ label: [...named].join(", "), kind: "dot" as const, color: INK }] : []), { label: "other years", kind: "dot", color: MUTED, hollow: true }],
    notes: absent.length > 0 ? [`No site has 5 seasons with ${absent.join(" or ")} among them (${someOf(sites)}).`] : [],
    data: dots.map((d) => ({ site: d.site, year: d.year, series: d.name, z_water: d.z_water, z: d.z, value: d.value, resistance: d.resistance, recovery: d.recovery, other_years: d.years })),
    units: { z_water: "standard deviations", z: "standard deviations", value: "g C m⁻² d⁻¹", resistance: "1", recovery: "1", other_years: "years" },
    draw: (stage) => {
      const edge = (of: "z" | "z_water"): [number, number] => [Math.min(-2, ...dots.map((d) => d[of])) - 0.3, Math.max(2, ...dots.map((d) => d[of])) + 0.3];
      const width = Math.floor(WIDTH / Math.min(3, Math.max(2, names.length)));
      return Array.from({ length: Math.ceil(names.length / 3) }, (_, row) => names.slice(3 * row, 3 * row + 3).map((name) => drawPanel(stage, dots.filter((d) => d.name === name), { style: styles.get(name)!, named, x: edge("z_water"), y: edge("z"), width, flux, dry: meanZ(dry(name)) })));
    },
  };
}

interface PanelContext {
  readonly style: LineStyle;
  readonly named: ReadonlySet<number>;
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
  readonly width: number;
  readonly flux: string;
  readonly dry: string;
}

function drawPanel({ Plot, plot }: Stage, dots: readonly SeasonAnomaly[], c: PanelContext): SVGSVGElement {
  const { color } = c.style;
  const marked = dots.filter((d) => c.named.has(d.year));
  return plot({
    width: c.width, height: 230, marginLeft: 36, marginRight: 10, marginTop: 38, marginBottom: 36,
    x: { domain: [...c.x], label: "anomaly of the water balance (sd)", labelAnchor: "center", labelArrow: "none", ticks: 5 },
    y: { domain: [...c.y], label: null, ticks: 5, tickSize: 3 },
    marks: [
      Plot.rect([0], { x1: c.x[0], x2: DRIEST_TENTH, y1: c.y[0], y2: c.y[1], fill: MISSING }),
      Plot.gridY({ ticks: 5, stroke: GRID, strokeOpacity: 1 }),
      Plot.ruleX([0], { stroke: MUTED, strokeWidth: 0.5 }),
      Plot.ruleY([0], { stroke: MUTED, strokeWidth: 0.5 }),
      Plot.dot(dots.filter((d) => !c.named.has(d.year)), { x: "z_water", y: "z", r: 2.4, symbol: c.style.symbol, fill: "white", stroke: color, strokeWidth: 1 }),
      Plot.dot(marked, { x: "z_water", y: "z", r: 3.2, symbol: c.style.symbol, fill: color, stroke: INK, strokeWidth: 0.5 }),
      ...(marked.length <= 3 ? [Plot.text(marked, { x: "z_water", y: "z", text: (d: SeasonAnomaly) => `${d.site} ${d.year}`, dy: -9, fontSize: 8, fill: INK, stroke: "white", strokeWidth: 3 })] : []),
      Plot.text([`${c.style.label}: ${c.flux} anomaly (sd)`], { frameAnchor: "top-left", dx: -28, dy: -28, textAnchor: "start", text: (t: string) => t, fontWeight: "bold" }),
      Plot.text([`mean in the driest tenth ${c.dry}`], { frameAnchor: "top-left", dx: -28, dy: -14, textAnchor: "start", text: (t: string) => t, fontSize: 9, fill: MUTED }),
    ],
  });
}
