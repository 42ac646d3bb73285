import { count } from "../core/count";
import { FLUX_LABEL, FLUXES, type Flux } from "../core/quantities";
import { requireSome, type Figure, type FigureContext, type Period, type Stage } from "./figure";
import { fixed } from "./fixed";
import { FLUX_STYLE, GRID, INK, lineStyles, MUTED, WIDTH, type LineStyle } from "./style";

/** Quartiles over sites of a per-site metric, for one model and flux; null where not defined. */
export interface ModelScore {
  readonly model: string;
  readonly flux: Flux;
  readonly q25: number | null;
  readonly median: number | null;
  readonly q75: number | null;
  /** sites that have the metric */
  readonly sites: number;
  /** a published number, not one of this run: drawn hollow */
  readonly published?: boolean;
}

export interface ModelBarsOptions extends FigureContext {
  readonly metric: "rmse" | "r2";
  readonly period: Period | null;
}

type Drawn = ModelScore & { readonly median: number; readonly label: string };

/** Whiskers below this are cut in R². */
const R2_FLOOR = -1;

/**
 * Median over sites of a per-site metric with quartile whiskers, a panel a flux, a bar a model. Published numbers are hollow.
 * A model without the metric keeps its place, marked "none".
 * @throws WorkbookError EmptyTable where no model has the metric
 * @example modelBars(scores, { metric: "r2", period, simulated: true })
 */
export function modelBars(rows: readonly ModelScore[], options: ModelBarsOptions): Figure {
  const name = options.metric === "rmse" ? "RMSE" : "R²";
  const models = [...new Set(rows.map((row) => row.model))];
  const styles = lineStyles(models);
  const drawn = rows.filter((row) => Number.isFinite(row.median)).map((row) => ({ ...row, label: styles.get(row.model)!.label }) as Drawn);
  requireSome("modelBars", drawn.length, `at least one model with a median ${name}`, `none in ${count(rows.length, "row")}`, "check that the evaluation scored any site");
  const fluxes = FLUXES.filter((flux) => rows.some((row) => row.flux === flux));
  const own = drawn.filter((row) => row.published !== true);
  const most = Math.max(0, ...(own.length > 0 ? own : drawn).map((row) => row.sites));
  const unequal = new Set(own.map((row) => row.sites)).size > 1;
  const cut = options.metric === "r2" ? drawn.filter((row) => (row.q25 ?? 0) < R2_FLOOR || row.median < R2_FLOOR) : [];

  return {
    name: `model-bars-${options.metric}`,
    title: `${name} of the models, median over sites${options.suffix ?? ""}`,
    caption: `Median over sites of per-site ${name}; whiskers: quartiles over sites.${drawn.some((row) => row.published) ? " Hollow: published numbers, from other sites; compare their order only." : ""}`,
    alt: drawn.map((row) => `${FLUX_STYLE[row.flux].label} ${row.label}: ${row.median.toFixed(2)}`).join("; "),
    n: most,
    nOf: unequal ? "sites at most (number under each model)" : most === 1 ? "site" : "sites",
    period: options.period,
    simulated: options.simulated,
    legend: drawn.some((row) => row.published) ? [{ label: "this run", kind: "box", color: MUTED }, { label: "published, other sites", kind: "box", color: MUTED, hollow: true }] : [],
    notes: cut.length > 0 ? [`Cut at −1: ${cut.map((row) => `${FLUX_STYLE[row.flux].label} ${row.label} (q25 ${row.q25 === null ? "none" : fixed(row.q25, 1)})`).join(", ")}.`] : [],
    data: rows.map((row) => ({ model: row.model, flux: row.flux, metric: options.metric, q25: row.q25, median: row.median, q75: row.q75, sites: row.sites, published: row.published ?? false })),
    units: Object.fromEntries(["q25", "median", "q75"].map((key) => [key, options.metric === "rmse" ? "g C m⁻² d⁻¹" : "1"])),
    draw: (stage) => [fluxes.map((flux) => drawPanel(stage, flux, drawn, { models, styles, metric: options.metric, width: Math.floor(WIDTH / fluxes.length), unequal }))],
  };
}

interface PanelContext {
  readonly models: readonly string[];
  readonly styles: ReadonlyMap<string, LineStyle>;
  readonly metric: "rmse" | "r2";
  readonly width: number;
  readonly unequal: boolean;
}

function drawPanel({ Plot, plot }: Stage, flux: Flux, all: readonly Drawn[], c: PanelContext): SVGSVGElement {
  const rows = all.filter((row) => row.flux === flux);
  const labels = c.models.map((model) => c.styles.get(model)!.label);
  const floor = c.metric === "r2" ? R2_FLOOR : 0;
  const clip = (v: number): number => Math.max(floor, v);
  const ends = all.flatMap((row) => [row.q25, row.median, row.q75]).filter((v): v is number => Number.isFinite(v)).map(clip);
  const absent = labels.filter((label) => !rows.some((row) => row.label === label));
  const color = (row: Drawn): string => c.styles.get(row.model)!.color;
  const whiskers = rows.filter((row) => Number.isFinite(row.q25) && Number.isFinite(row.q75));
  const [low, high] = [Math.min(0, ...ends), Math.max(0, ...ends)];
  return plot({
    width: c.width, height: c.unequal ? 280 : 262, marginLeft: 36, marginRight: 4, marginTop: 28, marginBottom: c.unequal ? 74 : 56,
    x: { domain: labels, label: null, tickRotate: -40, tickSize: 0, padding: 0.25 },
    y: { domain: [low - 0.06 * (low < 0 ? high - low : 0), high + 0.1 * (high - low)], label: null, ticks: 5 },
    marks: [
      Plot.gridY({ ticks: 5, stroke: GRID, strokeOpacity: 1 }),
      Plot.barY(rows.filter((row) => row.published !== true), { x: "label", y1: 0, y2: (row: Drawn) => clip(row.median), fill: color, stroke: INK, strokeWidth: 0.6 }),
      Plot.barY(rows.filter((row) => row.published === true), { x: "label", y1: 0, y2: (row: Drawn) => clip(row.median), fill: "white", stroke: color, strokeWidth: 1.6, inset: 0.5 }),
      Plot.ruleX(whiskers, { x: "label", y1: (row: Drawn) => clip(row.q25!), y2: (row: Drawn) => clip(row.q75!), stroke: "white", strokeWidth: 3 }),
      Plot.ruleX(whiskers, { x: "label", y1: (row: Drawn) => clip(row.q25!), y2: (row: Drawn) => clip(row.q75!), stroke: INK, strokeWidth: 1.2, marker: "tick" }),
      Plot.ruleY([0], { stroke: INK, strokeWidth: 0.7 }),
      Plot.text(rows, { x: "label", y: (row: Drawn) => Math.max(0, clip(row.q75 ?? row.median)), dy: -7, text: (row: Drawn) => fixed(row.median, 2), fontSize: 9, fill: INK, stroke: "white", strokeWidth: 3 }),
      Plot.text(absent, { x: (label: string) => label, y: 0, dy: -7, text: () => "none", fontSize: 9, fill: MUTED }),
      ...(c.unequal ? [Plot.text(rows, { x: "label", frameAnchor: "bottom", dy: 66, text: (row: Drawn) => String(row.sites), fontSize: 9, fill: MUTED })] : []),
      Plot.text([c.metric === "rmse" ? `RMSE of ${FLUX_LABEL[flux]}` : `R² of ${FLUX_STYLE[flux].label} (no unit)`], { frameAnchor: "top-left", dx: -28, dy: -22, textAnchor: "start", text: (t: string) => t, fontWeight: "bold" }),
    ],
  });
}
