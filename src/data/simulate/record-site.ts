import type { Random } from "../../core/random";
import { sliceCalendar } from "./calendar";
import type { Calibration } from "./calibration";
import type { Cluster } from "./cluster";
import { fieldLeaves } from "./crop";
import { leavesLeft } from "./disturbance";
import { unseenDrift } from "./drift";
import { observeFluxes, type TargetVariants } from "./error";
import { photosynthesis } from "./gpp";
import { growLand } from "./land";
import { judgeDays } from "./quality";
import { seeReanalysis } from "./reanalysis";
import { respiration } from "./reco";
import type { Period } from "./records";
import { seeSurface } from "./reflectance";
import type { Place } from "./sites";
import { standOf } from "./stand";
import { seeTower } from "./tower";
import type { SiteTruth } from "./traits";
import { weatherAt } from "./weather";

/** Everything that one tower's record is made of. */
export interface RecordRequest {
  readonly place: Place;
  readonly truth: SiteTruth;
  readonly cluster: Cluster;
  readonly period: Period;
  readonly spinUp: number;
  readonly lead: number;
  readonly light: readonly Float64Array[];
  readonly calibration: Calibration;
  readonly random: Random;
}

/** One tower's rows: drivers and clean fluxes over lead and record, targets and quality over the record alone. */
export interface SiteRecord {
  readonly columns: Readonly<Record<string, Float32Array>>;
  readonly clean: { readonly gpp: Float32Array; readonly reco: Float32Array; readonly nee: Float32Array };
  readonly variants: TargetVariants;
  readonly quality: Float32Array;
}

/**
 * Lives through one tower's days. The footprint makes the fluxes; the box, which lacks what only the footprint has, makes what satellite and
 * reanalysis see; the errors of the flux come last, from a stream of their own, and change neither.
 */
export function recordSite(request: RecordRequest): SiteRecord {
  const { place, truth, cluster, period, spinUp, lead, light, calibration, random } = request;
  const start = period.first - lead - spinUp - cluster.calendar.days[0]!;
  const end = period.last + 1 - cluster.calendar.days[0]!;
  const calendar = sliceCalendar(cluster.calendar, start, end);
  const { sky } = cluster;
  const weather = weatherAt(cluster.weather, start, end, place.elevation - cluster.elevation, random.split("weather"));
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

  const surface = seeSurface(boxLand, box, truth.factors, weather, sky, calendar, place.site.lat, calibration, random.split("satellite"));
  const era = seeReanalysis(boxLand, box, weather, sky, calendar, cluster.cell, start, calibration, random.split("reanalysis"));
  const tower = seeTower(weather, boxLand, surface, random.split("tower"));
  const record = spinUp + lead;
  const quality = judgeDays(weather, calendar, normals.north, random.split("quality"));
  const cut = { good: quality.good.slice(record), lost: quality.lost.slice(record) };
  const tall = footprint.biome.tall > 0.5;
  const variants = observeFluxes({
    gpp: gpp.slice(record), reco: reco.slice(record), ta: weather.ta.subarray(record), quality: cut, sky, calendar: sliceCalendar(calendar, record, calendar.days.length),
    tall, light, calibration, random: random.split("error"),
  });

  const columns: Record<string, Float32Array> = {
    SensorZenith: surface.sensorZenith, SensorAzimuth: surface.sensorAzimuth, SolarZenith: surface.solarZenith, SolarAzimuth: surface.solarAzimuth, clouds: surface.clouds,
    temperature_2m: era.temperature, total_precipitation_sum: era.precipitation, surface_net_solar_radiation_sum: era.netRadiation, total_evaporation_sum: era.evaporation,
    leaf_area_index_high_vegetation: era.leafAreaHigh, leaf_area_index_low_vegetation: era.leafAreaLow,
    ta_degC: tower.ta, sw_in_W_m2: tower.sw, vpd_hPa: tower.vpd, p_mm_d: tower.rain, pa_kPa: tower.pressure, ws_m_s: tower.wind, evi: tower.evi, fapar: tower.fapar,
  };
  surface.bands.forEach((values, b) => (columns[`sur_refl_b0${b + 1}`] = values));
  for (const name of Object.keys(columns)) columns[name] = columns[name]!.subarray(spinUp);
  const clean = { gpp: Float32Array.from(gpp.subarray(spinUp)), reco: Float32Array.from(reco.subarray(spinUp)), nee: Float32Array.from(reco.subarray(spinUp), (r, i) => r - gpp[spinUp + i]!) };
  return { columns, clean, variants, quality: cut.good.map((q, i) => (cut.lost[i] ? NaN : q)) };
}

const multiply = (a: Float64Array, b: Float64Array): Float64Array => a.map((x, i) => x * b[i]!);
