import { count } from "../core/count";
import { WorkbookError } from "../core/errors";
import { FLUX_LABEL, IGBP_ORDER, KOPPEN, type Flux } from "../core/quantities";
import type { Site, SiteId } from "../core/sites";
import { requireSome, someOf, type Figure, type FigureContext, type Stage } from "./figure";
import { CYCLE_STEP, meanCycle, type CycleStep } from "./mean-cycle";
import { siteDays } from "./site-days";
import { FLUX_STYLE, GRID, lineStyles, MUTED, WIDTH, type LineStyle } from "./style";

/** One flux `[row]`, observed and by each model, g C m⁻² d⁻¹, NaN = missing. */
export interface CycleDays {
  readonly flux: Flux;
  readonly site: readonly SiteId[];
  readonly day: ArrayLike<number>;
  readonly observed: ArrayLike<number>;
  readonly models: readonly { readonly name: string; readonly values: ArrayLike<number> }[];
}

export interface SeasonalCycleOptions extends FigureContext {
  /** a panel for each class, or one for all sites; "all" takes several fluxes, a panel each */
  readonly by?: "igbp" | "koppen" | "all";
}

interface Line {
  readonly name: string;
  readonly steps: readonly CycleStep[];
}

interface CyclePanel {
  readonly flux: Flux;
  readonly group: string;
  readonly sites: readonly SiteId[];
  readonly lines: readonly Line[];
}

/**
 * Mean seasonal cycle with its quartiles over sites, observed against models, on the days where all of them have a value.
 * Southern sites move by half a year. Classes without such a day are named under the figure.
 * @throws WorkbookError EmptyTable where no day has all values; BadArgument for several fluxes by class
 * @example seasonalCycle([gpp], table.sites, { by: "igbp", simulated: true })
 */
export function seasonalCycle(data: readonly CycleDays[], sites: readonly Site[], options: SeasonalCycleOptions): Figure {
  const by = options.by ?? "igbp";
  if (by !== "all" && data.length > 1) throw new WorkbookError("BadArgument", `seasonalCycle: one flux required with by "${by}", found ${data.length}; draw a figure for each, or use by "all"`);
  const south = new Set(sites.filter((s) => s.lat !== null && s.lat < 0).map((s) => s.site));
  const groupOf = new Map(sites.map((s): [SiteId, string] => [s.site, by === "all" ? "all sites" : s[by] ?? "unknown"]));
  const groups = by === "all" ? ["all sites"] : [...(by === "igbp" ? IGBP_ORDER : KOPPEN), "unknown"];
  const complete = data.map((series) => completeRows(series));
  const panels = data.flatMap((series, i) => groups.map((group) => cyclePanel(series, complete[i]!, group, groupOf, south))).filter((p) => p.sites.length > 0);
  requireSome("seasonalCycle", panels.length, "at least one day with the observed flux and a value of every model", `none in ${count(data.reduce((n, d) => n + d.site.length, 0), "row")}`, "check that predictions and table share sites and days");

  const names = ["observed", ...new Set(data.flatMap((d) => d.models.map((m) => m.name)))];
  const styles = lineStyles(names);
  const drawn = new Set(panels.flatMap((p) => p.sites));
  const lost = data.reduce((sum, d, i) => sum + countFinite(d.observed) - complete[i]!.length, 0);
  const absent = groups.filter((g) => [...groupOf.values()].includes(g) && !panels.some((p) => p.group === g));
  const shifted = [...drawn].filter((site) => south.has(site)).length;
  const banded = names.length <= 2 ? names : ["observed"];

  return {
    name: `seasonal-cycle-${by === "all" ? "all" : `${data[0]!.flux}-${by}`}`,
    title: `Mean seasonal cycle${by === "all" ? "" : ` of ${FLUX_LABEL[data[0]!.flux]} by ${by === "igbp" ? "land cover (IGBP)" : "climate (Köppen)"}`}${options.suffix ?? ""}`,
    caption: `Mean over sites of each site's mean cycle in ${CYCLE_STEP}-day steps, over all its years, on days where observation and all models have a value. Band: quartiles over sites (${banded.map((n) => styles.get(n)!.label).join(", ")}).`,
    alt: panels.map((p) => `${FLUX_STYLE[p.flux].label} at ${count(p.sites.length, "site")} (${p.group}): ${p.lines.map((l) => `${styles.get(l.name)!.label} from ${extreme(l, Math.min)} to ${extreme(l, Math.max)}`).join(", ")}`).join("; "),
    ...siteDays(data.map((d, i) => ({ site: d.site, day: d.day, rows: complete[i]! }))),
    simulated: options.simulated,
    legend: [
      ...names.map((name) => ({ label: styles.get(name)!.label, kind: "line" as const, color: styles.get(name)!.color, dash: styles.get(name)!.dash })),
      ...banded.map((name) => ({ label: `quartiles over sites, ${styles.get(name)!.label}`, kind: "band" as const, color: styles.get(name)!.color })),
    ],
    notes: [
      ...(shifted > 0 ? [`${count(shifted, "southern site")} moved by half a year.`] : []),
      ...(lost > 0 ? [`Left out: ${count(lost, "observation")} without a prediction of every model.`] : []),
      ...(absent.length > 0 ? [`No day with all values: ${someOf(absent)}.`] : []),
    ],
    data: panels.flatMap((p) => p.lines.flatMap((l) => l.steps.map((s) => ({ flux: p.flux, group: p.group, series: l.name, day_of_year: s.dayOfYear, mean: s.mean, q25: s.q25, q75: s.q75, sites: s.sites })))),
    units: { day_of_year: "days", mean: "g C m⁻² d⁻¹", q25: "g C m⁻² d⁻¹", q75: "g C m⁻² d⁻¹", sites: "sites" },
    draw: (stage) => layout(panels, by).map((row) => row.map((cell) => drawPanel(stage, cell, styles, banded))),
  };
}

function completeRows(d: CycleDays): number[] {
  const out: number[] = [];
  for (let i = 0; i < d.site.length; i++) if (Number.isFinite(d.observed[i]) && d.models.every((m) => Number.isFinite(m.values[i]))) out.push(i);
  return out;
}

function countFinite(values: ArrayLike<number>): number {
  let n = 0;
  for (let i = 0; i < values.length; i++) if (Number.isFinite(values[i])) n++;
  return n;
}

function cyclePanel(d: CycleDays, complete: readonly number[], group: string, groupOf: ReadonlyMap<SiteId, string>, south: ReadonlySet<SiteId>): CyclePanel {
  const rows = complete.filter((i) => (groupOf.get(d.site[i]!) ?? "unknown") === group);
  const [site, day] = [rows.map((i) => d.site[i]!), rows.map((i) => d.day[i]!)];
  const series = [{ name: "observed", values: d.observed }, ...d.models];
  return { flux: d.flux, group, sites: [...new Set(site)], lines: series.map(({ name, values }) => ({ name, steps: meanCycle(site, day, rows.map((i) => values[i]!), south) })) };
}

const extreme = (line: Line, of: (...values: number[]) => number): string => of(...line.steps.map((s) => s.mean)).toFixed(1);

interface Cell {
  readonly panel: CyclePanel;
  readonly domain: readonly [number, number];
  readonly width: number;
  readonly label: string;
  /** first of its row: carries the y axis where the row shares it */
  readonly axis: boolean;
  readonly wide: boolean;
}

/** Panels in rows of at most four; classes share the y axis, fluxes have their own. */
function layout(panels: readonly CyclePanel[], by: "igbp" | "koppen" | "all"): Cell[][] {
  const columns = Math.min(panels.length, by === "all" ? 3 : 4);
  const gutter = by === "all" ? 0 : 38;
  const inner = Math.floor((WIDTH - gutter) / columns);
  const all = range(panels);
  const cells = panels.map((panel, i): Cell => {
    const axis = by === "all" || i % columns === 0;
    const label = by === "all" ? FLUX_LABEL[panel.flux] : panel.group;
    return { panel, domain: by === "all" ? range([panel]) : all, width: inner + (axis ? gutter : 0), label, axis, wide: by === "all" };
  });
  return Array.from({ length: Math.ceil(cells.length / columns) }, (_, r) => cells.slice(r * columns, (r + 1) * columns));
}

function range(panels: readonly CyclePanel[]): [number, number] {
  const values = panels.flatMap((p) => p.lines.flatMap((l) => l.steps.flatMap((s) => (l.name === "observed" ? [s.q25, s.q75, s.mean] : [s.mean]))));
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  return [low - 0.05 * (high - low), high + 0.05 * (high - low)];
}

const MONTHS = { at: [1, 60, 121, 182, 244, 305], names: ["Jan", "Mar", "May", "Jul", "Sep", "Nov"] };

function drawPanel(stage: Stage, cell: Cell, styles: ReadonlyMap<string, LineStyle>, banded: readonly string[]): SVGSVGElement {
  const { Plot } = stage;
  const { panel, label } = cell;
  const bands = panel.lines.filter((line) => banded.includes(line.name));
  return stage.plot({
    width: cell.width, height: cell.wide ? 214 : 138, marginLeft: cell.wide ? 34 : cell.axis ? 48 : 10, marginRight: 6, marginTop: 26, marginBottom: 22,
    x: { domain: [1, 365], label: null },
    y: { domain: [...cell.domain], label: null, axis: null },
    marks: [
      Plot.gridY({ ticks: 4, stroke: GRID, strokeOpacity: 1 }),
      Plot.axisX(MONTHS.at, { tickFormat: (d: number) => MONTHS.names[MONTHS.at.indexOf(d)]!.slice(0, cell.wide ? 3 : 1), tickSize: 3 }),
      ...(cell.axis ? [Plot.axisY({ ticks: 4, tickSize: 3 })] : []),
      ...(cell.axis && !cell.wide ? [Plot.text([FLUX_LABEL[panel.flux]], { frameAnchor: "left", dx: -38, rotate: -90, textAnchor: "middle", text: (t: string) => t })] : []),
      Plot.ruleY([0], { stroke: MUTED, strokeWidth: 0.6 }),
      ...bands.map((line) => Plot.areaY(line.steps, { x: "dayOfYear", y1: "q25", y2: "q75", fill: styles.get(line.name)!.color, fillOpacity: 0.18, clip: true })),
      ...[...panel.lines].reverse().map((line) => {
        const style = styles.get(line.name)!;
        return Plot.line(line.steps, { x: "dayOfYear", y: "mean", stroke: style.color, strokeWidth: line.name === "observed" ? 1.6 : 1.4, strokeDasharray: style.dash === "none" ? undefined : style.dash });
      }),
      Plot.text([label], { frameAnchor: "top-left", dy: -16, textAnchor: "start", text: (t: string) => t, fontWeight: "bold", fontSize: 10 }),
      Plot.text([count(panel.sites.length, "site")], { frameAnchor: "top-right", dy: cell.wide ? -4 : -16, textAnchor: "end", text: (t: string) => t, fontSize: 9, fill: MUTED }),
    ],
  });
}
