import { asDay, monthOf, parseDay, yearOf } from "../../core/days";
import type { Site } from "../../core/sites";
import { daysOf, siteRows, type DailyTable } from "../daily-table";

/** Share of a year's days on which a flux must be known for its sum. */
export const YEAR_SHARE = 0.9;
/** Fewest known days in each month: a month that is not there has no other month's mean. */
export const MONTH_DAYS = 10;

/** The rows of one site and calendar year: `from` (first) to `to` (one past the last). */
export interface SiteYearRows {
  readonly site: Site;
  readonly year: number;
  readonly from: number;
  readonly to: number;
}

/** A flux summed over a year. */
export interface AnnualSum {
  /** g C m⁻² yr⁻¹, null where the record is too holed */
  readonly sum: number | null;
  /** days with a value */
  readonly known: number;
  /** why there is no sum */
  readonly reason: string | null;
}

/** Where each site's calendar years lie, in order. @example siteYearRows(table)[0].year */
export function siteYearRows(table: DailyTable): SiteYearRows[] {
  const days = daysOf(table);
  return siteRows(table).flatMap(({ site, from, to }) => {
    const out: SiteYearRows[] = [];
    for (let row = from; row < to; ) {
      const year = yearOf(asDay(days[row]!));
      let end = row + 1;
      while (end < to && yearOf(asDay(days[end]!)) === year) end++;
      out.push({ site, year, from: row, to: end });
      row = end;
    }
    return out;
  });
}

/** Days of a calendar year. @example daysOfYear(2012) // 366 */
export function daysOfYear(year: number): number {
  return parseDay(`${year + 1}-01-01`) - parseDay(`${year}-01-01`);
}

/**
 * The sum of daily values `[row]` over a year: the mean of each month's known days times the days of that month, so that a gap counts as the
 * rest of its own month. Needs 90 % of the year's days and 10 days of every month, else null with the reason.
 * @example annualSum(numbers(table, "nee"), daysOf(table), siteYearRows(table)[0]).sum
 */
export function annualSum(values: ArrayLike<number>, days: ArrayLike<number>, rows: Pick<SiteYearRows, "year" | "from" | "to">): AnnualSum {
  const months = knownByMonth(values, days, rows);
  const known = months.reduce((n, m) => n + m.known, 0);
  const least = YEAR_SHARE * daysOfYear(rows.year);
  if (known < least) return { sum: null, known, reason: `${known} of at least ${Math.ceil(least)} days` };
  const thin = months.findIndex((m) => m.known < MONTH_DAYS);
  if (thin >= 0) return { sum: null, known, reason: `${months[thin]!.known} days in month ${thin + 1}, at least ${MONTH_DAYS} needed` };
  return { sum: months.reduce((sum, m) => sum + (m.sum * m.of) / m.known, 0), known, reason: null };
}

/**
 * Standard error of an annual sum from independent daily ones `[row]`: they add in quadrature, and each month's is scaled as its sum is. Null where the
 * errors themselves are known on too few days.
 * @source Richardson et al. 2006, doi:10.1016/j.agrformet.2006.01.007 (random errors of different times are independent)
 * @example annualRandomError(numbers(table, "nee_randunc"), daysOf(table), rows)
 */
export function annualRandomError(errors: ArrayLike<number>, days: ArrayLike<number>, rows: Pick<SiteYearRows, "year" | "from" | "to">): number | null {
  if (annualSum(errors, days, rows).sum === null) return null;
  return Math.sqrt(knownByMonth(errors, days, rows).reduce((sum, m) => sum + m.squares * (m.of / m.known) ** 2, 0));
}

/** What a year's rows hold of one month. */
interface Month {
  known: number;
  sum: number;
  squares: number;
  /** days of the calendar month */
  readonly of: number;
}

function knownByMonth(values: ArrayLike<number>, days: ArrayLike<number>, { year, from, to }: Pick<SiteYearRows, "year" | "from" | "to">): Month[] {
  const months = Array.from({ length: 12 }, (_, m): Month => ({ known: 0, sum: 0, squares: 0, of: Math.round((Date.UTC(year, m + 1, 1) - Date.UTC(year, m, 1)) / 86_400_000) }));
  for (let row = from; row < to; row++) {
    const v = values[row]!;
    if (!Number.isFinite(v)) continue;
    const month = months[monthOf(asDay(days[row]!)) - 1]!;
    month.known++;
    month.sum += v;
    month.squares += v * v;
  }
  return months;
}
