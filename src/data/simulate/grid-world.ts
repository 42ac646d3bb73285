import { random, type Random } from "../../core/random";
import { parseKoppen } from "../../core/sites";
import { gridClimate } from "./grid-climate";
import { gridCover, type CoverPart } from "./grid-cover";
import type { GridSettings } from "./grid-options";
import { gridTraits } from "./grid-traits";
import type { Place } from "./sites";
import type { SiteTruth } from "./traits";

/** One class of a cell: its share of the land, and what a tower in it would be. */
export interface GridPart extends CoverPart {
  readonly place: Place;
  readonly truth: SiteTruth;
}

/** The virtual globe: what lies at any place, whatever grid is laid over it. */
export interface GridWorld {
  partsAt(lat: number, lon: number): readonly GridPart[];
  /** stream of all that happens at the place */
  randomAt(lat: number, lon: number): Random;
  /** stream of the weather that a place shares with its neighbours */
  weatherAt(lat: number, lon: number): Random;
}

/** Extent of one weather, degrees: neighbours have the same fronts, dry spells and warm years. */
const WEATHER_DEG = 4;

/** Lays out the globe of a seed. @example gridWorld(settings).partsAt(51.5, 10.5)[0].igbp */
export function gridWorld({ seed, dial, calibration }: Pick<GridSettings, "seed" | "dial" | "calibration">): GridWorld {
  const root = random(seed, "virtual globe");
  const climateAt = gridClimate(root.split("climate"));
  const coverAt = gridCover(root.split("cover"));
  const traitsOf = gridTraits(seed, dial, calibration, root.split("traits"));
  return {
    partsAt(lat, lon) {
      const { normals, elevation } = climateAt(lat, lon);
      return coverAt(normals.detail, lat, lon).map((part) => {
        const site = { site: `${nameOf(lat, lon)} ${part.igbp}`, lat, lon, igbp: part.igbp, koppen: parseKoppen(normals.detail).koppen, koppenDetail: normals.detail };
        const place: Place = { site, cluster: 0, normals, elevation };
        return { ...part, place, truth: traitsOf(place) };
      });
    },
    randomAt: (lat, lon) => root.split(`cell ${nameOf(lat, lon)}`),
    weatherAt: (lat, lon) => root.split(`weather ${Math.floor(lat / WEATHER_DEG)} ${Math.floor(lon / WEATHER_DEG)}`),
  };
}

const nameOf = (lat: number, lon: number): string => `${lat.toFixed(4)} ${lon.toFixed(4)}`;
