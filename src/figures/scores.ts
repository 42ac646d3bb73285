/** Pooled agreement of predictions with observations on the pairs where both are present. */
export interface PairScores {
  readonly n: number;
  /** pairs with an observation but no prediction */
  readonly unpredicted: number;
  readonly rmse: number;
  readonly r2: number;
}

/**
 * RMSE (units of the data) and R² = 1 − SSE/SST over all pairs `[day]`, not per site; NaN is missing.
 * @source coefficient of determination as in CarbonFluxBench, arXiv 2603.09868
 * @example pairScores([1, 2], [1, 2]).r2 // 1
 */
export function pairScores(observed: ArrayLike<number>, predicted: ArrayLike<number>): PairScores {
  let [n, unpredicted, mean, sst, sse] = [0, 0, 0, 0, 0];
  for (let i = 0; i < observed.length; i++) {
    const [o, p] = [observed[i]!, predicted[i]!];
    if (Number.isNaN(o)) continue;
    if (Number.isNaN(p)) {
      unpredicted++;
      continue;
    }
    n++;
    const step = o - mean;
    mean += step / n;
    sst += step * (o - mean);
    sse += (o - p) ** 2;
  }
  return { n, unpredicted, rmse: n > 0 ? Math.sqrt(sse / n) : NaN, r2: n > 1 && sst > 0 ? 1 - sse / sst : NaN };
}
