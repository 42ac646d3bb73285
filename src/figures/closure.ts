import { count } from "../core/count";
import type { SiteId } from "../core/sites";
import { requireSome, type Figure, type FigureContext } from "./figure";
import { quantile } from "./quantile";
import { siteDays } from "./site-days";
import { GRID, INK, lineStyles, WIDTH } from "./style";

/** Fluxes of one source `[row]`, g C m⁻² d⁻¹, NaN = missing: the towers, or a model before clipping. */
export interface ClosureSeries {
  /** a model's name, or "observed" for the towers */
  readonly name: string;
  /** how the source came about, printed beside its name: the towers' target variant (`USTAR50`, `REF`), a model's balance form */
  readonly variant: string;
  readonly site: readonly SiteId[];
  readonly day: ArrayLike<number>;
  readonly gpp: ArrayLike<number>;
  readonly reco: ArrayLike<number>;
  readonly nee: ArrayLike<number>;
}

interface Curve {
  readonly name: string;
  readonly label: string;
  readonly n: number;
  readonly lost: number;
  readonly meanAbs: number;
  readonly medianAbs: number;
  readonly steps: readonly { readonly residual: number; readonly share: number }[];
}

/** Left end of the axis: smaller residuals are rounding of float32. */
const FLOOR = 1e-5;
const PER_DECADE = 12;

/**
 * Residual of the carbon balance |NEE − (RECO − GPP)|: share of site-days up to each size, on a logarithmic axis, models beside the
 * reference's own residual. The variant of each is in the legend with its mean. Days that lack a flux are counted.
 * @throws WorkbookError EmptyTable where no day has all three fluxes
 * @source Reichstein et al. 2005, doi:10.1111/j.1365-2486.2005.001002.x (NEE = RECO − GPP)
 * @example closure([{ name: "observed", variant: "REF", site, day, gpp, reco, nee }], { simulated: false })
 */
export function closure(series: readonly ClosureSeries[], options: FigureContext): Figure {
  const styles = lineStyles(series.map((s) => s.name));
  const residuals = series.map((s) => absResiduals(s));
  const all = residuals.reduce((sum, r) => sum + r.values.length, 0);
  requireSome("closure", all, "at least one day with GPP, RECO and NEE", `none in ${count(series.reduce((n, s) => n + s.site.length, 0), "row")}`, "check that the table has all three fluxes");
  const top = 10 ** Math.ceil(Math.log10(Math.max(10 * FLOOR, ...residuals.map((r) => r.values[r.values.length - 1] ?? 0))));
  const curves = series.map((s, i) => curve(s, residuals[i]!, top, styles.get(s.name)!.label)).filter((c) => c.n > 0);
  const silent = series.filter((s) => !curves.some((c) => c.name === s.name)).map((s) => styles.get(s.name)!.label);
  const lost = curves.filter((c) => c.lost > 0);

  return {
    name: "closure",
    title: `Closure of the carbon balance${options.suffix ?? ""}`,
    caption: "Share of site-days whose balance residual |NEE − (RECO − GPP)| is at most the value on the axis, before clipping. A curve further left closes better. Dots: medians. The reference has a residual of its own where its fluxes are not of one partition.",
    alt: curves.map((c) => `${c.label}: mean ${format(c.meanAbs)}, median ${format(c.medianAbs)} g C m⁻² d⁻¹`).join("; "),
    ...siteDays(series.map((s, i) => ({ site: s.site, day: s.day, rows: residuals[i]!.rows }))),
    simulated: options.simulated,
    legend: curves.map((c) => ({ label: `${c.label}: mean ${format(c.meanAbs)}`, kind: "line", color: styles.get(c.name)!.color, dash: styles.get(c.name)!.dash, symbol: styles.get(c.name)!.symbol })),
    notes: [
      ...(lost.length > 0 ? [`Left out for lack of a flux: ${lost.map((c) => `${c.label} ${count(c.lost, "day")}`).join(", ")}.`] : []),
      ...(silent.length > 0 ? [`No day with all three fluxes: ${silent.join(", ")}.`] : []),
    ],
    data: curves.flatMap((c) => c.steps.map((step) => ({ series: c.name, variant: series.find((s) => s.name === c.name)!.variant, abs_residual: step.residual, share_of_days: step.share, mean_abs: c.meanAbs, median_abs: c.medianAbs, days: c.n }))),
    units: { abs_residual: "g C m⁻² d⁻¹", share_of_days: "1", mean_abs: "g C m⁻² d⁻¹", median_abs: "g C m⁻² d⁻¹", days: "days" },
    draw: ({ Plot, plot }) => [[plot({
      width: WIDTH, height: 280, marginLeft: 44, marginRight: 16, marginTop: 24, marginBottom: 38,
      x: { type: "log", domain: [FLOOR, top], label: "|NEE − (RECO − GPP)| (g C m⁻² d⁻¹)", labelAnchor: "center", labelArrow: "none", ticks: decades(top), tickFormat: (d: number) => (d === FLOOR ? `≤ ${power(d)}` : power(d)) },
      y: { domain: [0, 1], percent: false, label: "share of site-days (no unit)", labelArrow: "none", ticks: 5 },
      marks: [
        Plot.gridX(decades(top), { stroke: GRID, strokeOpacity: 1 }),
        Plot.gridY({ ticks: 5, stroke: GRID, strokeOpacity: 1 }),
        ...curves.map((c) => Plot.line(c.steps, { x: "residual", y: "share", stroke: styles.get(c.name)!.color, strokeWidth: 1.7, strokeDasharray: styles.get(c.name)!.dash === "none" ? undefined : styles.get(c.name)!.dash })),
        ...curves.map((c) => Plot.dot([c], { x: Math.max(FLOOR, c.medianAbs), y: 0.5, r: 4, symbol: styles.get(c.name)!.symbol, fill: styles.get(c.name)!.color, stroke: INK, strokeWidth: 0.6 })),
      ],
    })]],
  };
}

interface Residuals {
  /** sorted */
  readonly values: Float64Array;
  readonly rows: readonly number[];
}

function absResiduals(s: ClosureSeries): Residuals {
  const rows: number[] = [];
  for (let i = 0; i < s.site.length; i++) if (Number.isFinite(s.gpp[i]) && Number.isFinite(s.reco[i]) && Number.isFinite(s.nee[i])) rows.push(i);
  return { rows, values: Float64Array.from(rows, (i) => Math.abs(s.nee[i]! - (s.reco[i]! - s.gpp[i]!))).sort() };
}

function curve(s: ClosureSeries, { values }: Residuals, top: number, label: string): Curve {
  const n = Math.round(PER_DECADE * Math.log10(top / FLOOR));
  let below = 0;
  const steps = Array.from({ length: n + 1 }, (_, i) => {
    const residual = i === n ? top : FLOOR * 10 ** (i / PER_DECADE);
    while (below < values.length && values[below]! <= residual) below++;
    return { residual, share: below / values.length };
  });
  return { name: s.name, label: `${label} (${s.variant})`, n: values.length, lost: s.site.length - values.length, meanAbs: values.reduce((a, b) => a + b, 0) / values.length, medianAbs: quantile(values, 0.5), steps };
}

function decades(top: number): number[] {
  return Array.from({ length: Math.round(Math.log10(top / FLOOR)) + 1 }, (_, i) => Number(`1e${i + Math.round(Math.log10(FLOOR))}`));
}

function power(value: number): string {
  return value >= 0.001 ? String(value) : `10⁻${"⁰¹²³⁴⁵⁶⁷⁸⁹"[-Math.round(Math.log10(value))]}`;
}

function format(value: number): string {
  return value < FLOOR ? `< ${power(FLOOR)}` : value < 0.001 ? value.toExponential(0) : value.toFixed(3);
}
