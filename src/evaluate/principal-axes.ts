import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { WorkbookError } from "../core/errors";

/** Rows seen along their directions of largest spread. */
export interface PrincipalAxes {
  /** `[row, axis]`, centred; NaN for a row that is not finite */
  readonly scores: Float64Array;
  /** `[axis]`, part of the whole variance along each, 0…1, falling */
  readonly share: readonly number[];
  /** rows that are not finite and so stay out */
  readonly left: number;
}

/**
 * The first `axes` principal components of rows `[row, column]`: eigenvectors of their covariance. The sign of an axis is arbitrary; here its
 * largest weight is positive, so that the same rows give the same figure.
 * @throws WorkbookError BadArgument with fewer finite rows than axes plus one, or more axes than columns
 * @source Hotelling 1933, doi:10.1037/h0071325
 * @example principalAxes(embeddings.z, embeddings.latent, 2).share // [0.41, 0.18]
 */
export function principalAxes(rows: Float32Array, columns: number, axes: number): PrincipalAxes {
  const n = rows.length / columns;
  const row = (i: number): Float32Array => rows.subarray(i * columns, (i + 1) * columns);
  const kept = Array.from({ length: n }, (_, i) => i).filter((i) => row(i).every(Number.isFinite));
  if (kept.length <= axes || axes > columns) {
    throw new WorkbookError("BadArgument", `principalAxes: more finite rows than axes (${axes}) and at least as many columns required, got ${kept.length} of ${n} rows and ${columns} columns; take more sites`);
  }
  const centred = new Matrix(kept.map((i) => Array.from(row(i)))).center("column");
  const { realEigenvalues: values, eigenvectorMatrix: vectors } = new EigenvalueDecomposition(centred.transpose().mmul(centred), { assumeSymmetric: true });
  const order = values.map((_, k) => k).sort((a, b) => values[b]! - values[a]!).slice(0, axes);
  const scores = new Float64Array(n * axes).fill(NaN);
  order.forEach((k, axis) => {
    const vector = vectors.getColumn(k);
    const largest = vector.reduce((a, v) => (Math.abs(v) > Math.abs(a) ? v : a), 0);
    const along = centred.mmul(Matrix.columnVector(vector.map((v) => v * Math.sign(largest)))).getColumn(0);
    kept.forEach((i, at) => (scores[i * axes + axis] = along[at]!));
  });
  const whole = values.reduce((sum, v) => sum + v, 0);
  return { scores, share: order.map((k) => (whole > 0 ? values[k]! / whole : 0)), left: n - kept.length };
}
