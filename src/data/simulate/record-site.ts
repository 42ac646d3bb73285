import type { Random } from "../../core/random";
import { sliceCalendar } from "./calendar";
import type { Calibration } from "./calibration";
import type { Cluster } from "./cluster";
import { observeFluxes, type TargetVariants } from "./error";
import { driverColumns, liveThrough } from "./life";
import { judgeDays } from "./quality";
import type { Period } from "./records";
import type { Place } from "./sites";
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

/** Lives through one tower's days; the errors of the flux come last, from a stream of their own, and change nothing else. */
export function recordSite(request: RecordRequest): SiteRecord {
  const { place, truth, cluster, period, spinUp, lead, light, calibration, random } = request;
  const start = period.first - lead - spinUp - cluster.calendar.days[0]!;
  const end = period.last + 1 - cluster.calendar.days[0]!;
  const calendar = sliceCalendar(cluster.calendar, start, end);
  const { sky } = cluster;
  const weather = weatherAt(cluster.weather, start, end, place.elevation - cluster.elevation, random.split("weather"));
  const { footprint, gpp, reco, boxLand, surface, era } = liveThrough({ place, truth, calendar, sky, weather, cell: cluster.cell, from: start, calibration, random, view: random });
  const tower = seeTower(weather, boxLand, surface, random.split("tower"));
  const record = spinUp + lead;
  const quality = judgeDays(weather, calendar, place.normals.north, random.split("quality"));
  const cut = { good: quality.good.slice(record), lost: quality.lost.slice(record) };
  const tall = footprint.biome.tall > 0.5;
  const variants = observeFluxes({
    gpp: gpp.slice(record), reco: reco.slice(record), ta: weather.ta.subarray(record), quality: cut, sky, calendar: sliceCalendar(calendar, record, calendar.days.length),
    tall, light, calibration, random: random.split("error"),
  });

  const columns = driverColumns(surface, era, tower);
  for (const name of Object.keys(columns)) columns[name] = columns[name]!.subarray(spinUp);
  const clean = { gpp: Float32Array.from(gpp.subarray(spinUp)), reco: Float32Array.from(reco.subarray(spinUp)), nee: Float32Array.from(reco.subarray(spinUp), (r, i) => r - gpp[spinUp + i]!) };
  return { columns, clean, variants, quality: cut.good.map((q, i) => (cut.lost[i] ? NaN : q)) };
}
