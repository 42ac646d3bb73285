import type { Contender } from "./evaluate";
import type { Evaluation } from "./evaluate-runs";

/** An evaluation's models as contenders, each with the sites whose fluxes it has seen. @example budgetErrors(table, contendersOf(evaluation)) */
export function contendersOf(evaluation: Evaluation): Contender[] {
  return evaluation.predicted.map(({ predictions }, k) => ({ model: evaluation.names[k]!, predictions, seen: new Set(evaluation.metrics[k]!.sites.filter((row) => row.seen).map((row) => row.site)) }));
}
