import { asDay } from "../../core/days";
import type { Random } from "../../core/random";
import { calendarOf, type Calendar } from "./calendar";
import type { Calibration } from "./calibration";
import { cellError, type CellError } from "./reanalysis";
import type { Period } from "./records";
import type { Place } from "./sites";
import { skyOver, type Sky } from "./sky";
import { generateWeather, type Weather } from "./weather";

/** What the towers of a cluster share: sun, weather and the reanalysis cell. */
export interface Cluster {
  readonly calendar: Calendar;
  readonly sky: Sky;
  readonly weather: Weather;
  readonly cell: CellError;
  /** height for which the weather holds, m */
  readonly elevation: number;
}

/**
 * Makes the weather of the cluster that `place` founded, over the days that any of its towers needs.
 * @param periods records of the cluster's towers · @param before days that each needs ahead of its record
 */
export function makeCluster(place: Place, periods: readonly Period[], before: number, calibration: Calibration, random: Random): Cluster {
  const first = Math.min(...periods.map((p) => p.first)) - before;
  const calendar = calendarOf(asDay(first), asDay(Math.max(...periods.map((p) => p.last))));
  const sky = skyOver(place.site.lat);
  const weather = generateWeather(place.normals, sky, place.elevation, calendar, random.split("weather"));
  const cell = cellError(calendar.days.length, place.elevation, calibration.reanalysisError, random.split("cell"));
  return { calendar, sky, weather, cell, elevation: place.elevation };
}
