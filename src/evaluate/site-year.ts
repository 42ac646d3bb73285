import { FLUXES, type Flux } from "../core/quantities";
import type { SiteId } from "../core/sites";
import { daysOf, hasColumn, isSimulated, numbers, type DailyTable } from "../data/daily-table";
import { annualRandomError, annualSum, daysOfYear, siteYearRows } from "../data/sites/site-years";

/** One flux of one site-year as the tower gives it, g C m⁻² yr⁻¹; null where the record is too holed or the source has no such column. */
export interface AnnualBudget {
  readonly site: SiteId;
  readonly igbp: string | null;
  readonly year: number;
  readonly flux: Flux;
  /** days with a value, of the days of the year */
  readonly known: number;
  readonly of: number;
  readonly sum: number | null;
  /** why there is no sum */
  readonly reason: string | null;
  /** standard error from the days' random uncertainty, which belongs to NEE */
  readonly random: number | null;
  /** sums of the daily 25th and 75th, 5th and 95th percentiles over u* thresholds */
  readonly ustar25: number | null;
  readonly ustar75: number | null;
  readonly ustar05: number | null;
  readonly ustar95: number | null;
  /** sum by the day-time partition */
  readonly daytime: number | null;
  readonly data: "simulated" | "measured";
}

/**
 * Annual sums of GPP, RECO and NEE with what is known of their error. A sum needs 90 % of the days and 10 of each month; a gap counts as the rest of its month.
 * Random errors of days add in quadrature. The u* threshold and the partition err on all days alike, so their daily values are summed; a sum of daily percentiles is
 * an outer bound of the percentile of the sum.
 * @throws WorkbookError MissingColumn for a table without a flux
 * @source Pastorello et al. 2020, doi:10.1038/s41597-020-0534-3 (u* percentiles, random uncertainty, both partitions); Papale et al. 2006, doi:10.5194/bg-3-571-2006
 * @example annualBudgets(table).filter((b) => b.site === "DE-Hai" && b.flux === "nee")
 */
export function annualBudgets(table: DailyTable): AnnualBudget[] {
  const days = daysOf(table);
  const column = (name: string): Float32Array | null => (hasColumn(table, name) ? numbers(table, name) : null);
  const data = isSimulated(table) ? "simulated" : "measured";
  const columns = FLUXES.map((flux) => ({
    flux, values: numbers(table, flux), random: flux === "nee" ? column("nee_randunc") : null, daytime: flux === "nee" ? null : column(`${flux}_dt`),
    percentiles: { ustar25: column(`${flux}_ustar25`), ustar75: column(`${flux}_ustar75`), ustar05: column(`${flux}_ustar05`), ustar95: column(`${flux}_ustar95`) },
  }));
  return siteYearRows(table).flatMap((rows) => columns.map(({ flux, values, random, daytime, percentiles }): AnnualBudget => {
    const { sum, known, reason } = annualSum(values, days, rows);
    const other = (daily: Float32Array | null): number | null => (daily === null || sum === null ? null : annualSum(daily, days, rows).sum);
    return {
      site: rows.site.site, igbp: rows.site.igbp, year: rows.year, flux, known, of: daysOfYear(rows.year), sum, reason,
      random: random === null || sum === null ? null : annualRandomError(random, days, rows),
      ustar25: other(percentiles.ustar25), ustar75: other(percentiles.ustar75), ustar05: other(percentiles.ustar05), ustar95: other(percentiles.ustar95),
      daytime: other(daytime), data,
    };
  }));
}

/** What an annual sum may as well be. */
export interface BudgetDoubt {
  readonly low: number;
  readonly high: number;
  /** what the range is made of, e.g. "random, u* 05–95" */
  readonly of: string;
}

/**
 * The range within which an annual sum is not told apart from others, g C m⁻² yr⁻¹: the widest u* range the source has, the other partition, and 1.96 standard
 * errors around them; null where nothing is known of the error.
 * @example budgetDoubt(annualBudgets(table)[2])
 */
export function budgetDoubt(budget: AnnualBudget): BudgetDoubt | null {
  const { sum, random, ustar05, ustar25, ustar75, ustar95, daytime } = budget;
  if (sum === null) return null;
  const wide = ustar05 !== null && ustar95 !== null;
  const ustar = wide ? [ustar05, ustar95] : [ustar25, ustar75];
  const ends = [...ustar, daytime].filter((v): v is number => v !== null);
  const parts = [...(random === null ? [] : ["random"]), ...(ustar[0] === null || ustar[1] === null ? [] : [`u* ${wide ? "05–95" : "25–75"}`]), ...(daytime === null ? [] : ["partition"])];
  if (parts.length === 0) return null;
  const widened = 1.96 * (random ?? 0);
  return { low: Math.min(sum, ...ends) - widened, high: Math.max(sum, ...ends) + widened, of: parts.join(", ") };
}
