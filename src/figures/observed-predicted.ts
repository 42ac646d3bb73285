import type { Markish } from "@observablehq/plot";
import { count } from "../core/count";
import { FLUX_LABEL, type Flux } from "../core/quantities";
import type { SiteId } from "../core/sites";
import { requireSome, type Figure, type FigureContext, type Stage } from "./figure";
import { hexbin, type Hexagon } from "./hexbin";
import { quantile } from "./quantile";
import { pairScores, type PairScores } from "./scores";
import { siteDays } from "./site-days";
import { FLUX_STYLE, GRID, INK, MUTED, RAMP, WIDTH } from "./style";

/** One flux on the days of many sites `[row]`, g C m⁻² d⁻¹, NaN = missing. */
export interface FluxPairs {
  readonly flux: Flux;
  readonly site: readonly SiteId[];
  readonly day: ArrayLike<number>;
  readonly observed: ArrayLike<number>;
  readonly predicted: ArrayLike<number>;
}

interface PanelData {
  readonly flux: Flux;
  readonly hexagons: readonly Hexagon[];
  readonly outside: number;
  readonly domain: readonly [number, number];
  readonly width: number;
  readonly scores: PairScores;
}

/**
 * Density of predicted against observed daily flux, one panel a flux, with the 1:1 line, n, RMSE and R² over all days pooled.
 * Axes hold the central 99.8 % of both; days beyond are counted under the figure, as are days without a prediction.
 * @throws WorkbookError EmptyTable where no day has both values
 * @example observedPredicted([{ flux: "gpp", site, day, observed, predicted }], { simulated: false, suffix: ", TAM-RL" })
 */
export function observedPredicted(pairs: readonly FluxPairs[], options: FigureContext): Figure {
  const panels = pairs.map((pair) => panelData(pair)).filter((panel): panel is PanelData => panel !== null);
  requireSome("observedPredicted", panels.length, "at least one day with an observed and a predicted flux", `none in ${count(pairs.length, "flux series")}`, "check that predictions and table share sites and days");
  const used = pairs.filter((pair) => panels.some((panel) => panel.flux === pair.flux));
  const unpredicted = panels.reduce((sum, panel) => sum + panel.scores.unpredicted, 0);
  const outside = panels.reduce((sum, panel) => sum + panel.outside, 0);
  const most = Math.max(1, ...panels.flatMap((panel) => panel.hexagons.map((h) => h.count)));
  const empty = pairs.filter((pair) => !used.includes(pair)).map((pair) => FLUX_STYLE[pair.flux].label);
  
  return {
    name: "observed-predicted",
    title: `Predicted against observed daily fluxes${options.suffix ?? ""}`,
    caption: "Density of site-days (hexagons, logarithmic colours) of predicted against observed daily flux; line: 1:1. RMSE and R² = 1 − SSE/SST over all days pooled, which weighs long records more than per-site medians do.",
    alt: panels.map((p) => `${FLUX_STYLE[p.flux].label}: ${p.scores.n} days, RMSE ${p.scores.rmse.toFixed(2)}, R² ${p.scores.r2.toFixed(2)}`).join("; "),
    ...siteDays(used.map((pair) => ({ site: pair.site, day: pair.day, rows: indices(pair) }))),
    simulated: options.simulated,
    legend: [{ label: "1:1", kind: "line", color: INK }],
    ramp: { label: "site-days in a hexagon (log)", colors: RAMP, low: "1", high: most.toLocaleString("en-US") },
    notes: [
      ...(unpredicted > 0 ? [`Not drawn: ${count(unpredicted, "observation")} without a prediction.`] : []),
      ...(outside > 0 ? [`Beyond the axes, but in the scores: ${count(outside, "day")}.`] : []),
      ...(empty.length > 0 ? [`No day with both values: ${empty.join(", ")}.`] : []),
    ],
    data: panels.flatMap((p) => p.hexagons.map((h) => ({ flux: p.flux, observed: h.x, predicted: h.y, site_days: h.count }))),
    units: { observed: "g C m⁻² d⁻¹", predicted: "g C m⁻² d⁻¹", site_days: "days" },
    draw: (stage) => [panels.map((panel) => drawPanel(stage, panel, panels.length === 1 ? 380 : Math.floor(WIDTH / panels.length), most))],
  };
}

function indices(pair: FluxPairs): number[] {
  const out: number[] = [];
  for (let i = 0; i < pair.observed.length; i++) if (!Number.isNaN(pair.observed[i]) && !Number.isNaN(pair.predicted[i])) out.push(i);
  return out;
}

function panelData(pair: FluxPairs): PanelData | null {
  const kept = indices(pair);
  if (kept.length === 0) return null;
  const [observed, predicted] = [kept.map((i) => pair.observed[i]!), kept.map((i) => pair.predicted[i]!)];
  const ends = [0.001, 0.999].map((p) => [quantile(observed, p), quantile(predicted, p)]);
  const [low, high] = [Math.min(0, ...ends[0]!), Math.max(0, ...ends[1]!)];
  const pad = 0.04 * (high - low || 1);
  const domain = [low - pad, high + pad] as const;
  const width = (domain[1] - domain[0]) / 34;
  const within = (h: Hexagon): boolean => [h.x, h.y].every((v) => v >= domain[0] && v <= domain[1]);
  const hexagons = hexbin(observed, predicted, width);
  const outside = hexagons.filter((h) => !within(h)).reduce((sum, h) => sum + h.count, 0);
  return { flux: pair.flux, hexagons: hexagons.filter(within), outside, domain, width, scores: pairScores(pair.observed, pair.predicted) };
}

function drawPanel(stage: Stage, panel: PanelData, size: number, most: number): SVGSVGElement {
  const { Plot } = stage;
  const margins = { marginLeft: 34, marginRight: 8, marginTop: 22, marginBottom: 34 };
  const inner = size - 42;
  const [low, high] = panel.domain;
  const scale = { domain: [low, high], ticks: 5, nice: false };
  const { n, rmse, r2 } = panel.scores;
  return stage.plot({
    width: size, height: inner + 56, ...margins,
    x: { ...scale, label: `observed ${FLUX_LABEL[panel.flux]}`, labelAnchor: "center", labelArrow: "none" },
    y: { ...scale, label: `predicted ${FLUX_LABEL[panel.flux]}`, labelAnchor: "top", labelArrow: "none" },
    marks: [
      Plot.gridX({ ticks: 5, stroke: GRID, strokeOpacity: 1 }),
      Plot.gridY({ ticks: 5, stroke: GRID, strokeOpacity: 1 }),
      ...RAMP.map((color, level) => hexagonPath(stage, panel.hexagons.filter((h) => levelOf(h.count, most) === level), (inner * panel.width) / (high - low), color)),
      Plot.line([[low, low], [high, high]], { stroke: "white", strokeWidth: 3 }),
      Plot.line([[low, low], [high, high]], { stroke: INK, strokeWidth: 1.1 }),
      Plot.frame({ stroke: MUTED, strokeWidth: 0.6 }),
      Plot.text([`n ${n.toLocaleString("en-US")}\nRMSE ${rmse.toFixed(2)}\nR² ${Number.isNaN(r2) ? "not defined" : r2.toFixed(2)}`], {
        frameAnchor: "top-left", dx: 5, dy: 5, textAnchor: "start", lineAnchor: "top", text: (t: string) => t, fontSize: 10, fill: INK, stroke: "white", strokeWidth: 3,
      }),
    ],
  });
}

/** Step of the ramp for a count, on a logarithmic scale from 1 to the fullest hexagon. */
function levelOf(n: number, most: number): number {
  return most <= 1 ? 0 : Math.min(RAMP.length - 1, Math.floor((RAMP.length * Math.log(n)) / Math.log(most)));
}

/** All hexagons of one colour as one path: a third of the bytes of one element each. */
function hexagonPath({ Plot, document }: Stage, hexagons: readonly Hexagon[], width: number, fill: string): Markish {
  const [half, side] = [width / 2 + 0.1, width / Math.sqrt(3) + 0.1].map((v) => Number(v.toFixed(1))) as [number, number];
  const [h, s, q] = [half, side, Number((side / 2).toFixed(1))];
  const shape = `l${h},${q}v${s}l${-h},${q}l${-h},${-q}v${-s}z`;
  return Plot.dot(hexagons, {
    x: "x",
    y: "y",
    render: (index, _scales, { x, y }) => {
      const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
      path.setAttribute("fill", fill);
      path.setAttribute("d", Array.from(index, (i) => `M${x![i].toFixed(1)},${(y![i] - side).toFixed(1)}${shape}`).join(""));
      return path;
    },
  });
}
