import { count } from "../core/count";
import { FLUX_LABEL } from "../core/quantities";
import { BIN_DAYS, BIN_MONTHS, type ResponseBin } from "../evaluate/response-curve";
import type { Response, ResponsePanel } from "../evaluate/response";
import { periodOf, requireSome, type Figure, type FigureContext, type Stage } from "./figure";
import { FLUX_STYLE, GRID, INK, lineStyles, MUTED, WIDTH, type LineStyle } from "./style";

/**
 * A response of tower and models in bins of its driver, a panel a class; bands are 95 % intervals of the means over calendar months.
 * @throws WorkbookError EmptyTable where no bin has enough days
 * @example responseFigure(response(table, "gpp-light-vpd", { contenders }), { simulated: false })
 */
export function responseFigure(r: Response, options: FigureContext): Figure {
  requireSome("responseFigure", r.panels.length, `at least one bin of ${BIN_DAYS} days from ${BIN_MONTHS} months with ${r.flux} and ${r.driver.name}`, `none in ${count(r.day.length, "day")}`, "choose more sites or a longer record");
  const styles = lineStyles(r.names);
  const flux = FLUX_STYLE[r.flux].label;
  const shown = r.panels.reduce((n, p) => n + p.n, 0);
  const bins = r.panels.flatMap((p) => p.bins);
  const domain = {
    x: [Math.min(...bins.map((b) => b.x)), Math.max(...bins.map((b) => b.x))] as const,
    y: [Math.min(0, ...bins.flatMap((b) => b.series.map((s) => s.low))), Math.max(...bins.flatMap((b) => b.series.map((s) => s.high)))] as const,
  };
  const columns = r.panels.length === 1 ? 1 : 2;
  const width = Math.floor(WIDTH / columns) - (columns === 1 ? 140 : 0);
  return {
    name: `response-${r.flux}-${r.driver.name}${r.by === null ? "" : `-by-${r.by.replace(/ /g, "-")}`}`,
    title: `${flux} against ${r.driver.label}${r.by === null ? "" : `, by ${r.by}`}${options.suffix ?? ""}`,
    caption: `Mean ${flux} in bins of ${r.driver.label}, observed and predicted on the same days${r.by === null ? "" : `, by classes of ${r.by}`}. Bands: 95 % interval of the mean over calendar months. Bins of fewer than ${BIN_DAYS} days or ${BIN_MONTHS} months are left out.`,
    alt: r.panels.map((p) => `${p.label}: ${p.bins[0]!.series.map((s, k) => `${styles.get(s.name)!.label} from ${s.mean.toFixed(1)} to ${p.bins[p.bins.length - 1]!.series[k]!.mean.toFixed(1)}`).join(", ")}`).join("; "),
    n: r.day.length, nOf: `days at ${count(r.sites.length, "site")}`, period: periodOf(r.day), simulated: options.simulated,
    legend: r.names.map((name) => ({ label: styles.get(name)!.label, kind: "line" as const, color: styles.get(name)!.color, dash: styles.get(name)!.dash, symbol: styles.get(name)!.symbol })),
    notes: [
      ...(shown < r.day.length ? [`${count(r.day.length - shown, "day")} ${r.day.length - shown === 1 ? "lies" : "lie"} in bins with too few days.`] : []),
      ...(r.silent.length > 0 ? [`No bin with enough days: ${r.silent.join(", ")}.`] : []),
    ],
    data: r.panels.flatMap((p) => p.bins.flatMap((b) => b.series.map((s) => ({ class: p.label, series: s.name, [r.driver.name]: b.x, low_edge: b.low_edge, high_edge: b.high_edge, days: b.n, months: b.months, mean: s.mean, low: s.low, high: s.high })))),
    units: { [r.driver.name]: r.driver.unit, low_edge: r.driver.unit, high_edge: r.driver.unit, days: "days", months: "months", mean: "g C m⁻² d⁻¹", low: "g C m⁻² d⁻¹", high: "g C m⁻² d⁻¹" },
    draw: (stage) => Array.from({ length: Math.ceil(r.panels.length / columns) }, (_, row) => r.panels.slice(columns * row, columns * row + columns).map((panel) => drawPanel(stage, panel, { r, styles, domain, width }))),
  };
}

interface PanelContext {
  readonly r: Response;
  readonly styles: ReadonlyMap<string, LineStyle>;
  readonly domain: { readonly x: readonly [number, number]; readonly y: readonly [number, number] };
  readonly width: number;
}

function drawPanel({ Plot, plot }: Stage, panel: ResponsePanel, { r, styles, domain, width }: PanelContext): SVGSVGElement {
  const of = (k: number) => ({ low: (b: ResponseBin) => b.series[k]!.low, high: (b: ResponseBin) => b.series[k]!.high, mean: (b: ResponseBin) => b.series[k]!.mean });
  return plot({
    width, height: 190, marginLeft: 40, marginRight: 10, marginTop: 24, marginBottom: 36,
    x: { domain: [...domain.x], nice: true, label: `${r.driver.label} (${r.driver.unit})`, labelAnchor: "center", labelArrow: "none", ticks: 6 },
    y: { domain: [...domain.y], nice: true, label: null, ticks: 5, tickSize: 3 },
    marks: [
      Plot.gridY({ ticks: 5, stroke: GRID, strokeOpacity: 1 }),
      ...r.names.map((name, k) => Plot.areaY(panel.bins, { x: "x", y1: of(k).low, y2: of(k).high, fill: styles.get(name)!.color, fillOpacity: 0.18 })),
      ...r.names.map((name, k) => Plot.line(panel.bins, { x: "x", y: of(k).mean, stroke: styles.get(name)!.color, strokeWidth: 1.5, strokeDasharray: styles.get(name)!.dash === "none" ? undefined : styles.get(name)!.dash })),
      ...r.names.map((name, k) => Plot.dot(panel.bins, { x: "x", y: of(k).mean, r: 2.6, symbol: styles.get(name)!.symbol, fill: styles.get(name)!.color, stroke: INK, strokeWidth: 0.4 })),
      Plot.text([panel.label], { frameAnchor: "top-right", dy: -15, textAnchor: "end", text: (t: string) => t, fill: MUTED }),
      Plot.text([FLUX_LABEL[r.flux]], { frameAnchor: "top-left", dx: -32, dy: -15, textAnchor: "start", text: (t: string) => t, fontWeight: "bold" }),
    ],
  });
}
