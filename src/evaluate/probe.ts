import { WorkbookError } from "../core/errors";
import { addRow, predictRidge, ridgeSums, solveRidge } from "../model/ridge";

/**
 * A ridge regression from features `[row, feature]` to one value a row, fitted on standardised features with an intercept.
 * Returns the prediction for each row of `test`.
 * @throws WorkbookError BadArgument when there are fewer than two training rows
 * @source Hoerl & Kennard 1970, doi:10.1080/00401706.1970.10488634
 * @example ridgeProbe([[0], [1], [2]], [0, 2, 4], [[3]], 1e-6) // [≈ 6]
 */
export function ridgeProbe(train: readonly ArrayLike<number>[], target: readonly number[], test: readonly ArrayLike<number>[], penalty: number): number[] {
  const n = train.length;
  if (n < 2 || target.length !== n) throw new WorkbookError("BadArgument", `ridgeProbe: at least two rows and a target for each required, got ${n} and ${target.length}`);
  const width = train[0]!.length;
  const mean = Array.from({ length: width }, (_, j) => train.reduce((s, r) => s + r[j]!, 0) / n);
  const sd = mean.map((m, j) => Math.sqrt(train.reduce((s, r) => s + (r[j]! - m) ** 2, 0) / n) || 1);
  const z = (row: ArrayLike<number>): number[] => mean.map((m, j) => (row[j]! - m) / sd[j]!);
  const sums = ridgeSums(width);
  train.forEach((row, k) => addRow(sums, z(row), target[k]!, 1));
  const fit = solveRidge(sums, penalty);
  return test.map((row) => predictRidge(fit, z(row)));
}
