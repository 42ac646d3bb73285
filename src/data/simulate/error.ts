import type { Random } from "../../core/random";
import type { Calendar } from "./calendar";
import type { Calibration } from "./calibration";
import type { Quality } from "./quality";
import type { Sky } from "./sky";
import { driftStep } from "./weather";

/** Daily mean flux in µmol CO2 m⁻² s⁻¹ times this is g C m⁻² d⁻¹. */
const MICROMOL_TO_GRAM = 1.0378;
const HALF_HOURS = 48;
/** Day lengths at which the course of light is tabled, per hour. */
const STEPS_AN_HOUR = 4;

/** Random error of a half-hour, µmol m⁻² s⁻¹: standard deviation = a + b·|flux|, other for uptake and for release. */
interface ErrorModel {
  readonly release: readonly [a: number, b: number];
  readonly uptake: readonly [a: number, b: number];
}

/** @source Richardson et al. 2006, doi:10.1016/j.agrformet.2006.01.007, Table 4 (forest; grassland for all short vegetation) */
const TALL: ErrorModel = { release: [0.62, 0.63], uptake: [1.42, 0.19] };
const SHORT: ErrorModel = { release: [0.38, 0.3], uptake: [0.47, 0.12] };

/** Uptake that an open-path analyser warms up out of cold air, at the coldest, g C m⁻² d⁻¹: least and most over the towers. */
const APPARENT_UPTAKE = [0.02, 0.3] as const;

/** One variant of the targets `[day]`, g C m⁻² d⁻¹. */
export interface Targets {
  readonly gpp: Float32Array;
  readonly reco: Float32Array;
  readonly nee: Float32Array;
}

/** The closed (USTAR50-like) and the unclosed (REF-like) variant. */
export interface TargetVariants {
  readonly closed: Targets;
  readonly unclosed: Targets;
}

/**
 * Light of each half-hour as a share of the day's `[day length step, half-hour]`. Photosynthesis follows it.
 * @example lightTable()[12 * 4][24] > 0
 */
export function lightTable(): Float64Array[] {
  return Array.from({ length: 24 * STEPS_AN_HOUR + 1 }, (_, k) => {
    const hours = k / STEPS_AN_HOUR;
    const raw = Float64Array.from({ length: HALF_HOURS }, (_, h) => {
      const t = (h + 0.5) / 2 - 12;
      return Math.abs(t) < hours / 2 ? Math.cos((Math.PI * t) / hours) : 0;
    });
    const sum = raw.reduce((a, b) => a + b, 0);
    return sum > 0 ? raw.map((x) => x / sum) : raw.fill(1 / HALF_HOURS);
  });
}

/** The true fluxes `[day]`, which are not changed, and what decides their error. */
export interface FluxToObserve {
  readonly gpp: Float64Array;
  readonly reco: Float64Array;
  /** air temperature, °C */
  readonly ta: Float64Array;
  readonly quality: Quality;
  readonly sky: Sky;
  readonly calendar: Calendar;
  /** whether the tower stands over tall vegetation */
  readonly tall: boolean;
  readonly light: readonly Float64Array[];
  readonly calibration: Calibration;
  readonly random: Random;
}

/**
 * What the tower reports of the true fluxes. NEE gets a random error for each half-hour, double exponential, larger with the flux and other
 * for uptake than for release, averaged over the day; a u*-bias for each year, in the respiration of the night; and filling error where
 * little was measured. Respiration gets the error of the night-time partition, which wanders over days. In the closed variant GPP is what
 * makes the three add up, so that it inherits all errors and is negative on some days; in the unclosed one each flux comes from a u*-threshold of its own.
 * @source Hollinger & Richardson 2005, doi:10.1093/treephys/25.7.873; Richardson et al. 2006, doi:10.1016/j.agrformet.2006.01.007;
 * Reichstein et al. 2005, doi:10.1111/j.1365-2486.2005.001002.x (partition); Barr et al. 2013, doi:10.1016/j.agrformet.2012.09.023 (u*);
 * Burba et al. 2008, doi:10.1111/j.1365-2486.2008.01606.x (apparent uptake in the cold)
 */
export function observeFluxes({ gpp, reco, ta, quality, sky, calendar, tall, light, calibration, random }: FluxToObserve): TargetVariants {
  const n = gpp.length;
  const column = (): Float32Array => new Float32Array(n).fill(NaN);
  const closed = { gpp: column(), reco: column(), nee: column() };
  const unclosed = { gpp: column(), reco: column(), nee: column() };
  const model = tall ? TALL : SHORT;
  const { randomError, partitionError } = calibration;
  const lasting = 0.04 * random.normal();
  const apparent = randomError * (APPARENT_UPTAKE[0] + (APPARENT_UPTAKE[1] - APPARENT_UPTAKE[0]) * random.uniform());
  const gaps = 0.03 + 0.05 * random.uniform();
  let [wander, filled, version] = [random.normal(), random.normal(), random.normal()];
  let [year, bias, biasOfGpp, biasOfReco] = [NaN, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    if (calendar.year[i] !== year) {
      year = calendar.year[i]!;
      bias = partitionError * (lasting + 0.06 * random.normal());
      biasOfGpp = 0.6 * gaps * random.normal();
      biasOfReco = gaps * random.normal();
    }
    wander = driftStep(wander, 7, random.normal());
    filled = driftStep(filled, 6, random.normal());
    version = driftStep(version, 4, random.normal());
    const daylight = sky.daylight[calendar.dayOfYear[i]! - 1]!;
    const noise = randomError * dayError(gpp[i]!, reco[i]!, light[Math.round(daylight * STEPS_AN_HOUR)]!, model, random);
    if (quality.lost[i]) continue;
    const size = 0.15 * (gpp[i]! + reco[i]!) + 0.05;
    const filling = randomError * (1 - quality.good[i]!) * size * filled;
    const night = 1 - daylight / 24;
    const cold = Math.min(1, Math.max(0, (10 - ta[i]!) / 12));
    const nee = reco[i]! * (1 + bias * night) - gpp[i]! + noise + filling - apparent * cold;
    const guess = reco[i]! * (1 + bias) * Math.exp(partitionError * 0.13 * wander) + 0.25 * noise;
    closed.nee[i] = nee;
    closed.reco[i] = guess;
    closed.gpp[i] = closed.reco[i]! - closed.nee[i]!;
    unclosed.nee[i] = nee;
    unclosed.reco[i] = guess * (1 + biasOfReco * 0.3 + 0.3 * gaps * version);
    unclosed.gpp[i] = closed.gpp[i]! * (1 + biasOfGpp * 0.3) + 0.05 * gaps * version;
  }
  return { closed, unclosed };
}

/** Mean over the day of the half-hours' random errors, g C m⁻² d⁻¹. */
function dayError(gpp: number, reco: number, light: Float64Array, model: ErrorModel, random: Random): number {
  const perHalfHour = (gpp / MICROMOL_TO_GRAM) * HALF_HOURS;
  const release = reco / MICROMOL_TO_GRAM;
  let sum = 0;
  for (let h = 0; h < HALF_HOURS; h++) {
    const flux = release - perHalfHour * light[h]!;
    const [a, b] = flux >= 0 ? model.release : model.uptake;
    const scale = (a + b * Math.abs(flux)) * Math.SQRT1_2;
    // a double exponential from one uniform number: its sign, then its size
    const u = 2 * random.uniform() - 1;
    sum += u < 0 ? scale * Math.log(1 + u) : -scale * Math.log(1 - u);
  }
  return (sum / HALF_HOURS) * MICROMOL_TO_GRAM;
}
