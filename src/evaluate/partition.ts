import { FLUXES, type Flux } from "../core/quantities";
import type { SiteId } from "../core/sites";
import { daysOf, numbers, type DailyTable } from "../data/daily-table";
import { annualSum, siteYearRows } from "../data/sites/site-years";
import { mean } from "./metrics";

/** Two versions of one tower's annual sum, g C m⁻² yr⁻¹. */
export interface BudgetDifference {
  readonly site: SiteId;
  readonly year: number;
  readonly flux: Flux;
  readonly a: number;
  readonly b: number;
  /** a − b */
  readonly difference: number;
}

/**
 * How far two versions of the same towers' fluxes (REF against USTAR50, `targetView(table, "day")` against the table itself) differ in their annual sums, on the days
 * that both have.
 * @throws WorkbookError MissingColumn for a table without a flux
 * @example budgetDifferences(ref, ustar50).filter((d) => d.flux === "nee")
 */
export function budgetDifferences(a: DailyTable, b: DailyTable): BudgetDifference[] {
  const yearsB = new Map(siteYearRows(b).map((rows) => [`${rows.site.site} ${rows.year}`, rows]));
  const [daysA, daysB] = [daysOf(a), daysOf(b)];
  return siteYearRows(a).flatMap((rows) => {
    const other = yearsB.get(`${rows.site.site} ${rows.year}`);
    if (other === undefined) return [];
    const rowOfB = new Map(Array.from({ length: other.to - other.from }, (_, i) => [daysB[other.from + i]!, other.from + i]));
    return FLUXES.flatMap((flux): BudgetDifference[] => {
      const [valuesA, valuesB] = [numbers(a, flux), numbers(b, flux)];
      const pairs = Array.from({ length: rows.to - rows.from }, (_, i) => {
        const [x, y] = [valuesA[rows.from + i]!, valuesB[rowOfB.get(daysA[rows.from + i]!) ?? -1] ?? NaN];
        return Number.isNaN(x) || Number.isNaN(y) ? [NaN, NaN] : [x, y];
      });
      const days = daysA.subarray(rows.from, rows.to);
      const all = { year: rows.year, from: 0, to: pairs.length };
      const [sumA, sumB] = [0, 1].map((k) => annualSum(pairs.map((p) => p[k]!), days, all).sum);
      return sumA === null || sumB === null ? [] : [{ site: rows.site.site, year: rows.year, flux, a: sumA!, b: sumB!, difference: sumA! - sumB! }];
    });
  });
}

/** Differences of one flux over site-years, g C m⁻² yr⁻¹. @example differenceSummary(budgetDifferences(ref, ustar50)) */
export function differenceSummary(rows: readonly BudgetDifference[]): { flux: Flux; site_years: number; mean: number | null; mean_abs: number | null; max_abs: number | null }[] {
  return FLUXES.map((flux) => {
    const own = rows.filter((r) => r.flux === flux).map((r) => r.difference);
    return { flux, site_years: own.length, mean: mean(own), mean_abs: mean(own.map(Math.abs)), max_abs: own.length === 0 ? null : own.map(Math.abs).reduce((a, b) => Math.max(a, b)) };
  });
}
