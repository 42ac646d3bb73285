import type { SiteSeries } from "./comparison-series";
import { mean, quantile, scores } from "./metrics";
import { Bins } from "./time-scales";

/** Parts of the mean squared error of one site, (g C m⁻² d⁻¹)²; both splits add up to `mse` exactly. */
export interface ErrorParts {
  readonly mse: number;
  /** (p̄ − ō)²: the site's level */
  readonly bias2: number;
  /** (σp − σo)²: wrong amplitude */
  readonly variance: number;
  /** 2 σp σo (1 − r): wrong timing */
  readonly phase: number;
  /** variance of the error's mean cycle (8-day bins of the year, weighted by their days) */
  readonly seasonal: number;
  /** what is left within the bins: error from day to day and year to year */
  readonly day_to_day: number;
}

/** Parts averaged over sites, with their shares of the mean MSE and the three terms of the Kling–Gupta efficiency as site medians. */
export interface ErrorPartsSummary extends ErrorParts {
  readonly n_sites: number;
  readonly n_days: number;
  readonly share_bias2: number | null;
  readonly share_variance: number | null;
  readonly share_phase: number | null;
  readonly share_seasonal: number | null;
  readonly share_day_to_day: number | null;
  /** r, σp/σo and (p̄ − ō)/σo; sites whose observations do not vary are left out */
  readonly kge_r: number | null;
  readonly kge_alpha: number | null;
  readonly kge_beta: number | null;
}

/**
 * Splits one site's mean squared error twice: MSE = bias² + variance + phase, and MSE = bias² + seasonal + day to day.
 * An empty series gives null.
 * @throws WorkbookError NotFinite as `scores`
 * @source Kobayashi & Salam 2000, doi:10.2134/agronj2000.922345x, eqs 6–9 (MSD = SB + SDSD + LCS); Gupta et al. 2009,
 * doi:10.1016/j.jhydrol.2009.08.003, eq. 4 (the same three terms); second split: law of total variance of the error over 8-day bins
 * @example errorParts(series)?.phase
 */
export function errorParts(series: Pick<SiteSeries, "days" | "observed" | "predicted">): ErrorParts | null {
  const { days, observed, predicted } = series;
  const { n, mse } = scores(observed, predicted);
  if (mse === null) return null;
  const error = Float64Array.from(predicted, (p, i) => p - observed[i]!);
  const centre = error.reduce((sum, e) => sum + e, 0) / n;
  const bins = new Bins(days);
  const cycle = bins.means(error);
  let [seasonal, rest] = [0, 0];
  error.forEach((e, i) => {
    const c = cycle[bins.of[i]!]!;
    seasonal += (c - centre) ** 2 / n;
    rest += (e - c) ** 2 / n;
  });
  return { mse: mse.bias2 + mse.variance + mse.phase, ...mse, seasonal, day_to_day: rest };
}

/**
 * Error parts of a model at many sites: each site one value.
 * @example summariseParts(model.series.nee)?.share_phase
 */
export function summariseParts(all: readonly SiteSeries[]): ErrorPartsSummary | null {
  const parts = all.flatMap((s) => errorParts(s) ?? []);
  if (parts.length === 0) return null;
  const of = (key: keyof ErrorParts): number => mean(parts.map((p) => p[key]))!;
  const total = of("mse");
  const share = (key: keyof ErrorParts): number | null => (total > 0 ? of(key) / total : null);
  const terms = all.flatMap(({ observed, predicted }) => kge(observed, predicted) ?? []);
  const median = (key: "r" | "alpha" | "beta"): number | null => quantile(terms.flatMap((t) => t[key] ?? []), 0.5);
  return {
    n_sites: parts.length, n_days: all.reduce((sum, s) => sum + s.days.length, 0),
    mse: total, bias2: of("bias2"), variance: of("variance"), phase: of("phase"), seasonal: of("seasonal"), day_to_day: of("day_to_day"),
    share_bias2: share("bias2"), share_variance: share("variance"), share_phase: share("phase"), share_seasonal: share("seasonal"), share_day_to_day: share("day_to_day"),
    kge_r: median("r"), kge_alpha: median("alpha"), kge_beta: median("beta"),
  };
}

/** Correlation, ratio of standard deviations and bias in standard deviations; null where the observations do not vary. */
function kge(observed: ArrayLike<number>, predicted: ArrayLike<number>): { r: number | null; alpha: number; beta: number } | null {
  const { sd, bias, mse } = scores(observed, predicted);
  const sdP = scores(predicted, predicted).sd;
  if (sd === null || sdP === null || bias === null || mse === null || !(sd > 0)) return null;
  return { r: sdP > 0 ? 1 - mse.phase / (2 * sd * sdP) : null, alpha: sdP / sd, beta: bias / sd };
}
