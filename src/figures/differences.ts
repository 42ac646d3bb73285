import { count } from "../core/count";
import { FLUXES, type Flux } from "../core/quantities";
import { MIN_CLUSTERS } from "../evaluate/bootstrap";
import { requireSome, type Figure, type FigureContext, type Period, type Stage } from "./figure";
import { FLUX_STYLE, GRID, INK, MUTED, textWidth, WIDTH } from "./style";

/** Difference of one contender to the reference, with its interval; null where it cannot be told. */
export interface DifferenceRow {
  readonly arm: string;
  readonly flux: Flux;
  /** RMSE of the arm − RMSE of the reference, mean over sites, g C m⁻² d⁻¹: below 0 the arm is better */
  readonly difference: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly clusters: number;
}

export interface DifferencesOptions extends FigureContext {
  /** what all are held against, e.g. "the default" */
  readonly reference: string;
  readonly period: Period | null;
}

type Drawn = DifferenceRow & { readonly difference: number };

/** Below 0, better: blue; above, worse: vermilion; interval across 0: grey. Filled or hollow tells the same without colour. */
const COLORS = { better: "#0072b2", worse: "#d55e00", open: "#8c8c8c" } as const;

/**
 * Differences in RMSE to a reference with their intervals, a panel a flux, a line an arm. A point is filled where its interval leaves out 0.
 * @throws WorkbookError EmptyTable where no arm has a difference
 * @example differences(rows, { reference: "the default", simulated: true, period })
 */
export function differences(rows: readonly DifferenceRow[], options: DifferencesOptions): Figure {
  const drawn = rows.filter((row): row is Drawn => Number.isFinite(row.difference));
  requireSome("differences", drawn.length, "at least one arm with a difference", `none in ${count(rows.length, "row")}`, "check that the reference and another arm were scored");
  const arms = [...new Set(rows.map((row) => row.arm))];
  const fluxes = FLUXES.filter((flux) => drawn.some((row) => row.flux === flux));
  const clusters = [...new Set(drawn.map((row) => row.clusters))].sort((a, b) => a - b);
  const few = clusters[0]! < MIN_CLUSTERS ? [`Fewer than ${MIN_CLUSTERS} clusters of sites: the intervals say little.`] : [];
  return {
    name: "differences",
    title: `Difference in RMSE to ${options.reference}${options.suffix ?? ""}`,
    caption: `Mean over sites of RMSE, arm − ${options.reference}, on the site-days that both predict; 95 % interval of a paired bootstrap over clusters of sites. Filled: the interval leaves out 0.`,
    alt: drawn.map((row) => `${FLUX_STYLE[row.flux].label} ${row.arm}: ${row.difference.toFixed(3)}`).join("; "),
    n: clusters[clusters.length - 1]!,
    nOf: clusters.length > 1 ? "clusters of sites at most" : "clusters of sites",
    period: options.period,
    simulated: options.simulated,
    legend: [
      { label: "better", kind: "dot", color: COLORS.better },
      { label: "worse", kind: "dot", color: COLORS.worse },
      { label: "cannot be told apart", kind: "dot", color: COLORS.open, hollow: true },
    ],
    notes: [...few, ...(drawn.length < rows.length ? [`Not drawn: ${count(rows.length - drawn.length, "difference")} that cannot be told.`] : [])],
    data: rows.map(({ arm, flux, difference, low, high, clusters: n }) => ({ arm, flux, difference, low, high, clusters: n })),
    units: { difference: "g C m⁻² d⁻¹", low: "g C m⁻² d⁻¹", high: "g C m⁻² d⁻¹", clusters: "1" },
    draw: (stage) => [panels(stage, fluxes, drawn, arms)],
  };
}

function panels(stage: Stage, fluxes: readonly Flux[], drawn: readonly Drawn[], arms: readonly string[]): SVGSVGElement[] {
  const names = Math.min(210, 24 + Math.max(...arms.map((arm) => textWidth(arm, 10))));
  const width = Math.floor((WIDTH - names) / fluxes.length);
  const reach = 1.08 * Math.max(...drawn.flatMap((row) => [row.difference, row.low ?? 0, row.high ?? 0]).map(Math.abs));
  return fluxes.map((flux, i) => panel(stage, flux, drawn.filter((row) => row.flux === flux), { arms, reach, width: width + (i === 0 ? names : 0), left: i === 0 ? names : 8 }));
}

function panel({ Plot, plot }: Stage, flux: Flux, rows: readonly Drawn[], { arms, reach, width, left }: { arms: readonly string[]; reach: number; width: number; left: number }): SVGSVGElement {
  const told = (row: Drawn): boolean => row.low !== null && row.high !== null && row.low * row.high > 0;
  const color = (row: Drawn): string => (told(row) ? (row.difference < 0 ? COLORS.better : COLORS.worse) : COLORS.open);
  return plot({
    width, height: 62 + 20 * arms.length, marginLeft: left, marginRight: 8, marginTop: 26, marginBottom: 36,
    x: { domain: [-reach, reach], label: "Δ RMSE (g C m⁻² d⁻¹)", labelAnchor: "center", labelArrow: "none", ticks: 4 },
    y: { domain: arms, label: null, tickSize: 0, axis: left > 8 ? "left" : null },
    marks: [
      Plot.gridX({ ticks: 4, stroke: GRID, strokeOpacity: 1 }),
      Plot.ruleX([0], { stroke: MUTED }),
      Plot.ruleY(rows.filter((row) => row.low !== null && row.high !== null), { y: "arm", x1: "low", x2: "high", stroke: color, strokeWidth: 1.6 }),
      Plot.dot(rows, { y: "arm", x: "difference", r: 3.8, fill: (row: Drawn) => (told(row) ? color(row) : "#ffffff"), stroke: color, strokeWidth: 1.4 }),
      Plot.text([FLUX_STYLE[flux].label], { frameAnchor: "top", dy: -16, text: (t: string) => t, fontWeight: "bold", fill: INK }),
    ],
  });
}
