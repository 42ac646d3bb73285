import { markdownText } from "../core/markdown";
import { FLUXES } from "../core/quantities";
import type { Metrics } from "./evaluate";

/** One line of a table: column → text, number, or nothing. */
export type TableRow = Readonly<Record<string, string | number | boolean | null>>;

/**
 * The comparison table: one row a model and flux, RMSE in g C m⁻² d⁻¹.
 * @example toMarkdown(comparisonRows(compare(table, contenders, options)))
 */
export function comparisonRows(all: readonly Metrics[]): TableRow[] {
  return FLUXES.flatMap((flux) => all.map((m): TableRow => {
    const s = m.summary[flux];
    return {
      flux, model: m.model, data: dataOf(m), n_sites: s.n_sites, n_days: s.n_days, n_lost: s.n_lost,
      rmse_mean: s.rmse.mean, rmse_median: s.rmse.median, rmse_q25: s.rmse.q25, rmse_q75: s.rmse.q75, rmse_pooled: s.pooled.rmse,
      n_r2: s.n_r2, r2_median: s.r2.median, r2_q25: s.r2.q25, r2_q75: s.r2.q75, r2_mean_clipped: s.r2.mean_clipped, r2_mean: s.r2.mean, r2_pooled: s.pooled.r2,
    };
  }));
}

/** The balance of each model beside its reference's, g C m⁻² d⁻¹. @example balanceRows(metrics)[0].mean_abs */
export function balanceRows(all: readonly Metrics[]): TableRow[] {
  return all.map((m): TableRow => ({ model: m.model, data: dataOf(m), ...m.balance }));
}

/** Every site and flux of every model. @example toCsv(siteTable(metrics)) */
export function siteTable(all: readonly Metrics[]): TableRow[] {
  return all.flatMap((m) => m.sites.map((row): TableRow => ({ model: m.model, data: dataOf(m), ...row })));
}

/** The word that every table made of simulated towers carries. */
function dataOf(metrics: Metrics): "simulated" | "measured" {
  return metrics.simulated ? "simulated" : "measured";
}

/**
 * A Markdown table; a column whose numbers are not all whole shows `digits` decimals, null shows as –.
 * @example toMarkdown([{ model: "lstm", r2: 0.51234 }]) // … | lstm | 0.512 |
 */
export function toMarkdown(rows: readonly TableRow[], digits = 3): string {
  const columns = Object.keys(rows[0] ?? {});
  const whole = new Set(columns.filter((c) => rows.every((r) => typeof r[c] !== "number" || Number.isInteger(r[c]))));
  const cell = (value: TableRow[string] | undefined, column: string): string => {
    if (value === null || value === undefined) return "–";
    if (typeof value !== "number") return markdownText(String(value));
    return whole.has(column) ? String(value) : value.toFixed(digits);
  };
  const isNumber = (c: string): boolean => rows.every((r) => r[c] === null || typeof r[c] === "number");
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |\n`;
  return [line(columns), line(columns.map((c) => (isNumber(c) ? "---:" : "---"))), ...rows.map((r) => line(columns.map((c) => cell(r[c], c))))].join("");
}
