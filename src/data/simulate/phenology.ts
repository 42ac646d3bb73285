/** Rises from 0 at `low` to 1 at `high`. */
const ramp = (x: number, low: number, high: number): number => Math.min(1, Math.max(0, (x - low) / (high - low)));

/**
 * The growing-season index of one day, before its 21-day mean: warmth of the night, dryness of the air, length of the day; and, as later
 * users of the index added, water in the soil.
 * @param shift moves the temperature thresholds, K: the site's own leafing habit
 * @source Jolly, Nemani, Running 2005, doi:10.1111/j.1365-2486.2005.00930.x, Table 1 (−2…5 °C, 900…4100 Pa, 10…11 h);
 * soil water: Forkel et al. 2014, doi:10.5194/bg-11-7025-2014
 * @example growingSeasonIndex(10, 5, 14, 0.8, 0) // 1
 */
export function growingSeasonIndex(tMin: number, vpdHpa: number, daylight: number, root: number, shift: number): number {
  return ramp(tMin, -2 + shift, 5 + shift) * (1 - ramp(vpdHpa, 9, 41)) * ramp(daylight, 10, 11) * ramp(root, 0.03, 0.3);
}

/** A running mean over the last `width` values. @example const m = runningMean(21); m(1) // 1 */
export function runningMean(width: number): (value: number) => number {
  const ring = new Float64Array(width);
  let [sum, count, at] = [0, 0, 0];
  return (value) => {
    sum += value - ring[at]!;
    ring[at] = value;
    at = (at + 1) % width;
    if (count < width) count++;
    return sum / count;
  };
}
