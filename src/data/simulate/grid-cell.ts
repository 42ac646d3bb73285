import type { Calendar } from "./calendar";
import type { Calibration } from "./calibration";
import type { GridPart, GridWorld } from "./grid-world";
import { driverColumns, liveThrough } from "./life";
import { cellError } from "./reanalysis";
import { skyOver } from "./sky";
import { seeTower } from "./tower";
import { generateWeather, weatherAt } from "./weather";

/** Days that a cell is asked for; `calendar` begins `spinUp` days before them. */
export interface CellTime {
  readonly calendar: Calendar;
  readonly spinUp: number;
}

/** A cell through time `[day]`: what is seen of its land, and its true fluxes, g C m⁻² d⁻¹ of land. */
export interface CellDays {
  readonly drivers: Readonly<Record<string, Float32Array>>;
  readonly gpp: Float32Array;
  readonly reco: Float32Array;
  readonly nee: Float32Array;
}

/** The channels that a mixed pixel mixes; of the others every class of the cell has the same. */
const MIXED = /^(sur_refl_|surface_net_solar|total_evaporation|leaf_area|evi$|fapar$)/;

/**
 * Lives through the days of one cell. Each of its classes stands in the cell's weather and is seen by the same scenes through the same cloud; reflectance,
 * vegetation indices, net radiation, evaporation, leaf area and the fluxes are the mixture by share.
 * @example liveCell(world, 51.5, 10.5, world.partsAt(51.5, 10.5), time, calibration).gpp
 */
export function liveCell(world: GridWorld, lat: number, lon: number, parts: readonly GridPart[], { calendar, spinUp }: CellTime, calibration: Calibration): CellDays {
  const random = world.randomAt(lat, lon);
  const { normals, elevation } = parts[0]!.place;
  const sky = skyOver(lat);
  const n = calendar.days.length;
  const weather = weatherAt(generateWeather(normals, sky, elevation, calendar, world.weatherAt(lat, lon)), 0, n, 0, random.split("weather"));
  const cell = cellError(n, elevation, calibration.reanalysisError, random.split("cell"));
  const live = (part: GridPart): ReturnType<typeof liveThrough> =>
    liveThrough({ place: part.place, truth: part.truth, calendar, sky, weather, cell, from: 0, calibration, random: random.split(part.igbp), view: random });
  const lives = parts.map((part) => ({ share: part.share, ...live(part) }));
  // the same stream for each: one set of instruments, and one error of the vegetation products
  const seen = lives.map(({ boxLand, surface, era }) => driverColumns(surface, era, seeTower(weather, boxLand, surface, random.split("tower"))));
  const mix = (of: (k: number) => ArrayLike<number>): Float32Array => Float32Array.from({ length: n - spinUp }, (_, i) => lives.reduce((sum, { share }, k) => sum + share * of(k)[spinUp + i]!, 0));
  const drivers = Object.fromEntries(Object.keys(seen[0]!).map((name) => [name, MIXED.test(name) ? mix((k) => seen[k]![name]!) : seen[0]![name]!.subarray(spinUp)]));
  const [gpp, reco] = [mix((k) => lives[k]!.gpp), mix((k) => lives[k]!.reco)];
  return { drivers, gpp, reco, nee: reco.map((r, i) => r - gpp[i]!) };
}
