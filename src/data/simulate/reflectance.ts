import type { Random } from "../../core/random";
import type { Calibration } from "./calibration";
import type { Calendar } from "./calendar";
import type { Land } from "./land";
import type { Sky } from "./sky";
import { driftStep, type Weather } from "./weather";
import type { Stand } from "./stand";
import type { Factor } from "./traits";

/** Beyond this solar zenith at the overpass MOD09GA has no land surface reflectance, °. */
const DARK_ZENITH = 86;
/** Snow that hides the ground, mm of water (e-folding). */
const SNOW_MM = 12;

// Bands 1–7: 645, 858, 469, 555, 1240, 1640, 2130 nm.
const LEAVES = [0.035, 0.42, 0.022, 0.06, 0.4, 0.2, 0.115];
const LITTER = [0.15, 0.26, 0.075, 0.11, 0.31, 0.32, 0.24];
const BRIGHT_SOIL = [0.28, 0.36, 0.14, 0.2, 0.43, 0.46, 0.36];
const SNOW = [0.92, 0.85, 0.94, 0.93, 0.5, 0.13, 0.095];
const WATER = [0.03, 0.015, 0.05, 0.045, 0.012, 0.008, 0.006];
const CLOUD = [0.66, 0.66, 0.68, 0.67, 0.6, 0.45, 0.35];
/** Mark of `structure` at full foliage: thick, layered canopies reflect more at 858 nm and hold more water, which absorbs at 1240 nm. */
const STRUCTURE = [0, 0.06, 0, 0.01, -0.1, -0.02, -0.02];
/** Mark of `biomass` in the dormant season: wood and litter rich in lignin absorb at 2130 nm more than at 1640 nm. */
const BIOMASS = [-0.03, 0, -0.02, -0.02, 0.01, 0.07, -0.11];
/** Dust and haze weigh on the short wavelengths. */
const HAZE = [0.02, 0.01, 0.035, 0.028, 0.008, 0.004, 0.003];

/** The box as MOD09GA would see it under a clear sky and as it is seen; `[day]`, NaN where the sun is too low or the swath missed. */
export interface SurfaceView {
  /** `sur_refl_b01` … `sur_refl_b07` `[band][day]` */
  readonly bands: readonly Float32Array[];
  readonly sensorZenith: Float32Array;
  readonly sensorAzimuth: Float32Array;
  readonly solarZenith: Float32Array;
  readonly solarAzimuth: Float32Array;
  /** state bits 0–2: 0 clear, 1 cloudy, 2 mixed, 3 assumed clear; + 4 in cloud shadow */
  readonly clouds: Float32Array;
}

/** What of the box decides its reflectance on one day. */
interface Surface {
  readonly leafArea: number;
  /** mm of water */
  readonly snow: number;
  /** wetness of the top soil, 0…1 */
  readonly top: number;
  /** brightness of the bare ground, 0…1 */
  readonly brightness: number;
}

/**
 * Reflectance `[band]` of the box under a clear sky: leaves over litter or soil, both under snow. The marks of `structure` and `biomass`
 * show by season, one in full foliage, the other in dormancy; a day or a window of the other season does not have them.
 * @source spectra after the ECOSTRESS library, Meerdink et al. 2019, doi:10.1016/j.rse.2019.05.015; canopy structure and near infrared:
 * Ollinger 2011, doi:10.1111/j.1469-8137.2010.03536.x; water at 1240 nm: Gao 1996, doi:10.1016/S0034-4257(96)00067-3; lignin and
 * cellulose at 2100 nm: Nagler et al. 2000, doi:10.1016/S0034-4257(99)00082-6
 */
function clearSky(stand: Stand, factors: Readonly<Record<Factor, number>>, { leafArea, snow, top, brightness }: Surface, signature: number, out: Float64Array): void {
  const { biome } = stand;
  const cover = 1 - Math.exp(-0.6 * leafArea);
  const grown = stand.leafArea > 0.05 ? Math.min(1, Math.max(0, (leafArea / stand.leafArea - biome.evergreen) / (1 - biome.evergreen))) : 0;
  const structure = signature * factors.structure * grown * grown;
  const biomass = stand.leafArea > 0.05 ? signature * factors.biomass * (1 - grown) * (1 - grown) : 0;
  const needles = biome.evergreen > 0.7 ? 1 - 0.38 * biome.tall : 1;
  const white = (1 - Math.exp(-snow / SNOW_MM)) * (biome.habit === "none" ? 1 : Math.exp(-0.5 * biome.stems - 0.25 * cover));
  const open = biome.waterTable >= 1 ? 1 : biome.waterTable > 0 ? 0.25 : 0;
  for (let b = 0; b < 7; b++) {
    const ground = (LITTER[b]! + (BRIGHT_SOIL[b]! - LITTER[b]!) * brightness) * (1 - 0.35 * top);
    const base = ground * (1 - open) + WATER[b]! * open;
    const bare = base * (1 - cover) + LEAVES[b]! * needles * cover;
    out[b] = (bare * (1 - white) + SNOW[b]! * white) * Math.exp(STRUCTURE[b]! * structure + BIOMASS[b]! * biomass);
  }
}

/**
 * MOD09GA's twelve channels `[day]` of the box around a tower: the clear-sky surface seen from a changing angle through cloud, haze and the
 * errors of a scene and of a season (view geometry, aerosol model, wet and dry ground), which do not average out within one window.
 * @source Vermote & Wolfe, MOD09GA v061, doi:10.5067/MODIS/MOD09GA.061 (channels, state bits); Roy et al. 2016,
 * doi:10.1016/j.rse.2016.01.023 (view-angle effect)
 */
export function seeSurface(box: Land, stand: Stand, factors: Readonly<Record<Factor, number>>, weather: Weather, sky: Sky, calendar: Calendar, lat: number, calibration: Calibration, random: Random): SurfaceView {
  const n = calendar.days.length;
  const column = (): Float32Array => new Float32Array(n).fill(NaN);
  const view: SurfaceView = { bands: Array.from({ length: 7 }, column), sensorZenith: column(), sensorAzimuth: column(), solarZenith: column(), solarAzimuth: column(), clouds: column() };
  const { signature, reflectanceError } = calibration;
  const brightness = soilBrightness(stand, random.uniform());
  const phase = random.int(16);
  const swathGap = Math.abs(lat) < 30 ? 0.1 * (1 - Math.abs(lat) / 30) : 0;
  const season = Float64Array.from({ length: 7 }, () => random.normal());
  const clear = new Float64Array(7);
  for (let i = 0; i < n; i++) {
    const d = calendar.dayOfYear[i]! - 1;
    for (let b = 0; b < 7; b++) season[b] = driftStep(season[b]!, 45, random.normal());
    if (sky.zenith[d]! > DARK_ZENITH || random.uniform() < swathGap) continue;
    // 16-day repeat cycle: the tower moves across the swath by 7 places of 16 a day
    const across = (((calendar.days[i]! * 7 + phase) % 16) - 7.5) / 7.5;
    view.sensorZenith[i] = Math.abs(across) * 64;
    view.sensorAzimuth[i] = (across < 0 ? 98 : -82) + 6 * (random.uniform() - 0.5);
    view.solarZenith[i] = sky.zenith[d]!;
    view.solarAzimuth[i] = sky.azimuth[d]!;
    const { code, covered } = cloudState(weather.cloud[i]!, random);
    view.clouds[i] = code;
    clearSky(stand, factors, { leafArea: box.leafArea[i]!, snow: box.snow[i]!, top: box.top[i]!, brightness }, signature, clear);
    const angle = 1 + 0.1 * across * Math.min(1, sky.zenith[d]! / 45);
    const scene = Math.exp(0.05 * reflectanceError * random.normal());
    const haze = Math.max(0, 0.5 + 0.6 * random.normal()) * reflectanceError;
    const shade = code >= 4 ? 0.6 : 1;
    for (let b = 0; b < 7; b++) {
      const own = Math.exp(reflectanceError * (0.02 * random.normal() + 0.03 * season[b]!));
      const ground = clear[b]! * angle * scene * own * shade + HAZE[b]! * haze;
      view.bands[b]![i] = Math.min(1.5, Math.max(0.001, ground * (1 - covered) + CLOUD[b]! * covered));
    }
  }
  return view;
}

function soilBrightness(stand: Stand, u: number): number {
  const sparse = Math.max(0, 1 - stand.leafArea / 2);
  return Math.min(1, 0.15 + 0.75 * sparse * u + 0.15 * u);
}

/** Cloud code and the share of the box's light that comes from cloud. Detection errs: thin cloud passes as clear. */
function cloudState(cloud: number, random: Random): { code: number; covered: number } {
  const u = random.uniform();
  const v = random.uniform();
  if (cloud > 0.55) return u < 0.88 ? { code: 1, covered: 0.45 + 0.5 * v } : { code: 2, covered: 0.2 + 0.3 * v };
  if (cloud > 0.25) return u < 0.5 ? { code: 2, covered: 0.1 + 0.3 * v } : u < 0.62 ? { code: 4, covered: 0.03 * v } : { code: 0, covered: 0.04 * v };
  return { code: u < 0.03 ? 3 : u < 0.06 ? 2 : 0, covered: 0.02 * v };
}
