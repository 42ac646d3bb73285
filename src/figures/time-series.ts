import { count } from "../core/count";
import { asDay, formatDay } from "../core/days";
import { FLUX_LABEL, type Flux } from "../core/quantities";
import type { SiteId } from "../core/sites";
import type { UstarRange } from "../data/sites/ustar-range";
import { periodOf, requireSome, type Figure, type FigureContext, type Row, type Stage } from "./figure";
import { FLUX_STYLE, GRID, INK, lineStyles, MISSING, MUTED, WIDTH, type LineStyle } from "./style";
import { bandColumns, bandNames, bandWords, ustarBand, type UstarBand } from "./ustar-band";

/** One site's days `[day]` in time order, NaN = missing. */
export interface SiteSeries {
  readonly site: SiteId;
  readonly day: ArrayLike<number>;
  /** g C m⁻² d⁻¹ */
  readonly fluxes: readonly {
    readonly flux: Flux;
    readonly observed: ArrayLike<number>;
    /** what the observation would be by other u* thresholds, drawn behind it */
    readonly band?: UstarRange;
    readonly models: readonly { readonly name: string; readonly values: ArrayLike<number> }[];
  }[];
  readonly drivers?: readonly { readonly name: string; readonly label: string; readonly unit: string; readonly values: ArrayLike<number> }[];
}

/** Opacity of a band, as the legend draws it. */
const TINT = 0.3;

interface Line {
  readonly values: readonly number[];
  readonly style: Pick<LineStyle, "color" | "dash">;
}

interface Panel {
  readonly label: string;
  readonly lines: readonly Line[];
  readonly band: UstarBand | null;
  /** the line whose gaps are shaded */
  readonly gapsOf: readonly number[];
  readonly height: number;
}

/** Days by calendar: the table's rows laid on an axis without holes, so that a missing row is a gap like a missing value. */
interface Axis {
  readonly first: number;
  readonly length: number;
  readonly lay: (values: ArrayLike<number>) => number[];
}

/**
 * Daily fluxes of one site, observed with their range over u* thresholds where the series has it, against models, and the drivers, a panel each on one
 * time axis. Lines break at missing days; days without an observation (or a driver) are shaded.
 * @throws WorkbookError EmptyTable where no flux and no driver has a value
 * @example timeSeries({ site: "DE-Hai", day, fluxes: [{ flux: "gpp", observed, models: [] }] }, { simulated: false })
 */
export function timeSeries(series: SiteSeries, options: FigureContext): Figure {
  const drivers = series.drivers ?? [];
  const everything = [...series.fluxes.flatMap((f) => [f.observed, ...f.models.map((m) => m.values)]), ...drivers.map((d) => d.values)];
  const filled = everything.reduce((sum, values) => sum + finite(values), 0);
  requireSome("timeSeries", filled, `at least one value of a flux or driver at ${series.site}`, `none on ${count(series.day.length, "day")}`, "choose another site or period");
  const axis = axisOf(series.day);
  const names = ["observed", ...new Set(series.fluxes.flatMap((f) => f.models.map((m) => m.name)))];
  const styles = lineStyles(names);
  const observed = axis.lay(Array.from(series.day, (_, i) => (series.fluxes.some((f) => Number.isFinite(f.observed[i])) ? 1 : NaN)));
  const n = finite(observed);

  const fluxes = series.fluxes.map((f) => ({ ...f, band: ustarBand(f.flux, axis.lay(f.observed), f.band, axis.lay) }));
  const ranges = bandNames(fluxes.map((f) => f.band));

  const panels: Panel[] = [
    ...fluxes.map((f): Panel => {
      const values = axis.lay(f.observed);
      const lines = [{ values, style: styles.get("observed")! }, ...f.models.map((m) => ({ values: axis.lay(m.values), style: styles.get(m.name)! }))];
      return { label: FLUX_LABEL[f.flux], lines, band: f.band, gapsOf: values, height: 122 };
    }),
    ...drivers.map((d): Panel => {
      const values = axis.lay(d.values);
      return { label: `${d.label} (${d.unit})`, lines: [{ values, style: { color: MUTED, dash: "none" } }], band: null, gapsOf: values, height: 84 };
    }),
  ];

  return {
    name: `time-series-${series.site}`,
    title: `Daily fluxes${drivers.length > 0 ? " and drivers" : ""} at ${series.site}${options.suffix ?? ""}`,
    caption: `Daily fluxes observed at ${series.site} and predicted${drivers.length > 0 ? ", with drivers" : ""}. Shaded: days without a value of the tower or driver; lines break there.${ranges.length > 0 ? ` Band: percentiles ${ranges.join("; ")} of the observed flux over u* thresholds.` : ""}`,
    alt: fluxes.map((f) => `${FLUX_STYLE[f.flux].label} observed on ${finite(f.observed)} of ${axis.length} days${f.band ? `, ${bandWords(f.band)}` : ""}`).join("; "),
    n,
    nOf: `days with flux of ${axis.length.toLocaleString("en-US")}`,
    period: periodOf(series.day),
    simulated: options.simulated,
    legend: [
      ...names.map((name) => ({ label: styles.get(name)!.label, kind: "line" as const, color: styles.get(name)!.color, dash: styles.get(name)!.dash })),
      ...ranges.map((name) => ({ label: `u* ${name}`, kind: "band" as const, color: styles.get("observed")!.color })),
      { label: "missing", kind: "box", color: MISSING },
    ],
    notes: [],
    data: table(series, fluxes.map((f) => f.band), axis),
    units: Object.fromEntries([...fluxes.flatMap((f) => [f.flux, ...bandColumns(f.band).map(([name]) => name), ...f.models.map((m) => `${f.flux}_${m.name}`)].map((c) => [c, "g C m⁻² d⁻¹"])), ...drivers.map((d) => [d.name, d.unit])]),
    decimals: 1,
    draw: (stage) => panels.map((panel, i) => [drawPanel(stage, panel, axis, i === panels.length - 1)]),
  };
}

function finite(values: ArrayLike<number>): number {
  let n = 0;
  for (let i = 0; i < values.length; i++) if (Number.isFinite(values[i])) n++;
  return n;
}

function axisOf(day: ArrayLike<number>): Axis {
  const span = periodOf(day);
  const first = span?.first ?? 0;
  const length = span === null ? 0 : span.last - span.first + 1;
  return {
    first,
    length,
    lay: (values) => {
      const out = new Array<number>(length).fill(NaN);
      for (let i = 0; i < day.length; i++) out[day[i]! - first] = values[i]!;
      return out;
    },
  };
}

function table(series: SiteSeries, bands: readonly (UstarBand | null)[], axis: Axis): Row[] {
  const columns: [string, readonly number[]][] = [
    ...series.fluxes.flatMap((f, k): [string, readonly number[]][] => [[f.flux, axis.lay(f.observed)], ...bandColumns(bands[k]!), ...f.models.map((m): [string, number[]] => [`${f.flux}_${m.name}`, axis.lay(m.values)])]),
    ...(series.drivers ?? []).map((d): [string, number[]] => [d.name, axis.lay(d.values)]),
  ];
  return Array.from({ length: axis.length }, (_, i): Row => ({ site: series.site, date: formatDay(asDay(axis.first + i)), ...Object.fromEntries(columns.map(([name, values]) => [name, values[i]!])) }));
}

/** Runs of missing days as [from, to). */
function gaps(values: readonly number[], first: number): { from: Date; to: Date }[] {
  const out: { from: Date; to: Date }[] = [];
  let start = -1;
  for (let i = 0; i <= values.length; i++) {
    const missing = i < values.length && !Number.isFinite(values[i]);
    if (missing && start < 0) start = i;
    if (!missing && start >= 0) {
      out.push({ from: dateOf(first + start - 0.5), to: dateOf(first + i - 0.5) });
      start = -1;
    }
  }
  return out;
}

/** Days whose neighbours are both missing: a line would not show them. */
function alone(values: readonly number[]): number[] {
  return values.flatMap((v, i) => (Number.isFinite(v) && !Number.isFinite(values[i - 1]) && !Number.isFinite(values[i + 1]) ? [i] : []));
}

function dateOf(day: number): Date {
  return new Date(day * 86_400_000);
}

function drawPanel({ Plot, plot }: Stage, panel: Panel, axis: Axis, last: boolean): SVGSVGElement {
  const x = (_: unknown, i: number): Date => dateOf(axis.first + i);
  const { band } = panel;
  const values = [...panel.lines.flatMap((line) => line.values), ...(band ? [...band.low, ...band.high] : [])].filter(Number.isFinite);
  const [low, high] = values.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, -Infinity]);
  const flux = panel.lines.length > 1 || panel.label.startsWith("NEE");
  const domain = values.length === 0 ? [0, 1] : [Math.min(low, flux ? 0 : low), high === low ? low + 1 : high];
  return plot({
    width: WIDTH, height: panel.height + (last ? 22 : 0), marginLeft: 40, marginRight: 18, marginTop: 20, marginBottom: last ? 28 : 6,
    x: { type: "utc", domain: [dateOf(axis.first - 0.5), dateOf(axis.first + axis.length - 0.5)], axis: last ? "bottom" : null, label: null },
    y: { domain, nice: true, label: null, ticks: values.length === 0 ? [] : 4, tickSize: 3 },
    marks: [
      Plot.rectX(gaps(panel.gapsOf, axis.first), { x1: "from", x2: "to", fill: MISSING }),
      Plot.gridY({ ticks: values.length === 0 ? [] : 4, stroke: GRID, strokeOpacity: 1 }),
      Plot.ruleY(domain[0]! < 0 ? [0] : [], { stroke: MUTED, strokeWidth: 0.6 }),
      ...(band ? [
        Plot.areaY(band.low, { x, y1: (v: number) => v, y2: (_: number, i: number) => band.high[i]!, fill: INK, fillOpacity: TINT }),
        Plot.ruleX(alone(band.low), { x: (d: number) => dateOf(axis.first + d), y1: (d: number) => band.low[d]!, y2: (d: number) => band.high[d]!, stroke: INK, strokeOpacity: TINT, strokeWidth: 2.2 }),
      ] : []),
      ...panel.lines.map(({ values: y, style }, i) => Plot.line(y, {
        x, y: (v: number) => v, stroke: style.color, strokeWidth: i === 0 ? 0.9 : 1.3, strokeLinecap: "round", strokeDasharray: style.dash === "none" ? undefined : style.dash,
      })),
      ...panel.lines.map(({ values: y, style }, i) => Plot.dot(alone(y), { x: (d: number) => dateOf(axis.first + d), y: (d: number) => y[d]!, r: i === 0 ? 1.1 : 1.3, fill: style.color })),
      Plot.text([panel.label], { frameAnchor: "top-left", dx: -32, dy: -15, textAnchor: "start", text: (t: string) => t, fontWeight: "bold", fill: INK }),
      ...(values.length === 0 ? [Plot.text(["no value in this period"], { frameAnchor: "middle", text: (t: string) => t, fill: MUTED })] : []),
    ],
  });
}
