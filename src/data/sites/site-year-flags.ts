import type { SiteId } from "../../core/sites";
import { daysOf, hasColumn, numbers, type DailyTable } from "../daily-table";
import { annualSum, siteYearRows, type SiteYearRows } from "./site-years";

/**
 * The rule `implausible-budget`: what no ecosystem's carbon balance reaches for a year, or does from one year to the next, and a year that rests on filled
 * half-hours. g C m⁻² yr⁻¹; `qc` is the mean of the days' QC.
 * @source the range leaves room beyond the site-years of Luyssaert et al. 2007, doi:10.1111/j.1365-2486.2007.01439.x; issue 7 of this project
 */
export const BUDGET_RULE = { name: "implausible-budget", nee: [-1500, 1000], jump: 1000, qc: 0.5 } as const;

/** Which site-years a run keeps out of its training (configuration key `exclude_site_years`). */
export const EXCLUDED_SITE_YEARS = ["off", BUDGET_RULE.name] as const;
export type ExcludedSiteYears = (typeof EXCLUDED_SITE_YEARS)[number];

/** Which part of the rule a site-year breaks. */
export type FlagPart = "nee-range" | "nee-jump" | "low-qc";

/** A site-year that the rule flags. */
export interface SiteYearFlag {
  readonly site: SiteId;
  readonly year: number;
  readonly rule: typeof BUDGET_RULE.name;
  readonly part: FlagPart;
  /** annual NEE, its change from the year before (g C m⁻² yr⁻¹), or mean QC */
  readonly value: number;
}

/**
 * Site-years that the rule `implausible-budget` flags, a row a broken part: NEE outside −1,500…+1,000 g C m⁻² yr⁻¹; NEE that changes by more than
 * 1,000 between consecutive years (both, for neither is known to be the right one); a mean QC below 0.5 over the days with NEE.
 * A year without an annual sum is judged by its QC alone.
 * @throws WorkbookError MissingColumn for a table without NEE
 * @example flagSiteYears(table).map((f) => `${f.site} ${f.year} ${f.part}`)
 */
export function flagSiteYears(table: DailyTable): SiteYearFlag[] {
  const nee = numbers(table, "nee");
  const days = daysOf(table);
  const qc = hasColumn(table, "nee_qc") ? numbers(table, "nee_qc") : null;
  const years = siteYearRows(table).map((rows) => ({ ...rows, sum: annualSum(nee, days, rows).sum, qc: qc === null ? null : meanQc(qc, nee, rows) }));
  const flag = (y: (typeof years)[number], part: FlagPart, value: number): SiteYearFlag => ({ site: y.site.site, year: y.year, rule: BUDGET_RULE.name, part, value });
  return years.flatMap((y, i) => {
    const change = (other: (typeof years)[number] | undefined, apart: number): number | null =>
      other?.site.site !== y.site.site || other.year !== y.year + apart || other.sum === null || y.sum === null ? null : apart < 0 ? y.sum - other.sum : other.sum - y.sum;
    const jump = [change(years[i - 1], -1), change(years[i + 1], 1)].find((c) => c !== null && Math.abs(c) > BUDGET_RULE.jump) ?? null;
    return [
      ...(y.sum !== null && (y.sum < BUDGET_RULE.nee[0] || y.sum > BUDGET_RULE.nee[1]) ? [flag(y, "nee-range", y.sum)] : []),
      ...(jump === null ? [] : [flag(y, "nee-jump", jump)]),
      ...(y.qc !== null && y.qc < BUDGET_RULE.qc ? [flag(y, "low-qc", y.qc)] : []),
    ];
  });
}

function meanQc(qc: Float32Array, nee: Float32Array, { from, to }: SiteYearRows): number | null {
  let [n, sum] = [0, 0];
  for (let row = from; row < to; row++) {
    if (Number.isNaN(qc[row]!) || Number.isNaN(nee[row]!)) continue;
    n++;
    sum += qc[row]!;
  }
  return n === 0 ? null : sum / n;
}
