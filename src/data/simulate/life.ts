import type { Random } from "../../core/random";
import type { Calendar } from "./calendar";
import type { Calibration } from "./calibration";
import { fieldLeaves } from "./crop";
import { leavesLeft } from "./disturbance";
import { unseenDrift } from "./drift";
import { photosynthesis } from "./gpp";
import { growLand, type Land } from "./land";
import { seeReanalysis, type CellError, type ReanalysisView } from "./reanalysis";
import { respiration } from "./reco";
import { seeSurface, type SurfaceView } from "./reflectance";
import type { Place } from "./sites";
import type { Sky } from "./sky";
import { standOf, type Stand } from "./stand";
import type { TowerView } from "./tower";
import type { SiteTruth } from "./traits";
import type { Weather } from "./weather";

/** Days run before those that are asked for, so that soil and snow forget how they started. */
export const SPIN_UP_DAYS = 400;

/** A piece of land under one class, the days it is to live through `[day]`, and the sky over it. */
export interface LifeRequest {
  readonly place: Place;
  readonly truth: SiteTruth;
  readonly calendar: Calendar;
  readonly sky: Sky;
  readonly weather: Weather;
  readonly cell: CellError;
  /** day of the cell's error on which the calendar begins */
  readonly from: number;
  readonly calibration: Calibration;
  /** what happens on the land */
  readonly random: Random;
  /** how it is seen; pieces that share a pixel share the stream, and so scene, cloud and errors */
  readonly view: Random;
}

/** True fluxes `[day]`, g C m⁻² d⁻¹, and what satellite and reanalysis see. */
export interface Life {
  readonly footprint: Stand;
  readonly gpp: Float64Array;
  readonly reco: Float64Array;
  readonly boxLand: Land;
  readonly surface: SurfaceView;
  readonly era: ReanalysisView;
}

/**
 * Lets a piece of land live through its weather. The footprint makes the fluxes; the box, which lacks what only the footprint has, makes what
 * satellite and reanalysis see.
 * @example liveThrough({ place, truth, calendar, sky, weather, cell, from: 0, calibration, random, view: random }).gpp
 */
export function liveThrough({ place, truth, calendar, sky, weather, cell, from, calibration, random, view }: LifeRequest): Life {
  const footprint = standOf(place, truth, "footprint", calibration.respirationRatio);
  const box = standOf(place, truth, "box", calibration.respirationRatio);
  const { normals } = place;
  const isField = footprint.biome.habit === "crop";
  const field = (shift: number): Float64Array | null => (isField ? fieldLeaves(normals, weather, calendar, shift, random.split("rotation")) : null);
  const left = leavesLeft(place.site.igbp, normals, calendar, random.split("disturbance"));
  // neighbouring fields and stands are not cut on the same day
  const leftInBox = left.map((x) => 0.5 + 0.5 * x);
  const fluxLand = growLand(footprint, weather, sky, calendar, field(footprint.leafOn), left);
  const boxLand = growLand(box, weather, sky, calendar, field(box.leafOn), leftInBox);
  const drift = (of: string): Float64Array => unseenDrift(weather.ta.length, calibration.unseenDrift, random.split(`drift of ${of}`));
  const gpp = multiply(photosynthesis(footprint, weather, fluxLand, calibration.lightUse), drift("photosynthesis"));
  const reco = multiply(respiration(footprint, weather, fluxLand, gpp), drift("respiration"));
  const surface = seeSurface(boxLand, box, truth.factors, weather, sky, calendar, place.site.lat, calibration, view.split("satellite"));
  const era = seeReanalysis(boxLand, box, weather, sky, calendar, cell, from, calibration, view.split("reanalysis"));
  return { footprint, gpp, reco, boxLand, surface, era };
}

const multiply = (a: Float64Array, b: Float64Array): Float64Array => a.map((x, i) => x * b[i]!);

/** All that is seen under the names of the daily table's columns `[day]`. */
export function driverColumns(surface: SurfaceView, era: ReanalysisView, tower: TowerView): Record<string, Float32Array> {
  const columns: Record<string, Float32Array> = {
    SensorZenith: surface.sensorZenith, SensorAzimuth: surface.sensorAzimuth, SolarZenith: surface.solarZenith, SolarAzimuth: surface.solarAzimuth, clouds: surface.clouds,
    temperature_2m: era.temperature, total_precipitation_sum: era.precipitation, surface_net_solar_radiation_sum: era.netRadiation, total_evaporation_sum: era.evaporation,
    leaf_area_index_high_vegetation: era.leafAreaHigh, leaf_area_index_low_vegetation: era.leafAreaLow,
    ta_degC: tower.ta, sw_in_W_m2: tower.sw, vpd_hPa: tower.vpd, p_mm_d: tower.rain, pa_kPa: tower.pressure, ws_m_s: tower.wind, evi: tower.evi, fapar: tower.fapar,
  };
  surface.bands.forEach((values, b) => (columns[`sur_refl_b0${b + 1}`] = values));
  return columns;
}
