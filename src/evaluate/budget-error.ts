import { FLUXES, type Flux } from "../core/quantities";
import type { SiteId } from "../core/sites";
import { daysOf, numbers, type DailyTable } from "../data/daily-table";
import { annualSum, siteYearRows } from "../data/sites/site-years";
import type { Contender } from "./evaluate";
import { mean } from "./metrics";
import { predictedRows } from "./predicted-rows";
import { annualBudgets, budgetDoubt, type AnnualBudget } from "./site-year";

/** A model against one tower's annual sum, g C m⁻² yr⁻¹. */
export interface BudgetError {
  readonly model: string;
  readonly site: SiteId;
  readonly igbp: string | null;
  readonly year: number;
  readonly flux: Flux;
  readonly seen: boolean;
  /** both summed over the same days */
  readonly observed: number;
  readonly predicted: number;
  /** predicted − observed */
  readonly error: number;
  /** standard deviation of the model's seeds, null for one */
  readonly seeds_sd: number | null;
  /** the observation's own doubt about this sum, null where the source tells none */
  readonly low: number | null;
  readonly high: number | null;
  readonly doubt_of: string | null;
  /** the part of |error| that lies within the observation's doubt, null where that is unknown */
  readonly within: number | null;
  readonly data: "simulated" | "measured";
}

/**
 * Every model's annual sums against the towers', on the days that tower and all models have. Contenders of one name are seeds of one model: their
 * sums are averaged, and their spread is the model's own. The doubt is that of the tower's whole year, laid around the sum over the common days.
 * @throws WorkbookError MissingColumn for a table without a flux
 * @example budgetErrors(table, [{ model: "tamrl", predictions }])[0].within
 */
export function budgetErrors(table: DailyTable, contenders: readonly Contender[]): BudgetError[] {
  const days = daysOf(table);
  const budgets = new Map<string, AnnualBudget>(annualBudgets(table).map((b) => [`${b.site} ${b.year} ${b.flux}`, b]));
  const years = siteYearRows(table);
  const seen = new Map<string, Set<SiteId>>();
  for (const c of contenders) seen.set(c.model, new Set([...(seen.get(c.model) ?? []), ...(c.seen ?? [])]));
  return FLUXES.flatMap((flux) => {
    const observed = numbers(table, flux);
    const predicted = contenders.map((c) => predictedRows(table, c.predictions, flux));
    const common = observed.map((v, row) => (predicted.every((p) => Number.isFinite(p[row]!)) ? v : NaN));
    const onCommon = predicted.map((p) => p.map((v, row) => (Number.isNaN(common[row]!) ? NaN : v)));
    return years.flatMap((rows) => {
      const tower = annualSum(common, days, rows).sum;
      const budget = budgets.get(`${rows.site.site} ${rows.year} ${flux}`)!;
      if (tower === null || budget.sum === null) return [];
      const sums = onCommon.map((p) => annualSum(p, days, rows).sum!);
      const doubt = budgetDoubt(budget);
      const [below, above] = doubt === null ? [null, null] : [budget.sum - doubt.low, doubt.high - budget.sum];
      return [...seen.keys()].map((model): BudgetError => {
        const own = sums.filter((_, k) => contenders[k]!.model === model);
        const value = mean(own)!;
        const error = value - tower;
        const room = error < 0 ? below : above;
        return {
          model, site: rows.site.site, igbp: rows.site.igbp, year: rows.year, flux, seen: seen.get(model)!.has(rows.site.site), observed: tower, predicted: value, error,
          seeds_sd: own.length < 2 ? null : Math.sqrt(own.reduce((s, v) => s + (v - value) ** 2, 0) / (own.length - 1)),
          low: below === null ? null : tower - below, high: above === null ? null : tower + above, doubt_of: doubt?.of ?? null,
          within: room === null ? null : Math.min(Math.abs(error), room), data: budget.data,
        };
      });
    });
  });
}

/** How far a model is from the towers' budgets, over site-years, g C m⁻² yr⁻¹. */
export interface BudgetSummary {
  readonly model: string;
  readonly flux: Flux;
  readonly site_years: number;
  readonly sites: number;
  readonly bias: number;
  readonly mean_abs_error: number;
  readonly rmse: number;
  /** mean half-width of the observation's doubt; null where none is known */
  readonly mean_doubt: number | null;
  /** site-years with a known doubt, and those among them whose error lies within it */
  readonly with_doubt: number;
  readonly inside: number;
  /** share of the summed |error| that lies within the observation's doubt: no model can be blamed for it */
  readonly share_within: number | null;
}

/** The errors of unseen site-years by model and flux. @example budgetSummary(budgetErrors(table, contenders))[0].share_within */
export function budgetSummary(errors: readonly BudgetError[]): BudgetSummary[] {
  const unseen = errors.filter((e) => !e.seen);
  return [...new Set(unseen.map((e) => e.model))].flatMap((model) => FLUXES.flatMap((flux): BudgetSummary[] => {
    const rows = unseen.filter((e) => e.model === model && e.flux === flux);
    if (rows.length === 0) return [];
    const known = rows.filter((e) => e.within !== null);
    const total = known.reduce((s, e) => s + Math.abs(e.error), 0);
    return [{
      model, flux, site_years: rows.length, sites: new Set(rows.map((e) => e.site)).size,
      bias: mean(rows.map((e) => e.error))!, mean_abs_error: mean(rows.map((e) => Math.abs(e.error)))!, rmse: Math.sqrt(mean(rows.map((e) => e.error ** 2))!),
      mean_doubt: mean(known.map((e) => (e.high! - e.low!) / 2)), with_doubt: known.length, inside: known.filter((e) => e.within! >= Math.abs(e.error)).length,
      share_within: total > 0 ? known.reduce((s, e) => s + e.within!, 0) / total : null,
    }];
  }));
}
