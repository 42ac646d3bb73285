import type { Land } from "./land";
import type { Stand } from "./stand";
import type { Weather } from "./weather";

const REFERENCE_C = 15;
const T0_C = -46.02;
/** Days for which respiration remembers photosynthesis, and the soil remembers the air. */
const SUBSTRATE_DAYS = 12;
const SOIL_DAYS = 4;
/** Respiration that no photosynthesis of the place pays for, g C m⁻² d⁻¹ at 15 °C. */
const FLOOR = 0.04;

/** Temperature response, 1 at 15 °C. @source Lloyd & Taylor 1994, doi:10.2307/2389824, eq. 11 @example lloydTaylor(15, 308.56) // 1 */
export function lloydTaylor(celsius: number, e0: number): number {
  return Math.exp(e0 * (1 / (REFERENCE_C - T0_C) - 1 / (Math.max(-38, celsius) - T0_C)));
}

/**
 * Ecosystem respiration `[day]`, g C m⁻² d⁻¹: an old pool that answers to temperature and moisture and a labile one that follows the
 * photosynthesis of the last weeks. Both are scaled so that over the whole run respiration is the stand's share of photosynthesis: the soil
 * was filled by the same vegetation; age and management are the departure from that.
 * @source Lloyd & Taylor 1994, doi:10.2307/2389824; Migliavacca et al. 2011, doi:10.1111/j.1365-2486.2010.02243.x (LinGPP: coupling to recent GPP)
 * @example respiration(stand, weather, land, gpp)
 */
export function respiration(stand: Stand, weather: Weather, land: Land, gpp: Float64Array): Float64Array {
  const n = gpp.length;
  const old = new Float64Array(n);
  const labile = new Float64Array(n);
  const keepSubstrate = Math.exp(-1 / SUBSTRATE_DAYS);
  const keepSoil = Math.exp(-1 / SOIL_DAYS);
  const yearly = gpp.reduce((a, b) => a + b, 0) / n;
  let [substrate, soil] = [yearly, weather.ta[0]!];
  let [oldSum, labileSum] = [0, 0];
  const wetland = stand.biome.waterTable > 0;
  for (let i = 0; i < n; i++) {
    soil = keepSoil * soil + (1 - keepSoil) * weather.ta[i]!;
    substrate = keepSubstrate * substrate + (1 - keepSubstrate) * gpp[i]!;
    // snow keeps the soil near freezing
    const ts = land.snow[i]! > 20 ? Math.max(soil, -1.5) : soil;
    const moist = wetland ? 1 : 0.25 + 0.75 * Math.min(1, land.top[i]! / 0.5);
    const warm = lloydTaylor(ts, stand.sensitivity);
    old[i] = warm * moist;
    labile[i] = substrate * Math.sqrt(warm * moist);
    oldSum += old[i]!;
    labileSum += labile[i]!;
  }
  const total = stand.balance * yearly;
  const a = (total * (1 - stand.labile)) / (oldSum / n);
  const b = labileSum > 0 ? (total * stand.labile) / (labileSum / n) : 0;
  return old.map((x, i) => a * x + b * labile[i]! + FLOOR * x);
}
