import type { Layout, Plot } from "nodeplotlib";
import { asDay, formatDay } from "../core/days";
import { FLUX_LABEL } from "../core/quantities";
import type { FigureContext } from "../figures/figure";
import { lineStyles } from "../figures/style";
import type { SiteSeries } from "../figures/time-series";
import { explore, type Explorer } from "./plotly";

/** Room between two panels, as a share of the window, and the height of a panel in pixels. */
const BETWEEN = 0.02;
const PANEL = 170;

/**
 * Opens one site's fluxes, tower against models, and its drivers in the desktop's browser: a panel each on one time axis, so that zooming
 * or moving one moves all. Without a desktop a line says so and null comes back.
 * @throws WorkbookError MissingPart when the server does not start
 * @example await exploreSite(siteSeries(table, "DE-Hai", ["ta_degC", "vpd_hPa"], evaluation), { simulated: false })
 */
export async function exploreSite(series: SiteSeries, context: FigureContext, env: NodeJS.ProcessEnv = process.env): Promise<Explorer | null> {
  const { traces, layout } = sitePlot(series, context);
  return explore(traces, layout, env);
}

/** The traces and panels of `exploreSite`. @example sitePlot(siteSeries(table, "DE-Hai"), { simulated: false }).layout.title */
export function sitePlot({ site, day, fluxes, drivers = [] }: SiteSeries, { simulated }: FigureContext): { traces: Plot[]; layout: Layout } {
  const styles = lineStyles(["observed", ...new Set(fluxes.flatMap((f) => f.models.map((m) => m.name)))]);
  const panels = [
    ...fluxes.map((f) => ({ label: FLUX_LABEL[f.flux].replace(" (", "<br>("), lines: [{ name: "observed", values: f.observed }, ...f.models] })),
    ...drivers.map((d) => ({ label: `${d.label}<br>(${d.unit})`, lines: [{ name: d.name, values: d.values }] })),
  ];
  const traces = panels.flatMap(({ lines }, p) => lines.map(({ name, values }): Plot => {
    const style = styles.get(name);
    return {
      ...dated(day, values), type: "scattergl", mode: "lines", connectgaps: false, yaxis: axisName(p) as "y", legendgroup: name, showlegend: p === 0,
      name: style?.label ?? name, line: { width: 1.2, color: style?.color ?? "#555555" },
    };
  }));
  const height = 1 / panels.length;
  const axes = panels.map(({ label }, p) => [`yaxis${p === 0 ? "" : p + 1}`, { title: { text: label, font: { size: 11 } }, domain: [1 - (p + 1) * height + BETWEEN / 2, 1 - p * height - BETWEEN / 2] }] as const);
  return {
    traces,
    layout: {
      title: `Daily fluxes and drivers at ${site}${simulated ? " (simulated)" : ""}`, height: PANEL * panels.length, hovermode: "x", margin: { l: 80, r: 20, t: 80, b: 40 }, legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom" },
      xaxis: { type: "date", anchor: axisName(panels.length - 1) as "y" }, ...Object.fromEntries(axes),
    },
  };
}

function axisName(panel: number): string {
  return panel === 0 ? "y" : `y${panel + 1}`;
}

/** Dates and values; where rows of the calendar are missing the line breaks as at a missing value. */
function dated(day: ArrayLike<number>, values: ArrayLike<number>): { x: string[]; y: (number | null)[] } {
  const [x, y]: [string[], (number | null)[]] = [[], []];
  for (let i = 0; i < day.length; i++) {
    if (i > 0 && day[i]! > day[i - 1]! + 1) {
      x.push(formatDay(asDay(day[i - 1]! + 1)));
      y.push(null);
    }
    x.push(formatDay(asDay(day[i]!)));
    y.push(Number.isFinite(values[i]) ? values[i]! : null);
  }
  return { x, y };
}
