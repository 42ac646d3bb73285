import { count } from "../core/count";
import { FLUX_LABEL, FLUXES, IGBP_ORDER, KOPPEN, type Flux } from "../core/quantities";
import type { SiteId } from "../core/sites";
import { requireSome, someOf, type Figure, type FigureContext, type Period, type Stage } from "./figure";
import { fixed } from "./fixed";
import { boxStats, type BoxStats } from "./quantile";
import { FLUX_STYLE, GRID, INK, lineStyles, MUTED, WIDTH, type LineStyle } from "./style";

/** A metric of one site, flux and model; null or NaN where it is not defined (R² of a site without variance). */
export interface SiteError {
  readonly site: SiteId;
  /** IGBP or Köppen class, null where unknown */
  readonly group: string | null;
  readonly flux: Flux;
  readonly model: string;
  readonly value: number | null;
}

export interface ErrorByClassOptions extends FigureContext {
  readonly metric: "rmse" | "r2";
  readonly by?: "igbp" | "koppen";
  readonly period: Period | null;
}

/** Label of sites without a class. */
const UNKNOWN = "?";

interface Box extends BoxStats {
  readonly flux: Flux;
  readonly group: string;
  readonly model: string;
  readonly values: readonly number[];
}

/** R² below this is drawn at the edge of the panel. */
const R2_FLOOR = -1;
/** A box of fewer sites than this would feign knowledge: its sites are drawn one by one. */
const FEWEST_FOR_BOX = 5;

/**
 * Box plot of a per-site metric by land cover or climate, a panel a flux, a box a model. Classes of fewer than five sites show their
 * sites; R² below −1 is drawn at the edge and counted; the number of sites stands over each class.
 * @throws WorkbookError EmptyTable where no site has the metric
 * @example errorByClass(rows, { metric: "rmse", by: "igbp", period, simulated: true })
 */
export function errorByClass(rows: readonly SiteError[], options: ErrorByClassOptions): Figure {
  const { metric, by = "igbp" } = options;
  const name = metric === "rmse" ? "RMSE" : "R²";
  const defined = rows.filter((row) => row.value !== null && Number.isFinite(row.value));
  requireSome("errorByClass", defined.length, `at least one site with ${name}`, `none in ${count(rows.length, "row")}`, "check that the evaluation scored any site");
  const order: readonly string[] = [...(by === "igbp" ? IGBP_ORDER : KOPPEN), UNKNOWN];
  const groupOf = (row: SiteError): string => (row.group !== null && order.includes(row.group) ? row.group : UNKNOWN);
  const groups = order.filter((group) => rows.some((row) => groupOf(row) === group));
  const fluxes = FLUXES.filter((flux) => defined.some((row) => row.flux === flux));
  const models = [...new Set(rows.map((row) => row.model))];
  const styles = lineStyles(models);
  const boxes = fluxes.flatMap((flux) => groups.flatMap((group) => models.map((model): Box => {
    const values = defined.filter((row) => row.flux === flux && groupOf(row) === group && row.model === model).map((row) => row.value!);
    return { ...boxStats(values), flux, group, model, values };
  })));
  const sites = [...new Set(defined.map((row) => row.site))];
  const undefinedAt = [...new Set(rows.filter((row) => !defined.includes(row)).map((row) => row.site))];
  const low = metric === "r2" ? defined.filter((row) => row.value! < R2_FLOOR) : [];
  const byText = by === "igbp" ? "land cover (IGBP)" : "climate (Köppen)";

  return {
    name: `error-by-${by}-${metric}`,
    title: `${name} of sites by ${byText}${options.suffix ?? ""}`,
    caption: `${name} of each site by ${byText}. Box: quartiles and median over sites; whiskers to the last site within 1.5 interquartile ranges; dots: sites beyond, and every site of a class with fewer than ${FEWEST_FOR_BOX}. Numbers: sites.`,
    alt: boxes.filter((b) => b.n > 0).map((b) => `${FLUX_STYLE[b.flux].label} ${b.group} ${styles.get(b.model)!.label}: median ${b.median.toFixed(2)}, ${count(b.n, "site")}`).join("; "),
    n: sites.length,
    nOf: sites.length === 1 ? "site" : "sites",
    period: options.period,
    simulated: options.simulated,
    legend: models.map((model) => ({ label: styles.get(model)!.label, kind: "box" as const, color: styles.get(model)!.color })),
    notes: [
      ...(low.length > 0 ? [`${count(low.length, "value")} below −1, where the axis ends: boxes are cut, dots are triangles; the least is ${fixed(Math.min(...low.map((row) => row.value!)), 1)} at ${low.reduce((a, b) => (a.value! < b.value! ? a : b)).site}.`] : []),
      ...(groups.includes(UNKNOWN) ? [`${UNKNOWN}: class unknown.`] : []),
      ...(undefinedAt.length > 0 ? [`${name} not defined for a flux or model at ${count(undefinedAt.length, "site")} (${someOf(undefinedAt)}).`] : []),
    ],
    data: rows.map((row) => ({ site: row.site, [by]: row.group, flux: row.flux, model: row.model, [metric]: row.value })),
    units: { [metric]: metric === "rmse" ? "g C m⁻² d⁻¹" : "1" },
    draw: (stage) => fluxes.map((flux, i) => [drawPanel(stage, flux, boxes.filter((b) => b.flux === flux), { groups, models, styles, metric, last: i === fluxes.length - 1 })]),
  };
}

interface PanelContext {
  readonly groups: readonly string[];
  readonly models: readonly string[];
  readonly styles: ReadonlyMap<string, LineStyle>;
  readonly metric: "rmse" | "r2";
  readonly last: boolean;
}

function drawPanel({ Plot, plot }: Stage, flux: Flux, boxes: readonly Box[], c: PanelContext): SVGSVGElement {
  const floor = c.metric === "r2" ? R2_FLOOR : 0;
  const clip = (v: number): number => Math.max(floor, v);
  const solid = boxes.filter((b) => b.n >= FEWEST_FOR_BOX);
  const few = boxes.filter((b) => b.n > 0 && b.n < FEWEST_FOR_BOX);
  const highest = c.metric === "r2" ? 1 : 1.05 * Math.max(...boxes.flatMap((b) => (b.n > 0 ? [b.high, ...b.beyond] : [])));
  const dots = [...solid, ...few].flatMap((b) => (b.n < FEWEST_FOR_BOX ? b.values : b.beyond).map((value) => ({ group: b.group, model: b.model, value })));
  const at = { fx: "group", x: "model" } as const;
  const color = (b: { model: string }): string => c.styles.get(b.model)!.color;
  const sites = c.groups.map((group) => ({ group, n: Math.max(...boxes.filter((b) => b.group === group).map((b) => b.n)) }));
  return plot({
    width: WIDTH, height: c.last ? 164 : 146, marginLeft: 40, marginRight: 6, marginTop: 36, marginBottom: c.last ? 24 : 6,
    fx: { domain: c.groups, label: null, padding: 0.12, axis: null },
    x: { domain: c.models, axis: null, padding: 0.2 },
    y: { domain: [floor, highest], label: null },
    marks: [
      Plot.gridY({ ticks: 5, stroke: GRID, strokeOpacity: 1 }),
      Plot.axisY({ ticks: 5, tickSize: 3 }),
      ...(c.metric === "r2" ? [Plot.ruleY([0], { stroke: MUTED, strokeWidth: 0.7 })] : []),
      ...(c.last ? [Plot.axisFx({ anchor: "bottom", tickSize: 0 })] : []),
      Plot.ruleX(solid, { ...at, y1: (b: Box) => clip(b.low), y2: (b: Box) => clip(b.high), stroke: INK, strokeWidth: 0.8 }),
      Plot.barY(solid, { ...at, y1: (b: Box) => clip(b.q25), y2: (b: Box) => clip(b.q75), fill: color, stroke: INK, strokeWidth: 0.6 }),
      Plot.tickY(solid, { ...at, y: (b: Box) => clip(b.median), stroke: "white", strokeWidth: 3 }),
      Plot.tickY(solid, { ...at, y: (b: Box) => clip(b.median), stroke: INK, strokeWidth: 1.4 }),
      Plot.dot(dots.filter((d) => d.value >= floor), { ...at, y: "value", r: 2, fill: color, stroke: INK, strokeWidth: 0.4 }),
      Plot.dot(dots.filter((d) => d.value < floor), { ...at, y: floor, dy: -3, r: 2.6, symbol: "triangle", rotate: 180, fill: color, stroke: INK, strokeWidth: 0.4 }),
      Plot.text(sites, { fx: "group", frameAnchor: "top", dy: -13, text: (s: { n: number }) => String(s.n), fontSize: 9, fill: MUTED }),
      Plot.text(["sites"], { fx: () => c.groups[0], frameAnchor: "top-left", dx: -8, dy: -13, textAnchor: "end", text: (t: string) => t, fontSize: 9, fill: MUTED }),
      Plot.text([c.metric === "rmse" ? `RMSE of ${FLUX_LABEL[flux]}` : `R² of ${FLUX_STYLE[flux].label} (no unit)`], { fx: () => c.groups[0], frameAnchor: "top-left", dx: -4, dy: -30, textAnchor: "start", text: (t: string) => t, fontWeight: "bold", fontSize: 10 }),
    ],
  });
}
