import { parseDay } from "../core/days";
import type { CumulativeYear } from "../evaluate/budget-cumulative";
import { requireSome, type Figure, type FigureContext, type Stage } from "./figure";
import { FLUX_STYLE, GRID, lineStyles, MUTED, WIDTH, type LineStyle } from "./style";

/** Years drawn at most, the latest ones, three in a row. */
const MOST = 9;
const MONTHS = { at: [1, 91, 182, 274], names: ["Jan", "Apr", "Jul", "Oct"] };

/**
 * Cumulative flux over each year, tower with the range over u* thresholds against models. The nine latest years are drawn, all are in the data.
 * @throws WorkbookError EmptyTable for no year
 * @example cumulative(cumulativeYears(table, "DE-Hai", "nee", contenders), { simulated: false })
 */
export function cumulative(years: readonly CumulativeYear[], options: FigureContext): Figure {
  requireSome("cumulative", years.length, "at least one year with an annual sum", "none", "choose another site");
  const { site, flux } = years[0]!;
  const shown = years.slice(-MOST);
  const names = ["observed", ...new Set(years.flatMap((y) => y.models.map((m) => m.name)))];
  const styles = lineStyles(names);
  const label = `${FLUX_STYLE[flux].label} since 1 January (g C m⁻²)`;
  const values = shown.flatMap((y) => [y.observed, ...y.models.map((m) => m.values), ...(y.ustar ? [y.ustar.low, y.ustar.high] : [])]);
  const domain = values.reduce(([a, b], v) => [v.reduce((m, x) => Math.min(m, x), a), v.reduce((m, x) => Math.max(m, x), b)], [0, 0]) as [number, number];
  const ends = (y: CumulativeYear): string => `${y.year}: observed ${last(y.observed).toFixed(0)}${y.models.map((m) => `, ${styles.get(m.name)!.label} ${last(m.values).toFixed(0)}`).join("")}`;
  const band = shown.find((y) => y.ustar !== null)?.ustar ?? null;
  const filled = years.reduce((n, y) => n + y.filled, 0);
  return {
    name: `cumulative-${flux}-${site}`,
    title: `Cumulative ${FLUX_STYLE[flux].label} at ${site}${options.suffix ?? ""}`,
    caption: `${FLUX_STYLE[flux].label} added up from 1 January at ${site}, observed and predicted on the same days${band ? `; band: percentiles ${band.of} over u* thresholds, an outer bound since daily percentiles are added` : ""}.`,
    alt: `${shown.map(ends).join("; ")} g C m⁻² at the year's end`,
    n: years.reduce((n, y) => n + y.observed.length - y.filled, 0), nOf: `days in ${years.length === 1 ? "1 year" : `${years.length} years`}`,
    period: { first: parseDay(`${years[0]!.year}-01-01`), last: parseDay(`${years[years.length - 1]!.year}-12-31`) },
    simulated: options.simulated,
    legend: [...names.map((name) => ({ label: styles.get(name)!.label, kind: "line" as const, color: styles.get(name)!.color, dash: styles.get(name)!.dash })), ...(band ? [{ label: `u* ${band.of}`, kind: "band" as const, color: styles.get("observed")!.color }] : [])],
    notes: [
      ...(filled > 0 ? [`On ${filled} days without an observation every curve goes on with the mean of its month.`] : []),
      ...(years.length > MOST ? [`${years.length - MOST} earlier years are in the data, not in the figure.`] : []),
    ],
    data: years.flatMap((y) => Array.from(y.observed, (v, d) => ({ site, year: y.year, day_of_year: d + 1, observed: v, ustar_low: y.ustar?.low[d] ?? null, ustar_high: y.ustar?.high[d] ?? null, ...Object.fromEntries(y.models.map((m) => [m.name, m.values[d]!])) }))),
    units: Object.fromEntries(["observed", "ustar_low", "ustar_high", ...names.slice(1)].map((c) => [c, "g C m⁻²"])),
    decimals: 1,
    draw: (stage) => Array.from({ length: Math.ceil(shown.length / 3) }, (_, row) => shown.slice(3 * row, 3 * row + 3).map((y, k) => drawPanel(stage, y, { styles, domain, label, first: k === 0, width: Math.floor((WIDTH - 34) / Math.min(3, shown.length)) }))),
  };
}

const last = (values: Float64Array): number => values[values.length - 1]!;

interface PanelContext {
  readonly styles: ReadonlyMap<string, LineStyle>;
  readonly domain: readonly [number, number];
  readonly label: string;
  readonly first: boolean;
  readonly width: number;
}

function drawPanel({ Plot, plot }: Stage, y: CumulativeYear, c: PanelContext): SVGSVGElement {
  const x = (_: unknown, d: number): number => d + 1;
  const lines = [...y.models].reverse().concat([{ name: "observed", values: y.observed }]);
  return plot({
    width: c.width + (c.first ? 34 : 0), height: 172, marginLeft: c.first ? 50 : 16, marginRight: 6, marginTop: 22, marginBottom: 24,
    x: { domain: [1, 366], label: null },
    y: { domain: [...c.domain], nice: true, label: null, axis: null },
    marks: [
      Plot.gridY({ ticks: 5, stroke: GRID, strokeOpacity: 1 }),
      Plot.axisX(MONTHS.at, { tickFormat: (d: number) => MONTHS.names[MONTHS.at.indexOf(d)]!, tickSize: 3 }),
      ...(c.first ? [Plot.axisY({ ticks: 5, tickSize: 3 }), Plot.text([c.label], { frameAnchor: "left", dx: -42, rotate: -90, textAnchor: "middle", text: (t: string) => t })] : []),
      Plot.ruleY([0], { stroke: MUTED, strokeWidth: 0.6 }),
      ...(y.ustar ? [Plot.areaY(y.ustar.low, { x, y1: (v: number) => v, y2: (_: number, d: number) => y.ustar!.high[d]!, fill: c.styles.get("observed")!.color, fillOpacity: 0.18 })] : []),
      ...lines.map(({ name, values }) => {
        const style = c.styles.get(name)!;
        return Plot.line(values, { x, y: (v: number) => v, stroke: style.color, strokeWidth: name === "observed" ? 1.7 : 1.4, strokeDasharray: style.dash === "none" ? undefined : style.dash });
      }),
      Plot.text([String(y.year)], { frameAnchor: "top-left", dy: -14, textAnchor: "start", text: (t: string) => t, fontWeight: "bold" }),
    ],
  });
}
