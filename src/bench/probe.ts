import { WorkbookError } from "../core/errors";

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
  const rows = train.map(z);
  const centre = target.reduce((s, t) => s + t, 0) / n;
  const gram = mean.map((_, i) => mean.map((__, j) => rows.reduce((s, r) => s + r[i]! * r[j]!, 0) + (i === j ? penalty : 0)));
  const right = mean.map((_, i) => rows.reduce((s, r, k) => s + r[i]! * (target[k]! - centre), 0));
  const w = solve(gram, right);
  return test.map((row) => centre + z(row).reduce((s, v, j) => s + v * w[j]!, 0));
}

/** Solves a positive definite system by Cholesky. */
function solve(a: readonly (readonly number[])[], b: readonly number[]): number[] {
  const n = b.length;
  const l = a.map((row) => [...row]);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i]![j]!;
      for (let k = 0; k < j; k++) sum -= l[i]![k]! * l[j]![k]!;
      l[i]![j] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / l[j]![j]!;
    }
  }
  const y: number[] = [];
  for (let i = 0; i < n; i++) y[i] = (b[i]! - y.reduce((s, v, k) => s + l[i]![k]! * v, 0)) / l[i]![i]!;
  const x = new Array<number>(n).fill(0);
  for (let i = n - 1; i >= 0; i--) {
    let sum = y[i]!;
    for (let k = i + 1; k < n; k++) sum -= l[k]![i]! * x[k]!;
    x[i] = sum / l[i]![i]!;
  }
  return x;
}
