import { CholeskyDecomposition, Matrix } from "ml-matrix";
import { WorkbookError } from "../core/errors";

/** Weighted sums over rows, from which a ridge regression follows in closed form; rows themselves are not kept. */
export interface RidgeSums {
  readonly width: number;
  rows: number;
  weight: number;
  /** Σ w x `[feature]` */
  readonly x: Float64Array;
  /** Σ w x xᵀ `[feature, feature]`, upper triangle */
  readonly xx: Float64Array;
  /** Σ w x y `[feature]` */
  readonly xy: Float64Array;
  y: number;
  yy: number;
}

/** A linear model of one flux. */
export interface RidgeFit {
  /** `[feature]` */
  readonly coefficients: Float64Array;
  readonly intercept: number;
}

/** Penalties tried, as a share of the sum of weights: with features of variance 1, how far a coefficient shrinks. */
export const RIDGE_GRID: readonly number[] = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1];
/** Taken where nothing can be validated. */
const RIDGE_DEFAULT = 1e-3;

/** Empty sums. @example const sums = ridgeSums(59) */
export function ridgeSums(width: number): RidgeSums {
  return { width, rows: 0, weight: 0, x: new Float64Array(width), xx: new Float64Array(width * width), xy: new Float64Array(width), y: 0, yy: 0 };
}

/** Adds a row of features `[feature]` with target `y` and weight `w`. @example addRow(sums, features, 1.2, 0.9) */
export function addRow(sums: RidgeSums, features: ArrayLike<number>, y: number, w: number): void {
  const { width, x, xx, xy } = sums;
  sums.rows++;
  sums.weight += w;
  sums.y += w * y;
  sums.yy += w * y * y;
  for (let i = 0; i < width; i++) {
    const wx = w * features[i]!;
    if (wx === 0) continue; // most one-hots
    x[i] += wx;
    xy[i] += wx * y;
    for (let j = i; j < width; j++) xx[i * width + j] += wx * features[j]!;
  }
}

/**
 * Ridge regression with an intercept that is not penalised: (Xcᵀ W Xc + αI) b = Xcᵀ W yc on weighted means, solved by Cholesky.
 * @throws WorkbookError EmptyTable without a weighted row, NotFinite when the sums are not finite, BadArgument for a penalty that is not above 0
 * @source Hoerl & Kennard 1970, doi:10.1080/00401706.1970.10488634; as scikit-learn's Ridge with sample_weight
 * @example solveRidge(sums, 10).coefficients
 */
export function solveRidge(sums: RidgeSums, alpha: number): RidgeFit {
  const { width, weight, x, xx, xy } = sums;
  if (!(weight > 0)) throw new WorkbookError("EmptyTable", "solveRidge: a training site-day with all drivers, the flux and a weight above 0 is required, found none; choose another split or feature set");
  if (!(alpha > 0)) throw new WorkbookError("BadArgument", `solveRidge: a penalty above 0 is required, got ${alpha}`);
  const centred = Matrix.zeros(width, width);
  const right = Matrix.zeros(width, 1);
  for (let i = 0; i < width; i++) {
    right.set(i, 0, xy[i]! - (x[i]! * sums.y) / weight);
    for (let j = 0; j <= i; j++) {
      const value = xx[j * width + i]! - (x[i]! * x[j]!) / weight + (i === j ? alpha : 0);
      centred.set(i, j, value).set(j, i, value);
    }
  }
  const finite = [...centred.to1DArray(), ...right.to1DArray()].every(Number.isFinite);
  const factors = finite ? new CholeskyDecomposition(centred) : null;
  const coefficients = factors?.isPositiveDefinite() ? Float64Array.from(factors.solve(right).to1DArray()) : new Float64Array(width).fill(NaN);
  const intercept = (sums.y - dot(coefficients, x)) / weight;
  if (!Number.isFinite(intercept)) throw new WorkbookError("NotFinite", "solveRidge: finite drivers and fluxes are required, the sums are not; look for impossible values in the table");
  return { coefficients, intercept };
}

/** Weighted mean squared error of a fit on the rows behind `sums`. @example meanSquaredError(validationSums, fit) */
export function meanSquaredError(sums: RidgeSums, { coefficients: b, intercept }: RidgeFit): number {
  const { width, xx } = sums;
  let quadratic = 0;
  for (let i = 0; i < width; i++) {
    quadratic += b[i]! * b[i]! * xx[i * width + i]!;
    for (let j = i + 1; j < width; j++) quadratic += 2 * b[i]! * b[j]! * xx[i * width + j]!;
  }
  const cross = dot(b, sums.xy) + intercept * sums.y;
  const square = quadratic + 2 * intercept * dot(b, sums.x) + intercept * intercept * sums.weight;
  return Math.max(0, sums.yy - 2 * cross + square) / sums.weight;
}

/** A fit with the penalty chosen and what each penalty gave. */
export interface RidgeChoice extends RidgeFit {
  /** share of the sum of weights */
  readonly penalty: number;
  /** weighted mean squared error on the validation rows by penalty; empty where nothing can be validated */
  readonly tried: readonly { readonly penalty: number; readonly error: number }[];
}

/**
 * Ridge with the penalty of the grid that has the smallest validation error; 0.001 where there are no validation rows.
 * @throws WorkbookError as `solveRidge`
 * @example fitRidge(trainSums, validationSums).penalty
 */
export function fitRidge(train: RidgeSums, validation: RidgeSums): RidgeChoice {
  if (!(validation.weight > 0)) return { ...solveRidge(train, RIDGE_DEFAULT * train.weight), penalty: RIDGE_DEFAULT, tried: [] };
  const tried = RIDGE_GRID.map((penalty) => {
    const fit = solveRidge(train, penalty * train.weight);
    return { penalty, fit, error: meanSquaredError(validation, fit) };
  });
  const best = tried.reduce((a, b) => (b.error < a.error ? b : a));
  return { ...best.fit, penalty: best.penalty, tried: tried.map(({ penalty, error }) => ({ penalty, error })) };
}

/** Value of a fit for features that start at `at`. @example predictRidge(fit, x, row * fit.coefficients.length) */
export function predictRidge({ coefficients, intercept }: RidgeFit, x: ArrayLike<number>, at = 0): number {
  let sum = intercept;
  for (let i = 0; i < coefficients.length; i++) sum += coefficients[i]! * x[at + i]!;
  return sum;
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}
