import type { Stand } from "./stand";

/** What the soil and the snow hold: `root` and `top` as a share of capacity 0…1, `snow` as mm of water. */
export interface WaterState {
  root: number;
  top: number;
  snow: number;
}

const TOP_MM = 25;
const MELT_PER_DEGREE = 3.5;
/** Share of the store below which plants feel its lack. */
const STRESS_BELOW = 0.4;

/**
 * Potential evaporation, mm d⁻¹, with FAO's net long-wave radiation.
 * @param sw incoming short-wave radiation, W m⁻² · @param top the same above the atmosphere · @param vapour actual vapour pressure, hPa
 * @source Priestley & Taylor 1972, doi:10.1175/1520-0493(1972)100<0081:OTAOSH>2.3.CO;2; Allen et al. 1998, FAO 56, eq. 13, 38–40
 * @example potentialEvaporation(20, 250, 400, 12, false) // about 5
 */
export function potentialEvaporation(ta: number, sw: number, top: number, vapour: number, snow: boolean): number {
  const clearShare = top > 1 ? Math.min(1, Math.max(0.3, sw / (0.75 * top))) : 0.6;
  const longWave = 4.903e-9 * Math.pow(ta + 273.16, 4) * (0.34 - 0.14 * Math.sqrt(vapour / 10)) * (1.35 * clearShare - 0.35);
  const net = (snow ? 0.35 : 0.8) * sw * 0.0864 - longWave;
  const es = 0.6108 * Math.exp((17.27 * ta) / (ta + 237.3));
  const slope = (4098 * es) / Math.pow(ta + 237.3, 2);
  return Math.max(0, ((1.26 * slope) / (slope + 0.066)) * (net / 2.45));
}

/** How freely plants draw water: 1 unstressed, 0 at the wilting point. @source Feddes et al. 1978, Simulation of Field Water Use and Crop Yield */
export function waterSupply(root: number): number {
  return Math.min(1, root / STRESS_BELOW);
}

/**
 * One day of a bucket with a thin top layer and a snow pack; changes `state`.
 * @returns evaporation, mm
 * @source Manabe 1969, doi:10.1175/1520-0493(1969)097<0739:CATOC>2.3.CO;2 (bucket); Hock 2003, doi:10.1016/S0022-1694(03)00257-9 (degree-day melt)
 */
export function stepWater(state: WaterState, stand: Stand, ta: number, rain: number, potential: number, leafArea: number): number {
  const frozen = Math.min(1, Math.max(0, (1.5 - ta) / 3));
  const melt = Math.min(state.snow, Math.max(0, MELT_PER_DEGREE * ta));
  const sublimed = Math.min(state.snow - melt, 0.3 * potential);
  state.snow += rain * frozen - melt - sublimed;
  const inflow = rain * (1 - frozen) + melt;

  const cover = 1 - Math.exp(-0.5 * leafArea);
  const transpired = state.snow > 5 ? 0 : potential * cover * waterSupply(state.root);
  const soil = state.snow > 5 ? 0 : potential * (1 - cover) * 0.75 * state.top;
  state.root = Math.min(1, Math.max(stand.biome.waterTable, state.root + (inflow - transpired - soil) / stand.store));
  state.top = Math.min(1, Math.max(0.5 * stand.biome.waterTable, state.top + (inflow - soil - 0.3 * transpired) / TOP_MM));
  // the top layer drains towards the store below it
  state.top += 0.08 * (state.root - state.top);
  return transpired + soil + sublimed;
}
