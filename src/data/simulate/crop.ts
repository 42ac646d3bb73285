import type { Random } from "../../core/random";
import type { Calendar } from "./calendar";
import { seasonAt, type Normals } from "./normals";
import type { Weather } from "./weather";

interface Sort {
  /** temperature below which it does not grow, °C */
  readonly base: number;
  /** largest thermal time from sowing to harvest, K d; varieties of short seasons need less */
  readonly longest: number;
  /** share of the climate's thermal time that the variety asks for */
  readonly share: number;
}

const SUMMER: Sort = { base: 8, longest: 1700, share: 0.86 };
const WINTER: Sort = { base: 0, longest: 2200, share: 0.6 };
/** Below this coldest-month temperature winter crops die and only summer crops are grown. */
const WINTER_KILL = -9;

/**
 * Leaf area of a field relative to its full canopy `[day]`: a rotation of summer and winter crops drawn year by year, sown by the season,
 * grown by thermal time, bare after harvest.
 * @param shift moves the sowing temperature, K
 * @source Bondeau et al. 2007, doi:10.1111/j.1365-2486.2006.01305.x (LPJmL: sowing dates, phenological heat units)
 * @example fieldLeaves(normals, weather, calendar, 0, random(1))[0]
 */
export function fieldLeaves(normals: Normals, weather: Weather, calendar: Calendar, shift: number, random: Random): Float64Array {
  const n = calendar.days.length;
  const leaves = new Float64Array(n);
  const need = { SUMMER: needOf(SUMMER, normals), WINTER: needOf(WINTER, normals) };
  const noWinter = normals.mean - normals.swing < WINTER_KILL;
  let sort: "SUMMER" | "WINTER" = "SUMMER";
  let growing = false;
  let thermal = 0;
  let planned = NaN;
  let trend = weather.ta[0]!;
  for (let i = 0; i < n; i++) {
    trend += (weather.ta[i]! - trend) / 20;
    const season = seasonAt(calendar.dayOfYear[i]!, normals.north);
    const rising = seasonAt(calendar.dayOfYear[i]! + 5, normals.north) > season;
    if (!growing) {
      const year = calendar.year[i]! + (normals.north ? 0 : 0.5);
      if (planned !== year) {
        planned = year;
        sort = noWinter || random.uniform() < 0.5 ? "SUMMER" : "WINTER";
      }
      const warmEnough = trend > Math.min(11, normals.mean + 0.45 * normals.swing) + shift;
      if (sort === "SUMMER" && rising && season > -0.2 && warmEnough) growing = true;
      if (sort === "WINTER" && !rising && season < 0.15 && season > -0.6) growing = true;
      thermal = 0;
    }
    if (growing) {
      thermal += Math.max(0, weather.ta[i]! - (sort === "SUMMER" ? SUMMER : WINTER).base);
      const x = thermal / need[sort];
      // a winter crop is a thin sward until spring
      leaves[i] = (1 / (1 + Math.exp(-16 * (x - 0.28)))) * (1 - 1 / (1 + Math.exp(-26 * (x - 0.92))));
      if (x >= 1) growing = false;
    }
  }
  return leaves;
}

function needOf(sort: Sort, normals: Normals): number {
  let available = 0;
  for (let d = 1; d <= 365; d++) available += Math.max(0, normals.mean + normals.swing * seasonAt(d, normals.north) - sort.base);
  return Math.max(300, Math.min(sort.longest, sort.share * available));
}
