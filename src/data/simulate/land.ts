import type { Calendar } from "./calendar";
import { growingSeasonIndex, runningMean } from "./phenology";
import type { Sky } from "./sky";
import type { Stand } from "./stand";
import { potentialEvaporation, stepWater, waterSupply, type WaterState } from "./water";
import { saturation, type Weather } from "./weather";

/** A piece of land through time `[day]`. */
export interface Land {
  /** leaf area index, m² m⁻² */
  readonly leafArea: Float64Array;
  /** supply of soil water to the plants, 0…1 */
  readonly supply: Float64Array;
  /** wetness of the top soil, 0…1 */
  readonly top: Float64Array;
  /** snow, mm of water */
  readonly snow: Float64Array;
  /** evaporation, mm d⁻¹ */
  readonly evaporation: Float64Array;
}

/**
 * Lets leaves, soil water and snow go through the weather together: leaves use water, dry soil sheds leaves.
 * @param field leaves of a crop relative to its full canopy `[day]`, for land under crops
 * @param left share of the leaves that disturbance left `[day]`
 * @example growLand(stand, weather, sky, calendar, null, left).leafArea
 */
export function growLand(stand: Stand, weather: Weather, sky: Sky, calendar: Calendar, field: Float64Array | null, left: Float64Array): Land {
  const n = calendar.days.length;
  const land: Land = { leafArea: new Float64Array(n), supply: new Float64Array(n), top: new Float64Array(n), snow: new Float64Array(n), evaporation: new Float64Array(n) };
  const state: WaterState = { root: 0.7, top: 0.6, snow: 0 };
  const mean = runningMean(21);
  const { evergreen, habit } = stand.biome;
  for (let i = 0; i < n; i++) {
    const d = calendar.dayOfYear[i]! - 1;
    const index = mean(growingSeasonIndex(weather.tMin[i]!, weather.vpd[i]!, sky.daylight[d]!, state.root, stand.leafOn));
    const grown = habit === "crop" ? field![i]! : index;
    const leafArea = habit === "none" ? 0 : stand.leafArea * (evergreen + (1 - evergreen) * grown) * left[i]!;
    const vapour = Math.max(0.05, saturation(weather.ta[i]!) - weather.vpd[i]!);
    const potential = potentialEvaporation(weather.ta[i]!, weather.sw[i]!, sky.top[d]!, vapour, state.snow > 5);
    land.evaporation[i] = stepWater(state, stand, weather.ta[i]!, weather.rain[i]!, potential, leafArea);
    land.leafArea[i] = leafArea;
    land.supply[i] = waterSupply(state.root);
    land.top[i] = state.top;
    land.snow[i] = state.snow;
  }
  return land;
}
