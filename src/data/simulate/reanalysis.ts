import { columnSpec } from "../../core/columns";
import type { Random } from "../../core/random";
import type { Calendar } from "./calendar";
import type { Calibration } from "./calibration";
import type { Land } from "./land";
import type { Sky } from "./sky";
import type { Stand } from "./stand";
import { driftStep, type Weather } from "./weather";

/** The error of the reanalysis cell over a cluster `[day]`: neighbours share it. */
export interface CellError {
  /** height of the cell above the cluster's reference, m */
  readonly height: number;
  /** temperature, K */
  readonly warm: Float64Array;
  /** cloudiness, standard units */
  readonly cloud: Float64Array;
  /** rain, standard units */
  readonly rain: Float64Array;
  /** drizzle that did not fall, mm d⁻¹ */
  readonly drizzle: Float64Array;
}

/**
 * Draws a cell's error: correlated over days, larger where the ground is uneven, with a lasting bias of its own.
 * @source Muñoz-Sabater et al. 2021, doi:10.5194/essd-13-4349-2021 (ERA5-Land against stations: temperature RMSE 1–2 K, growing with
 * elevation difference); Lavers et al. 2022, doi:10.1002/qj.4351 (ERA5 precipitation)
 * @example cellError(calendar.days.length, 800, 1, random(1)).warm
 */
export function cellError(n: number, elevation: number, scale: number, random: Random): CellError {
  const relief = 0.15 + Math.min(1, elevation / 1500);
  const error: CellError = { height: 180 * relief * random.normal(), warm: new Float64Array(n), cloud: new Float64Array(n), rain: new Float64Array(n), drizzle: new Float64Array(n) };
  const lasting = 0.4 * random.normal();
  const amount = 0.15 * random.normal();
  const haze = 0.35 * random.normal();
  let [warm, cloud] = [random.normal(), random.normal()];
  for (let i = 0; i < n; i++) {
    warm = driftStep(warm, 5, random.normal());
    cloud = driftStep(cloud, 1.2, random.normal());
    error.warm[i] = scale * (lasting + (0.7 + 0.7 * relief) * warm);
    error.cloud[i] = scale * (haze + cloud);
    error.rain[i] = scale * (amount + 0.5 * random.normal());
    error.drizzle[i] = random.uniform() < 0.3 ? -scale * Math.log(1 - random.uniform()) * 0.6 : 0;
  }
  return error;
}

/** The six ERA5-Land channels `[day]` in their published units and signs. */
export interface ReanalysisView {
  readonly temperature: Float32Array;
  readonly precipitation: Float32Array;
  readonly netRadiation: Float32Array;
  readonly evaporation: Float32Array;
  readonly leafAreaHigh: Float32Array;
  readonly leafAreaLow: Float32Array;
}

/**
 * ERA5-Land over the box: K, m d⁻¹, J m⁻² d⁻¹ net of the surface's albedo, m d⁻¹ with evaporation negative, and a leaf area that is the same
 * in every year and no larger than its column may be.
 * @source Muñoz-Sabater et al. 2021, doi:10.5194/essd-13-4349-2021; Boussetta et al. 2013, doi:10.1080/01431161.2012.716543 (leaf-area climatology)
 */
export function seeReanalysis(box: Land, stand: Stand, weather: Weather, sky: Sky, calendar: Calendar, error: CellError, from: number, calibration: Calibration, random: Random): ReanalysisView {
  const n = calendar.days.length;
  const column = (): Float32Array => new Float32Array(n);
  const view: ReanalysisView = { temperature: column(), precipitation: column(), netRadiation: column(), evaporation: column(), leafAreaHigh: column(), leafAreaLow: column() };
  const leaves = monthlyLeaves(box, calendar, calibration.reanalysisError, random);
  // a lush stand with a high bias would leave the range, and readers would take the value for missing
  const [mostHigh, mostLow] = [mostOf("leaf_area_index_high_vegetation"), mostOf("leaf_area_index_low_vegetation")];
  const snowFree = 0.21 - 0.08 * stand.biome.tall;
  for (let i = 0; i < n; i++) {
    const j = from + i;
    view.temperature[i] = weather.ta[i]! + 273.15 - 0.0065 * error.height * calibration.reanalysisError + error.warm[j]!;
    const rain = weather.rain[i]! * Math.exp(error.rain[j]! - 0.12 * calibration.reanalysisError) * 0.93 + error.drizzle[j]!;
    view.precipitation[i] = rain / 1000;
    const cover = 1 - Math.exp(-box.snow[i]! / 12);
    const albedo = snowFree + (0.7 - 0.4 * stand.biome.tall - snowFree) * cover;
    const top = sky.top[calendar.dayOfYear[i]! - 1]!;
    const sw = Math.min(0.8 * top, Math.max(0.12 * top, weather.sw[i]! + 0.075 * top * error.cloud[j]!));
    view.netRadiation[i] = sw * (1 - albedo) * 86_400;
    view.evaporation[i] = (-box.evaporation[i]! * Math.exp(0.2 * error.rain[j]!) ) / 1000;
    const leaf = leaves[calendar.dayOfYear[i]! - 1]!;
    view.leafAreaHigh[i] = Math.min(mostHigh, leaf * stand.biome.tall);
    view.leafAreaLow[i] = Math.min(mostLow, leaf * (1 - stand.biome.tall));
  }
  return view;
}

const mostOf = (column: string): number => columnSpec(column)!.range[1];

/** Leaf area by day of the year `[366]`: monthly means over all years, smoothed over neighbouring months, biased, drawn straight between mid-months. */
function monthlyLeaves(box: Land, calendar: Calendar, scale: number, random: Random): Float64Array {
  const sum = new Float64Array(12);
  const days = new Float64Array(12);
  for (let i = 0; i < calendar.month.length; i++) {
    sum[calendar.month[i]!]! += box.leafArea[i]!;
    days[calendar.month[i]!]! += 1;
  }
  const mean = Array.from(sum, (s, m) => s / Math.max(1, days[m]!));
  const bias = Math.exp(0.3 * scale * random.normal());
  const monthly = mean.map((x, m) => bias * (0.5 * x + 0.25 * mean[(m + 11) % 12]! + 0.25 * mean[(m + 1) % 12]!));
  return Float64Array.from({ length: 366 }, (_, d) => {
    const at = (d / 366) * 12 - 0.5;
    const m = Math.floor(at);
    const part = at - m;
    return monthly[(m + 12) % 12]! * (1 - part) + monthly[(m + 13) % 12]! * part;
  });
}
