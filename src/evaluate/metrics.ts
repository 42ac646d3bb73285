import { WorkbookError } from "../core/errors";

export { quantile } from "../core/quantile";

/** How well predictions meet observations of one flux; g C m⁻² d⁻¹ where not dimensionless. Null where undefined. */
export interface Scores {
  readonly n: number;
  /** 1 − Σ(o − p)² / Σ(o − ō)²; 1 is perfect, 0 the site mean, no lower bound */
  readonly r2: number | null;
  /** squared Pearson correlation, blind to bias and to scale */
  readonly r2_corr: number | null;
  /** √(Σ(p − o)² / n) */
  readonly rmse: number | null;
  /** mean |p − o| / |ō| */
  readonly nmae: number | null;
  /** Σ|p − o| / Σ|o − ō| */
  readonly rae: number | null;
  /** mean (p − o) */
  readonly bias: number | null;
  /** standard deviation of the observations, divisor n */
  readonly sd: number | null;
  readonly mse: MseParts | null;
}

/** MSE = bias² + variance + phase, (g C m⁻² d⁻¹)². */
export interface MseParts {
  /** (p̄ − ō)² */
  readonly bias2: number;
  /** (σp − σo)²: wrong amplitude */
  readonly variance: number;
  /** 2 σp σo (1 − r): wrong timing */
  readonly phase: number;
}

/**
 * All scores of one flux over days that have both values `[day]`, in double precision.
 * @throws WorkbookError NotFinite for a value that is not a finite number, BadArgument for unequal lengths
 * @source R², RMSE, nMAE, RAE: CarbonFluxBench, arXiv 2603.09868; parts of the MSE: Kobayashi & Salam 2000, doi:10.2134/agronj2000.922345x
 * @example scores([1, 2, 3], [1, 2, 3]).r2 // 1
 */
export function scores(observed: ArrayLike<number>, predicted: ArrayLike<number>): Scores {
  const n = observed.length;
  if (predicted.length !== n) throw new WorkbookError("BadArgument", `scores: as many predictions as observations (${n}) required, got ${predicted.length}`);
  if (n === 0) return { n, r2: null, r2_corr: null, rmse: null, nmae: null, rae: null, bias: null, sd: null, mse: null };
  let [sumO, sumP] = [0, 0];
  for (let i = 0; i < n; i++) {
    const [o, p] = [observed[i]!, predicted[i]!];
    if (!Number.isFinite(o) || !Number.isFinite(p)) throw new WorkbookError("NotFinite", `scores: finite values required, got observed ${o}, predicted ${p} at ${i}; leave such days out and count them`);
    sumO += o;
    sumP += p;
  }
  const [meanO, meanP] = [sumO / n, sumP / n];
  let [ssO, ssP, cross, sse, sae, saeMean] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [dO, dP, e] = [observed[i]! - meanO, predicted[i]! - meanP, predicted[i]! - observed[i]!];
    ssO += dO * dO;
    ssP += dP * dP;
    cross += dO * dP;
    sse += e * e;
    sae += Math.abs(e);
    saeMean += Math.abs(dO);
  }
  const [sdO, sdP] = [Math.sqrt(ssO / n), Math.sqrt(ssP / n)];
  // equal values leave a rounding error behind, which is no variance to divide by
  const [constantO, constantP] = [sdO <= 1e-12 * Math.abs(meanO), sdP <= 1e-12 * Math.abs(meanP)];
  return {
    n,
    r2: constantO ? null : ratio(sse, ssO, (x) => 1 - x),
    r2_corr: constantO || constantP ? null : ratio(cross * cross, ssO * ssP, (x) => Math.min(1, x)),
    rmse: Math.sqrt(sse / n),
    nmae: ratio(sae / n, Math.abs(meanO)),
    rae: constantO ? null : ratio(sae, saeMean),
    bias: meanP - meanO,
    sd: sdO,
    mse: { bias2: (meanP - meanO) ** 2, variance: (sdP - sdO) ** 2, phase: Math.max(0, 2 * (sdP * sdO - cross / n)) },
  };
}

/** `top / bottom` through `then`, null where the bottom is 0. */
function ratio(top: number, bottom: number, then: (x: number) => number = (x) => x): number | null {
  return bottom > 0 ? then(top / bottom) : null;
}

/** Arithmetic mean; null for none, and for any value that is not finite. @example mean([1, 3]) // 2 */
export function mean(values: readonly number[]): number | null {
  const m = values.reduce((sum, v) => sum + v, 0) / values.length;
  return Number.isFinite(m) ? m : null;
}
