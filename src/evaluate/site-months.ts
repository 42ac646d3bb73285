import { asDay, monthOf } from "../core/days";
import type { Flux } from "../core/quantities";
import { daysOf, numbers, type DailyTable } from "../data/daily-table";
import type { Contender } from "./evaluate";
import { scores } from "./metrics";
import { scorable } from "./observed";
import { predictedRows } from "./predicted-rows";

/** A model's error in one month of the year, over all years, g C m⁻² d⁻¹. */
export interface MonthError {
  readonly model: string;
  readonly month: number;
  readonly days: number;
  /** mean of the tower over those days */
  readonly observed: number | null;
  readonly bias: number | null;
  readonly rmse: number | null;
}

/**
 * Where in the year a model fails: bias and RMSE by calendar month, on the days of good quality that all models predict.
 * @throws WorkbookError MissingColumn for a table without the flux
 * @example monthErrors(oneSite(table, "DE-Hai"), contenders, "nee").find((m) => m.month === 7)
 */
export function monthErrors(table: DailyTable, contenders: readonly Contender[], flux: Flux): MonthError[] {
  const [observed, use, days] = [numbers(table, flux), scorable(table, flux, "published"), daysOf(table)];
  const predicted = contenders.map((c) => predictedRows(table, c.predictions, flux));
  const rows = Array.from(days, (_, row) => row).filter((row) => use[row] === 1 && predicted.every((p) => Number.isFinite(p[row]!)));
  return contenders.flatMap(({ model }, k) => Array.from({ length: 12 }, (_, m): MonthError => {
    const own = rows.filter((row) => monthOf(asDay(days[row]!)) === m + 1);
    const { bias, rmse, n } = scores(own.map((row) => observed[row]!), own.map((row) => predicted[k]![row]!));
    return { model, month: m + 1, days: n, observed: n === 0 ? null : own.reduce((sum, row) => sum + observed[row]!, 0) / n, bias, rmse };
  }));
}
