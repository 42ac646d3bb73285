import { CholeskyDecomposition, Matrix } from "ml-matrix";

/** Typical error of a day, g C m⁻² d⁻¹, as constant + spread · member spread + size · |predicted|; none of the three is negative. */
export interface LocalScale {
  readonly constant: number;
  readonly spread: number;
  readonly size: number;
}

/** The constant is at least this share of the mean error, so that a day with no spread still has a scale. */
const FLOOR = 0.05;

/**
 * Fits the scale to absolute errors by weighted least squares with coefficients ≥ 0: every subset of the three terms is solved, and of
 * those that come out non-negative the one with the smallest error is taken.
 * @param error |observed − predicted| `[day]`; `spread`, `predicted` and `weight` likewise
 * @source Lei et al. 2018, doi:10.1080/01621459.2017.1307116, §5.2: the scale is a regression of the absolute residual
 * @example fitScale(error, spread, predicted, weight).constant
 */
export function fitScale(error: Float64Array, spread: Float64Array, predicted: Float64Array, weight: Float64Array): LocalScale {
  // normal equations of the three terms and the error
  const A = [0, 1, 2].map(() => [0, 0, 0]);
  const b = [0, 0, 0];
  let [yy, total] = [0, 0];
  for (let i = 0; i < error.length; i++) {
    const x = [1, spread[i]!, Math.abs(predicted[i]!)];
    const w = weight[i]!;
    for (let j = 0; j < 3; j++) {
      b[j] += w * x[j]! * error[i]!;
      for (let k = 0; k <= j; k++) A[j]![k] += w * x[j]! * x[k]!;
    }
    yy += w * error[i]! ** 2;
    total += w;
  }
  // mirrored, not summed again: the order of the factors moves the last digit, and the solver wants both halves alike
  for (const [j, k] of [[1, 0], [2, 0], [2, 1]] as const) A[k]![j] = A[j]![k]!;
  let best: { loss: number; beta: number[] } = { loss: yy, beta: [0, 0, 0] };
  for (let mask = 1; mask < 8; mask++) {
    const used = [0, 1, 2].filter((j) => (mask >> j) & 1);
    const solved = solve(used.map((j) => used.map((k) => A[j]![k]!)), used.map((j) => b[j]!));
    if (solved === null || solved.some((v) => v < 0)) continue;
    const loss = yy - solved.reduce((sum, v, k) => sum + v * b[used[k]!]!, 0);
    if (loss < best.loss) {
      const beta = [0, 0, 0];
      used.forEach((j, k) => (beta[j] = solved[k]!));
      best = { loss, beta };
    }
  }
  const floor = total > 0 ? FLOOR * (b[0]! / total) : 0;
  // a scale of 0 everywhere (a perfect model) would divide by 0
  return { constant: Math.max(best.beta[0]!, floor, 1e-9), spread: best.beta[1]!, size: best.beta[2]! };
}

/** Solves a small symmetric positive definite system; null where it is singular. */
function solve(matrix: number[][], right: readonly number[]): number[] | null {
  const factors = new CholeskyDecomposition(new Matrix(matrix));
  const left = factors.lowerTriangularMatrix.diagonal();
  if (left.some((l, i) => !(l * l > 1e-10 * matrix[i]![i]!))) return null;
  return factors.solve(Matrix.columnVector([...right])).to1DArray();
}
