import { count } from "../core/count";
import { parseDay } from "../core/days";
import { FLUXES, type Flux } from "../core/quantities";
import type { SiteId } from "../core/sites";
import type { BudgetError } from "../evaluate/budget-error";
import { budgetDoubt, type AnnualBudget } from "../evaluate/site-year";
import { requireSome, type Figure, type FigureContext, type Stage } from "./figure";
import { FLUX_STYLE, GRID, INK, lineStyles, MUTED, WIDTH } from "./style";

interface Bar {
  readonly year: number;
  readonly flux: Flux;
  readonly name: string;
  readonly sum: number;
  /** 1.96 standard errors around the sum, and all that is known of its error */
  readonly random: readonly [number, number] | null;
  readonly doubt: readonly [number, number] | null;
  readonly doubtOf: string;
}

/**
 * Annual sums of a site's fluxes, a panel a flux: the tower with its random error (thick bar) and everything that is known of its error (thin), each model beside it.
 * Years without a sum are named with the reason.
 * @throws WorkbookError EmptyTable where the site has no annual sum
 * @example annualBudget(annualBudgets(table), budgetErrors(table, contenders), "DE-Hai", { simulated: false })
 */
export function annualBudget(budgets: readonly AnnualBudget[], errors: readonly BudgetError[], site: SiteId, options: FigureContext): Figure {
  const own = budgets.filter((b) => b.site === site);
  const bars: Bar[] = [
    ...own.flatMap((b): Bar[] => {
      if (b.sum === null) return [];
      const doubt = budgetDoubt(b);
      return [{
        year: b.year, flux: b.flux, name: "observed", sum: b.sum, random: b.random === null ? null : [b.sum - 1.96 * b.random, b.sum + 1.96 * b.random],
        doubt: doubt === null ? null : [doubt.low, doubt.high], doubtOf: doubt?.of ?? "",
      }];
    }),
    ...errors.filter((e) => e.site === site).map((e): Bar => ({
      year: e.year, flux: e.flux, name: e.model, sum: e.predicted, random: null, doubt: e.seeds_sd === null ? null : [e.predicted - 1.96 * e.seeds_sd, e.predicted + 1.96 * e.seeds_sd], doubtOf: e.seeds_sd === null ? "" : "seeds",
    })),
  ];
  const summed = own.filter((b) => b.sum !== null);
  requireSome("annualBudget", summed.length, `at least one year of ${site} with a flux on 90 % of its days`, own.map((b) => `${b.year} ${b.flux}: ${b.reason}`).slice(0, 6).join("; ") || "no year", "choose another site");
  const names = ["observed", ...new Set(bars.map((b) => b.name).filter((n) => n !== "observed"))];
  const styles = lineStyles(names);
  const years = [...new Set(bars.map((b) => b.year))].sort((a, b) => a - b);
  const left = own.filter((b) => b.sum === null && b.flux === "nee" && b.known > 0);
  const kinds = [...new Set(bars.filter((b) => b.name === "observed" && b.doubtOf !== "").map((b) => `${FLUX_STYLE[b.flux].label}: ${b.doubtOf}`))];
  return {
    name: `annual-budget-${site}`,
    title: `Annual sums at ${site}${options.suffix ?? ""}`,
    caption: `Annual sums of GPP, RECO and NEE at ${site}. Thick bar: random error of the tower, 95 %; thin bar: with the range over u* thresholds and partitions; models without a bar have one seed. A gap counts as the rest of its own month.`,
    alt: FLUXES.map((flux) => `${FLUX_STYLE[flux].label} ${bars.filter((b) => b.flux === flux && b.name === "observed").map((b) => `${b.year} ${b.sum.toFixed(0)}`).join(", ") || "no sum"}`).join("; "),
    n: years.length, nOf: years.length === 1 ? "year with a sum" : "years with a sum",
    period: { first: parseDay(`${years[0]}-01-01`), last: parseDay(`${years[years.length - 1]}-12-31`) },
    simulated: options.simulated,
    legend: names.map((name) => ({ label: styles.get(name)!.label, kind: "dot" as const, color: styles.get(name)!.color, symbol: styles.get(name)!.symbol })),
    notes: [
      ...(kinds.length > 0 ? [`The thin bar holds ${kinds.join("; ")}.`] : ["Nothing is known of the error of these sums."]),
      ...(left.length > 0 ? [`No sum in ${count(left.length, "year")}: ${left.map((b) => `${b.year} (${b.reason})`).slice(0, 4).join("; ")}${left.length > 4 ? "; …" : ""}.`] : []),
    ],
    data: bars.map((b) => ({ site, year: b.year, flux: b.flux, series: b.name, sum: b.sum, random_low: b.random?.[0] ?? null, random_high: b.random?.[1] ?? null, low: b.doubt?.[0] ?? null, high: b.doubt?.[1] ?? null })),
    units: Object.fromEntries(["sum", "random_low", "random_high", "low", "high"].map((c) => [c, "g C m⁻² yr⁻¹"])),
    draw: (stage) => FLUXES.filter((flux) => bars.some((b) => b.flux === flux)).map((flux, i, all) => [drawPanel(stage, bars.filter((b) => b.flux === flux), { flux, years, names, styles, last: i === all.length - 1 })]),
  };
}

interface PanelContext {
  readonly flux: Flux;
  readonly years: readonly number[];
  readonly names: readonly string[];
  readonly styles: ReturnType<typeof lineStyles>;
  readonly last: boolean;
}

function drawPanel({ Plot, plot }: Stage, bars: readonly Bar[], c: PanelContext): SVGSVGElement {
  const at = { fx: (b: Bar) => b.year, x: (b: Bar) => b.name } as const;
  const color = (b: Bar): string => c.styles.get(b.name)!.color;
  return plot({
    width: WIDTH, height: c.last ? 156 : 136, marginLeft: 46, marginRight: 8, marginTop: 22, marginBottom: c.last ? 26 : 6,
    fx: { domain: c.years, label: null, padding: 0.1, axis: null },
    x: { domain: c.names, axis: null, padding: 0.3 },
    y: { label: null, nice: true, ...(c.flux === "nee" ? {} : { zero: true }) },
    marks: [
      Plot.gridY({ ticks: 4, stroke: GRID, strokeOpacity: 1 }),
      Plot.axisY({ ticks: 4, tickSize: 3 }),
      ...(c.last ? [Plot.axisFx({ anchor: "bottom", tickSize: 0, tickFormat: (d: number) => String(d) })] : []),
      Plot.ruleY([0], { stroke: MUTED, strokeWidth: 0.6 }),
      Plot.ruleX(bars.filter((b) => b.doubt !== null), { ...at, y1: (b: Bar) => b.doubt![0], y2: (b: Bar) => b.doubt![1], stroke: color, strokeWidth: 1 }),
      Plot.ruleX(bars.filter((b) => b.random !== null), { ...at, y1: (b: Bar) => b.random![0], y2: (b: Bar) => b.random![1], stroke: color, strokeWidth: 4 }),
      ...c.names.map((name) => Plot.dot(bars.filter((b) => b.name === name), { ...at, y: "sum", r: 3.4, symbol: c.styles.get(name)!.symbol, fill: color, stroke: INK, strokeWidth: 0.5 })),
      Plot.text([`${FLUX_STYLE[c.flux].label} (g C m⁻² yr⁻¹)`], { fx: () => c.years[0], frameAnchor: "top-left", dx: -38, dy: -16, textAnchor: "start", text: (t: string) => t, fontWeight: "bold" }),
    ],
  });
}
