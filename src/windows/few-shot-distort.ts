import type { Random } from "../core/random";

/** How an episode's fluxes are changed. */
export interface FluxDistortion {
  /** standard deviation of the logarithm of the factors */
  readonly sd: number;
  /** of the z-scores, g C m⁻² d⁻¹ */
  readonly targetMean: readonly [number, number, number];
  readonly targetSd: readonly [number, number, number];
}

/** Factors of GPP and RECO of one episode. */
export interface Factors extends FluxDistortion {
  readonly gpp: number;
  readonly reco: number;
}

/**
 * Draws the factors of an episode. A few dozen towers can be told apart by their drivers and learnt by heart, and an encoder that has done
 * so need not look at the fluxes it is shown. With factors of its own an episode is a place that no driver knows.
 * @source Rajendran, Irpan & Jang 2020, arXiv 2007.05549 (meta-augmentation); Yin et al. 2020, arXiv 1912.03820 (memorisation)
 * @example drawFactors({ sd: 0.3, targetMean, targetSd }, random(1, "episode")).gpp
 */
export function drawFactors(distort: FluxDistortion, r: Random): Factors {
  return { ...distort, gpp: Math.exp(distort.sd * r.normal()), reco: Math.exp(distort.sd * r.normal()) };
}

/**
 * Scales the GPP and RECO of one day in place, z-scored, and moves NEE by the difference, so that the balance stays what it was. `values` holds
 * the three fluxes from `at`, `known` their masks from `mask`. NEE of a day that lacks one of the others cannot be moved: it becomes unknown.
 * @example applyFactors(batch.y, batch.valid, 0, 0, factors)
 */
export function applyFactors(values: Float32Array, known: Float32Array, at: number, mask: number, { gpp, reco, targetMean, targetSd }: Factors): void {
  const physical = (f: number): number => values[at + f]! * targetSd[f]! + targetMean[f]!;
  const scaled = [known[mask] ? physical(0) * (gpp - 1) : 0, known[mask + 1] ? physical(1) * (reco - 1) : 0] as const;
  for (const f of [0, 1] as const) if (known[mask + f]) values[at + f] = values[at + f]! + scaled[f] / targetSd[f];
  if (!known[mask + 2]) return;
  if (known[mask] && known[mask + 1]) values[at + 2] = values[at + 2]! + (scaled[1] - scaled[0]) / targetSd[2];
  else {
    known[mask + 2] = 0;
    values[at + 2] = 0;
  }
}
