import type { DailyTable } from "../../src/data/daily-table";
import { compare } from "../../src/evaluate/evaluate";
import type { Evaluation } from "../../src/evaluate/evaluate-runs";
import type { Predictions } from "../../src/evaluate/predictions";

/** An evaluation of made predictions, as `evaluateRuns` hands it over. */
export function evaluationOf(table: DailyTable, models: Readonly<Record<string, Predictions>>): Evaluation {
  const contenders = Object.entries(models).map(([model, predictions]) => ({ model, predictions }));
  return {
    metrics: compare(table, contenders, { tableName: "T.parquet" }),
    predicted: contenders.map(({ predictions }) => ({ predictions, missing: [] })),
    names: contenders.map((c) => c.model),
    comparison: null,
  };
}
