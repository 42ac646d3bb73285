import type { Random } from "../../core/random";
import type { Calendar } from "./calendar";
import { seasonAt } from "./normals";
import type { Weather } from "./weather";

/** Half-hours of a day. */
const HALF_HOURS = 48;

/** How much of each day's record rests on measurement `[day]`. */
export interface Quality {
  /** share of half-hours measured, or filled with good quality, 0…1 in steps of 1/48 */
  readonly good: Float32Array;
  /** 1 on days inside an outage too long to fill: the flux is missing */
  readonly lost: Uint8Array;
}

/** Outages longer than this cannot be filled, days. @source Reichstein et al. 2005, doi:10.1111/j.1365-2486.2005.001002.x (moving-window filling) */
const FILLABLE_DAYS = 45;

/**
 * Quality of a tower's days: half-hours are lost to calm nights (u* too low), to rain on the optics, and to outages, which are longer in the
 * cold season. Short gaps are filled well and count as good.
 * @source Pastorello et al. 2020, doi:10.1038/s41597-020-0534-3 (quality flags); Papale et al. 2006, doi:10.5194/bg-3-571-2006 (causes of gaps)
 * @example judgeDays(weather, calendar, true, random(1)).good
 */
export function judgeDays(weather: Weather, calendar: Calendar, north: boolean, random: Random): Quality {
  const n = weather.ta.length;
  const quality: Quality = { good: new Float32Array(n), lost: new Uint8Array(n) };
  const care = 0.35 * random.normal();
  let outage = 0;
  let length = 0;
  for (let i = 0; i < n; i++) {
    const cold = (1 - seasonAt(calendar.dayOfYear[i]!, north)) / 2;
    if (outage === 0 && random.uniform() < 0.0035 + 0.006 * cold) {
      length = outage = Math.ceil(-Math.log(1 - random.uniform()) * (5 + 9 * cold));
    }
    const calm = Math.max(0, 1.2 - weather.wind[i]! / 2);
    const wet = Math.min(1, weather.rain[i]! / 12);
    const poor = Math.exp(-2.6 + care + 1.5 * calm + 1.4 * wet + 0.7 * cold + 0.9 * random.normal());
    let good = Math.round(HALF_HOURS * (1 - Math.min(1, Math.max(0, poor - 0.09)))) / HALF_HOURS;
    if (outage > 0) {
      outage--;
      if (length > FILLABLE_DAYS) quality.lost[i] = 1;
      good = Math.min(good, Math.round(HALF_HOURS * 0.3 * random.uniform()) / HALF_HOURS);
    }
    quality.good[i] = good;
  }
  return quality;
}
