import type { Land } from "./land";
import type { Stand } from "./stand";
import type { Weather } from "./weather";

/** Saturation of the canopy with light: efficiency falls by 1/(1 + x·APAR), m² d MJ⁻¹. */
const LIGHT_SATURATION = 0.09;
/** Loss of efficiency per hPa of vapour pressure deficit. */
const DRY_AIR = 0.045;
/** Vapour pressure deficit that costs nothing yet, hPa. */
const MOIST_AIR = 5;
/** Width of the temperature response, K. */
const WIDTH = 13;

/**
 * Gross primary production `[day]`, g C m⁻² d⁻¹: light absorbed times efficiency, reduced by saturation, dry air, dry soil and a temperature
 * that the canopy remembers for days, so that spring photosynthesis lags the first warm days.
 * @source Monteith 1972, doi:10.2307/2401901; Running et al. 2004, doi:10.1641/0006-3568(2004)054[0547:ACSMOG]2.0.CO;2 (light-use
 * efficiency); Mäkelä et al. 2008, doi:10.1111/j.1365-2486.2007.01463.x, eq. 2–6 (memory, saturation, dry air); June et al. 2004,
 * doi:10.1071/FP03250 (shape of the temperature response)
 * @example photosynthesis(stand, weather, land, 1.9)
 */
export function photosynthesis(stand: Stand, weather: Weather, land: Land, efficiencyScale: number): Float64Array {
  const n = weather.ta.length;
  const gpp = new Float64Array(n);
  const optimum = Math.min(34, Math.max(9, 11 + 0.55 * growingWarmth(weather) + stand.optimum));
  const keep = Math.exp(-1 / stand.biome.memory);
  let remembered = weather.ta[0]!;
  for (let i = 0; i < n; i++) {
    remembered = keep * remembered + (1 - keep) * weather.ta[i]!;
    const absorbed = 0.45 * weather.sw[i]! * 0.0864 * (1 - Math.exp(-0.5 * land.leafArea[i]!));
    const away = (remembered - optimum) / WIDTH;
    const thaw = Math.min(1, Math.max(0, (remembered + 4) / 8));
    const frost = weather.tMin[i]! < -8 ? 0.25 : 1;
    const buried = land.snow[i]! > 20 ? 0.4 : 1;
    const response = Math.exp(-away * away) * thaw * frost * buried * Math.exp(-DRY_AIR * Math.max(0, weather.vpd[i]! - MOIST_AIR)) * land.supply[i]!;
    gpp[i] = (efficiencyScale * stand.lightUse * absorbed * response) / (1 + LIGHT_SATURATION * absorbed);
  }
  return gpp;
}

/** Mean temperature of the days above 4 °C, °C; 4 where there are none. */
function growingWarmth(weather: Weather): number {
  let [sum, days] = [0, 0];
  for (const t of weather.ta) {
    if (t > 4) {
      sum += t;
      days++;
    }
  }
  return days > 0 ? sum / days : 4;
}
