import type { Flux } from "../core/quantities";
import type { GridTotals } from "../upscale/totals";
import { requireSome, type Figure, type Stage } from "./figure";
import { fixed } from "./fixed";
import type { FieldContext } from "./map-fields";
import { FLUX_STYLE, GRID, INK, MUTED, WIDTH } from "./style";

interface Anomaly {
  readonly flux: Flux;
  readonly year: number;
  readonly total: number;
  readonly anomaly: number;
  /** of the anomaly, over members */
  readonly sd: number | null;
}

/**
 * Annual totals less their mean over the years that have one, a panel a flux.
 * @throws WorkbookError EmptyTable with fewer than two whole years
 * @source method §8: interannual = annual means minus their mean
 * @example anomalies(await gridTotals("O.zarr"))
 */
export function anomalies(totals: GridTotals, context: FieldContext = {}): Figure {
  const whole = totals.rows.filter((r) => r.by === "all" && /^\d{4}$/.test(r.period));
  const rows = whole.flatMap((r): Anomaly[] => (r.anomaly_Pg_C === null ? [] : [{ flux: r.flux, year: Number(r.period), total: r.total_Pg_C!, anomaly: r.anomaly_Pg_C, sd: r.anomaly_sd }]));
  const years = [...new Set(rows.map((r) => r.year))];
  requireSome("anomalies", years.length, "at least two years with a total", `fewer of ${new Set(whole.map((r) => r.period)).size}`, "upscale more years");
  const lacking = [...new Set(whole.filter((r) => r.total_Pg_C === null).map((r) => r.period))];
  const region = whole[0]!.region;
  const fluxes = [...new Set(rows.map((r) => r.flux))];
  const spread = (flux: Flux): string => `${FLUX_STYLE[flux].label} from ${signed(Math.min(...rows.filter((r) => r.flux === flux).map((r) => r.anomaly)))} to ${signed(Math.max(...rows.filter((r) => r.flux === flux).map((r) => r.anomaly)))}`;
  return {
    name: "anomalies", title: `Interannual anomalies, ${region} (Pg C yr⁻¹)${context.suffix ?? ""}`,
    caption: `Annual totals less their mean over ${years.length} years (${region}).`,
    alt: `Anomalies of annual totals: ${fluxes.map(spread).join("; ")} Pg C yr⁻¹.`,
    n: years.length, nOf: "years", period: totals.period, simulated: totals.simulated,
    legend: fluxes.map((flux) => {
      const { total, anomaly } = rows.find((r) => r.flux === flux)!;
      return { label: `${FLUX_STYLE[flux].label}, mean ${fixed(total - anomaly, 2)} Pg C yr⁻¹`, kind: "box" as const, color: FLUX_STYLE[flux].color };
    }),
    notes: [
      ...(rows.some((r) => r.sd !== null) ? [`Lines: one standard deviation of the anomaly over members (${totals.uncertainty.label}).`] : []),
      ...(lacking.length > 0 ? [`No total for ${lacking.join(", ")}: a calendar month is missing.`] : []),
      ...(years.length < 5 ? ["Fewer than five years say little of interannual variability."] : []),
    ],
    data: rows.map((r) => ({ ...r })), units: { total: "Pg C yr⁻¹", anomaly: "Pg C yr⁻¹", sd: "Pg C yr⁻¹" },
    draw: (stage) => [fluxes.map((flux) => panel(stage, rows.filter((r) => r.flux === flux), Math.floor(WIDTH / fluxes.length)))],
  };
}

function panel({ Plot, plot }: Stage, rows: readonly Anomaly[], width: number): SVGSVGElement {
  const style = FLUX_STYLE[rows[0]!.flux];
  const reach = Math.max(...rows.map((r) => Math.abs(r.anomaly) + (r.sd ?? 0)), 0.01) * 1.1;
  const [first, last] = [rows[0]!.year, rows[rows.length - 1]!.year];
  return plot({
    width, height: 200, marginLeft: 44, marginRight: 8, marginTop: 24, marginBottom: 24,
    x: { domain: [first - 0.6, last + 0.6], label: null }, y: { domain: [-reach, reach], label: null, axis: null },
    marks: [
      Plot.gridY({ ticks: 4, stroke: GRID, strokeOpacity: 1 }),
      Plot.axisY({ ticks: 4, tickSize: 3 }),
      Plot.axisX(rows.map((r) => r.year).filter((y) => (y - first) % Math.max(1, Math.ceil((last - first + 1) / 5)) === 0), { tickFormat: (y: number) => String(y), tickSize: 3 }),
      Plot.rect(rows, { x1: (r: Anomaly) => r.year - 0.35, x2: (r: Anomaly) => r.year + 0.35, y1: () => 0, y2: "anomaly", fill: style.color }),
      Plot.link(rows.filter((r) => r.sd !== null), { x1: "year", x2: "year", y1: (r: Anomaly) => r.anomaly - r.sd!, y2: (r: Anomaly) => r.anomaly + r.sd!, stroke: INK, strokeWidth: 1.2 }),
      Plot.ruleY([0], { stroke: MUTED, strokeWidth: 0.8 }),
      Plot.text([style.label], { frameAnchor: "top-left", dy: -14, textAnchor: "start", text: (t: string) => t, fontWeight: "bold" }),
    ],
  });
}

const signed = (x: number): string => `${x < 0 ? "−" : "+"}${Math.abs(x).toFixed(2)}`;
