import { asDay, parseDay, type Day } from "../../core/days";
import type { Random } from "../../core/random";

/** First and last day of a tower's flux record: whole calendar years. */
export interface Period {
  readonly first: Day;
  readonly last: Day;
}

const LONGEST = 15;
/** MOD09GA begins in February 2000; the last year lies before the present on every machine. */
const FIRST_YEAR = 2001;
const LAST_YEAR = 2023;

/**
 * Record lengths `[site]` in whole years: geometric on 1–15, so that short records are the most frequent, with the wanted mean. The
 * quantiles are laid out evenly and shuffled, so that the mean holds in every seed.
 * @source method §3 and the benchmark's records (1,170,682 site-days of 474 sites; half of them short), arXiv 2603.09868
 * @example recordLengths(160, 4, random(1)).length // 160
 */
export function recordLengths(count: number, mean: number, random: Random): number[] {
  const cumulative = geometricWithMean(mean);
  const lengths = Array.from({ length: count }, (_, i) => 1 + cumulative.findIndex((c) => c >= (i + 0.5) / count - 1e-12));
  return random.shuffle(lengths);
}

/** Cumulative probabilities `[years − 1]` of the geometric distribution on 1–15 whose mean is `mean`. */
function geometricWithMean(mean: number): number[] {
  let [low, high] = [-20, 20];
  let weights: number[] = [];
  for (let i = 0; i < 80; i++) {
    const slope = (low + high) / 2;
    const top = slope > 0 ? slope * (LONGEST - 1) : 0;
    weights = Array.from({ length: LONGEST }, (_, k) => Math.exp(slope * k - top));
    const sum = weights.reduce((a, b) => a + b, 0);
    weights = weights.map((w) => w / sum);
    const found = weights.reduce((a, w, k) => a + w * (k + 1), 0);
    if (found < mean) low = slope;
    else high = slope;
  }
  let total = 0;
  const cumulative = weights.map((w) => (total += w));
  cumulative[LONGEST - 1] = 1;
  return cumulative;
}

/** Lays a record of `years` somewhere in 2001–2023. @example placeRecord(4, random(1)).first */
export function placeRecord(years: number, random: Random): Period {
  const start = FIRST_YEAR + random.int(LAST_YEAR - FIRST_YEAR + 2 - years);
  return { first: parseDay(`${start}-01-01`), last: asDay(parseDay(`${start + years}-01-01`) - 1) };
}
