import type { Random } from "../../core/random";
import type { Sky } from "./sky";
import { seasonAt, type Normals } from "./normals";
import type { Calendar } from "./calendar";

/** Daily weather `[day]` at a place. */
export interface Weather {
  /** air temperature, daily mean and minimum, °C */
  readonly ta: Float64Array;
  readonly tMin: Float64Array;
  /** incoming short-wave radiation, daily mean, W m⁻² */
  readonly sw: Float64Array;
  /** share of the sky under cloud */
  readonly cloud: Float64Array;
  /** precipitation, mm d⁻¹ */
  readonly rain: Float64Array;
  /** vapour pressure deficit, daily mean, hPa */
  readonly vpd: Float64Array;
  /** air pressure, kPa */
  readonly pressure: Float64Array;
  /** wind speed, m s⁻¹ */
  readonly wind: Float64Array;
}

export const emptyWeather = (n: number): Weather => ({
  ta: new Float64Array(n), tMin: new Float64Array(n), sw: new Float64Array(n), cloud: new Float64Array(n),
  rain: new Float64Array(n), vpd: new Float64Array(n), pressure: new Float64Array(n), wind: new Float64Array(n),
});

/** Saturation vapour pressure, hPa. @source Allen et al. 1998, FAO 56, eq. 11 @example saturation(20) // 23.4 */
export function saturation(celsius: number): number {
  return 6.108 * Math.exp((17.27 * celsius) / (celsius + 237.3));
}

/** One step of a first-order autoregression with unit variance and a memory of `days`. */
export function driftStep(previous: number, days: number, normal: number): number {
  const keep = Math.exp(-1 / days);
  return keep * previous + Math.sqrt(1 - keep * keep) * normal;
}

const clamp = (x: number, low: number, high: number): number => (x < low ? low : x > high ? high : x);

interface RainMonth {
  /** share of wet days */
  readonly wet: number;
  /** rain of a wet day, mm */
  readonly amount: number;
}

/** Wet days and their amount from the month's total: wetter months have both more and heavier rain. */
function rainMonths(normals: Normals): RainMonth[] {
  return Array.from(normals.rain, (total) => {
    const amount = clamp(2.2 + total / 24, 2.5, 15);
    const wet = clamp(total / 30.44 / amount, 0.002, 0.85);
    return { wet, amount: total / 30.44 / wet };
  });
}

/**
 * A seeded weather generator in the manner of Richardson: wet and dry days as a first-order Markov chain, exponential amounts,
 * temperature and cloud as autoregressions that know whether it rains, and slow anomalies of weeks and of years so that years differ.
 * Radiation is the top-of-atmosphere value times Ångström's clearness; humidity comes from a dew point near the day's minimum,
 * lower in dry climates and dry spells.
 * @source Richardson 1981, doi:10.1029/WR017i001p00182; Geng et al. 1986, doi:10.1016/0168-1923(86)90014-6 (transition
 * probabilities from wet-day frequency); Allen et al. 1998, FAO 56, eq. 7, 11, 35, 48 (pressure, vapour, radiation, dew point)
 * @example generateWeather(normals, sky, 200, calendar, random(1)).ta
 */
export function generateWeather(normals: Normals, sky: Sky, elevation: number, calendar: Calendar, random: Random): Weather {
  const n = calendar.days.length;
  const w = emptyWeather(n);
  const months = rainMonths(normals);
  const total = normals.rain.reduce((a, b) => a + b, 0);
  // 0 in moist, 1 in desert climates: rain against a rough measure of what warmth can evaporate
  const dryness = clamp(1 - total / (26 * Math.max(normals.mean + 10, 4)), 0, 1);
  const meanPressure = 101.3 * Math.pow((293 - 0.0065 * elevation) / 293, 5.26);
  const meanWind = 1.6 + 2.2 * random.uniform();
  let [synoptic, slow, wetness, sky1, air, breeze] = Array.from({ length: 6 }, () => random.normal()) as [number, number, number, number, number, number];
  let wet = random.uniform() < months[calendar.month[0]!]!.wet;
  let [yearWarm, yearWet, year] = [0, 0, NaN];
  for (let i = 0; i < n; i++) {
    if (calendar.year[i] !== year) {
      year = calendar.year[i]!;
      yearWarm = 0.25 * yearWarm + random.normal();
      yearWet = 0.25 * yearWet + random.normal();
    }
    const d = calendar.dayOfYear[i]! - 1;
    const season = seasonAt(d + 1, normals.north);
    const month = months[calendar.month[i]!]!;
    synoptic = driftStep(synoptic, 3.2, random.normal());
    slow = driftStep(slow, 25, random.normal());
    wetness = driftStep(wetness, 40, random.normal());
    sky1 = driftStep(sky1, 1.6, random.normal());
    air = driftStep(air, 4, random.normal());
    breeze = driftStep(breeze, 1.5, random.normal());

    const spell = Math.exp(0.45 * wetness + 0.2 * yearWet - 0.12);
    const share = clamp(month.wet * spell, 0.001, 0.92);
    wet = random.uniform() < (wet ? 0.25 + 0.75 * share : 0.75 * share);
    const drawn = -Math.log(1 - random.uniform());
    w.rain[i] = wet ? Math.max(0.1, month.amount * drawn) : 0;

    const cloud = wet ? clamp(0.78 + 0.16 * sky1, 0.3, 1) : clamp(0.16 + 0.38 * month.wet + 0.24 * sky1, 0, 1);
    w.cloud[i] = cloud;
    const clearness = (0.25 + 0.5 * (1 - cloud)) * (1 + elevation * 2.7e-5);
    w.sw[i] = sky.top[d]! * clearness;

    const spread = (0.9 + 0.13 * normals.swing) * (1 - 0.3 * season);
    const underCloud = -season * (cloud - 0.5) * Math.min(3, 0.35 * normals.swing);
    w.ta[i] = normals.mean + normals.swing * season + spread * (synoptic + 0.5 * slow) + 0.05 * (5 + normals.swing) * yearWarm + underCloud;
    const range = clamp((5 + 11 * (1 - cloud) + 5 * dryness) * Math.min(1, 0.35 + sky.top[d]! / 330), 2, 20);
    w.tMin[i] = w.ta[i]! - range / 2;

    const parched = clamp(dryness + 0.12 - 0.1 * wetness - 0.05 * yearWet, 0, 1.2);
    const dew = w.tMin[i]! - (wet ? 0.3 : 14 * parched * (0.7 + 0.3 * season));
    const meanSaturation = (saturation(w.ta[i]! + range / 2) + saturation(w.tMin[i]!)) / 2;
    w.vpd[i] = Math.max(0.05, meanSaturation - saturation(dew));
    w.pressure[i] = meanPressure + 0.7 * air - (wet ? 0.4 : 0);
    w.wind[i] = Math.max(0.2, meanWind * Math.exp(0.38 * breeze - 0.07) * (1 - 0.12 * season));
  }
  return w;
}

/**
 * The weather at one tower of a cluster: the cluster's, with the lapse rate to its own height and small differences of cloud and rain.
 * @source Barry 2008, Mountain Weather and Climate, 3rd ed. (6.5 K km⁻¹)
 */
export function weatherAt(shared: Weather, from: number, to: number, heightDifference: number, random: Random): Weather {
  const w = emptyWeather(to - from);
  let [patch, wander] = [random.normal(), random.normal()];
  for (let i = 0; i < to - from; i++) {
    const j = from + i;
    patch = driftStep(patch, 2, random.normal());
    wander = driftStep(wander, 6, random.normal());
    const shift = -0.0065 * heightDifference + 0.25 * wander;
    w.ta[i] = shared.ta[j]! + shift;
    w.tMin[i] = shared.tMin[j]! + shift;
    w.sw[i] = shared.sw[j]! * Math.exp(0.03 * patch);
    w.cloud[i] = clamp(shared.cloud[j]! - 0.04 * patch, 0, 1);
    w.rain[i] = shared.rain[j]! * Math.exp(0.15 * patch - 0.011);
    w.vpd[i] = Math.max(0.05, shared.vpd[j]! * (1 + 0.06 * shift));
    w.pressure[i] = shared.pressure[j]! * Math.exp(-heightDifference / 8400);
    w.wind[i] = shared.wind[j]!;
  }
  return w;
}
