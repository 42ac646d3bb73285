import type { Random } from "../../core/random";
import { driftStep } from "./weather";

/** Standard deviation of the logarithm, and memory in days, of what moves a stand without any driver. */
const SLOW = { spread: 0.1, days: 70 };
const QUICK = { spread: 0.09, days: 6 };

/**
 * A factor about 1 `[day]` by which an ecosystem leaves its own response to the weather: pests, nutrients, soil water below the roots' reach,
 * management. It is part of the true flux and in no driver; it is why models that know everything else still miss a part of each season.
 * @param scale multiplies both spreads
 * @source size after the interannual variation that weather does not explain: Richardson et al. 2007, doi:10.1111/j.1365-2486.2007.01330.x
 * @example unseenDrift(365, 1, random(1))[0] // near 1
 */
export function unseenDrift(n: number, scale: number, random: Random): Float64Array {
  let [slow, quick] = [random.normal(), random.normal()];
  const factor = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    slow = driftStep(slow, SLOW.days, random.normal());
    quick = driftStep(quick, QUICK.days, random.normal());
    factor[i] = Math.exp(scale * (SLOW.spread * slow + QUICK.spread * quick));
  }
  return factor;
}
