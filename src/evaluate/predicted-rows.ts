import type { Flux } from "../core/quantities";
import type { DailyTable } from "../data/daily-table";
import { alignPredictions } from "./observed";
import type { Predictions } from "./predictions";

/**
 * What was predicted of a flux on each row of the table `[row]`, g C m⁻² d⁻¹, NaN where there is no prediction.
 * @throws WorkbookError BadArgument as `alignPredictions`
 * @example predictedRows(table, predictions, "gpp")[0]
 */
export function predictedRows(table: DailyTable, predictions: Predictions, flux: Flux): Float32Array {
  return Float32Array.from(alignPredictions(table, predictions), (i) => (i < 0 ? NaN : predictions[flux][i]!));
}
