import { KOPPEN_DETAIL } from "../../core/quantities";
import type { Random } from "../../core/random";
import { distanceKm } from "../../core/sites";
import { CLIMATES, type Span } from "./climates";
import { randomField, type Field } from "./grid-field";
import { landShares } from "./grid-land";
import { classifyKoppen } from "./koppen-rules";
import { hotMonth, type Normals } from "./normals";

/** What the climate of a place is made of; `rain` as a logarithm of mm a year. */
interface Parts {
  readonly elevation: number;
  readonly mean: number;
  readonly swing: number;
  readonly rain: number;
  readonly season: number;
}
const PARTS = ["elevation", "mean", "swing", "rain", "season"] as const;

/** The climate of a place and its height above the sea, m. */
export interface CellClimate {
  readonly normals: Normals;
  readonly elevation: number;
}

/** High ground: latitude, longitude, half-width north and east in degrees, height in m. */
const HIGHLANDS: readonly (readonly [lat: number, lon: number, north: number, east: number, metres: number])[] = [
  [33, 88, 4.5, 11, 4600], [73, -41, 7, 9, 2500], [41, -109, 7, 5, 1900], [54, -119, 6, 4, 1300], [23, -102, 6, 3, 1600], [-17, -68.5, 10, 2.5, 3300], [-34, -70, 7, 1.2, 2500],
  [4, -75, 4, 1.5, 1800], [9, 39, 4, 3, 1900], [-4, 35, 8, 4, 1200], [-27, 26, 6, 7, 1100], [34, 55, 5, 8, 1200], [40, 42, 2.5, 6, 1500], [47, 100, 4, 9, 1500], [46.5, 10, 1, 3, 1500], [62, 135, 8, 14, 500],
];

const ramp = (x: number, low: number, high: number): number => Math.min(1, Math.max(0, (x - low) / (high - low)));
const bump = (x: number, middle: number, width: number): number => Math.exp(-(((x - middle) / width) ** 2) / 2);
const middle = ([low, high]: Span): number => (low + high) / 2;

/** Kilometres over which the climate of the towers' regions is felt, and the weight of the rule against one of them. */
const REACH_KM = 900;
const RULE_WEIGHT = 0.12;

/** Standard deviation and extent in km of what makes places of one latitude differ. */
const VARIETY: Readonly<Record<(typeof PARTS)[number], readonly [spread: number, km: number]>> = { elevation: [130, 300], mean: [1, 600], swing: [0.7, 900], rain: [0.16, 500], season: [0.12, 900] };

/**
 * The climate of the virtual globe, by a rule of its own: warmth by latitude, height and nearness of the sea upwind; swing of the year by
 * distance from the sea; rain by the belts of rising and sinking air, wet towards the sea that the wind comes from. Where the network has
 * towers the rule is drawn to the climates of their regions, so that a tower and the cell around it share a climate; far from them it stands
 * alone, and some places have climates that no tower has. The class is that of the monthly means.
 * @source belts and winds: Hartmann 2016, Global Physical Climatology, ch. 6; class: Peel et al. 2007, doi:10.5194/hess-11-1633-2007
 * @example gridClimate(random(1))(51, 10).normals.detail
 */
export function gridClimate(random: Random): (lat: number, lon: number) => CellClimate {
  const near = seas();
  const fields = Object.fromEntries(PARTS.map((p) => [p, randomField(VARIETY[p][1], random.split(p))])) as Record<(typeof PARTS)[number], Field>;
  const anchors = towerRegions().map((a) => ({ ...a, rule: ruleAt(a.lat, a.lon, a.elevation, near), ground: groundAt(a.lat, a.lon) }));
  return (lat, lon) => {
    const pull = anchors.map((a) => Math.exp(-((distanceKm(a, { lat, lon }) / REACH_KM) ** 2) / 2));
    const weight = RULE_WEIGHT + pull.reduce((a, b) => a + b, 0);
    const drawn = (of: (a: (typeof anchors)[number]) => number): number => anchors.reduce((sum, a, i) => sum + pull[i]! * of(a), 0) / weight;
    const vary = (p: (typeof PARTS)[number]): number => VARIETY[p][0] * fields[p](lat, lon);
    const elevation = Math.max(0, Math.round(groundAt(lat, lon) + drawn((a) => a.elevation - a.ground) + vary("elevation")));
    const rule = ruleAt(lat, lon, elevation, near);
    const mean = rule.mean + drawn((a) => a.mean - a.rule.mean) + vary("mean");
    const swing = Math.max(0.3, rule.swing + drawn((a) => a.swing - a.rule.swing) + vary("swing") * ramp(Math.abs(lat), 5, 40));
    const total = Math.min(3600, Math.max(60, Math.exp(rule.rain + drawn((a) => Math.min(0.7, Math.max(-0.7, a.rain - a.rule.rain))) + vary("rain"))));
    const season = Math.min(2, Math.max(-1.3, rule.season + drawn((a) => a.season - a.rule.season) + vary("season")));
    return { normals: normalsOf(mean, swing, total, season, lat >= 0), elevation };
  };
}

function normalsOf(mean: number, swing: number, total: number, season: number, north: boolean): Normals {
  const warm = Array.from({ length: 12 }, (_, m) => Math.cos((2 * Math.PI * (m - hotMonth(north))) / 12));
  const weights = warm.map((c) => Math.exp(season * c));
  const sum = weights.reduce((a, b) => a + b, 0);
  const rain = Float64Array.from(weights, (w) => (total * w) / sum);
  const detail = classifyKoppen(Float64Array.from(warm, (c) => mean + swing * c), rain, north);
  return { detail, north, mean, swing, rain, warmth: mean - middle(CLIMATES[detail].mean) };
}

/** Height of the ground before any variety, m. */
function groundAt(lat: number, lon: number): number {
  return HIGHLANDS.reduce((sum, [y, x, north, east, metres]) => sum + metres * bump(lat, y, north) * bump(lon, x, east), 180);
}

interface Seas {
  /** share of land within some 2500 km */
  readonly inland: number;
  /** share of sea from 3° to 18° of longitude to the west, and to the east */
  readonly west: number;
  readonly east: number;
}

function ruleAt(lat: number, lon: number, elevation: number, near: (lat: number, lon: number) => Seas): Parts {
  const away = Math.abs(lat);
  const s = Math.abs(Math.sin(((lat - 2) * Math.PI) / 180));
  const { inland, west, east } = near(lat, lon);
  const mild = west * ramp(away, 35, 52);
  const mean = 27 - 43 * s ** 2.6 + 5 * mild - 5 * inland * ramp(away, 45, 62) - 0.0055 * elevation;
  const swing = 0.5 + s ** 1.2 * (5 + 27 * inland * (1 - 0.6 * mild));
  const trades = ramp(away, 12, 18) * (1 - ramp(away, 32, 39));
  const belts = 2400 * bump(lat, 1, 9) + 950 * bump(away, 47, 11) + 180;
  const moist = (1 - trades) * (1 + ramp(away, 36, 46) * (0.9 * west + 0.35 * east - 0.85 * inland)) + trades * (0.22 + 2.2 * east);
  const monsoon = 1.5 * ramp(away, 2, 13) * (1 - ramp(away, 24, 32));
  const dryCoast = -1.6 * bump(away, 36, 5) * ramp(west, 0.3, 0.8);
  const season = monsoon + dryCoast + ramp(away, 28, 45) * (0.15 + 0.5 * inland - 0.2 * west);
  return { elevation, mean, swing, rain: Math.log(Math.max(60, belts * moist)), season };
}

/** Middles of the regions in which the network's towers stand, with the middle of their climate. */
function towerRegions(): (Parts & { lat: number; lon: number })[] {
  return KOPPEN_DETAIL.flatMap((detail) => {
    const { mean, swing, rain, season, regions } = CLIMATES[detail];
    const parts = { mean: middle(mean), swing: middle(swing), rain: Math.log(middle(rain)), season: middle(season) };
    return regions.map(([south, north, west, east, low, high]) => ({ ...parts, elevation: (low + high) / 2, lat: (south + north) / 2, lon: (west + east) / 2 }));
  });
}

const MAP_DEG = 2;

/** Nearness of the sea at any place, from a coarse map of the land. */
function seas(): (lat: number, lon: number) => Seas {
  const shares = landShares(MAP_DEG, "110m");
  const [rows, columns] = [180 / MAP_DEG, 360 / MAP_DEG];
  const at = (row: number, column: number): number => shares[Math.min(rows - 1, Math.max(0, row)) * columns + (((column % columns) + columns) % columns)]!;
  const land = (lat: number, lon: number): number => {
    const [y, x] = [(lat + 90) / MAP_DEG - 0.5, (lon + 180) / MAP_DEG - 0.5];
    const [row, column] = [Math.floor(y), Math.floor(x)];
    const [up, right] = [y - row, x - column];
    return (at(row, column) * (1 - right) + at(row, column + 1) * right) * (1 - up) + (at(row + 1, column) * (1 - right) + at(row + 1, column + 1) * right) * up;
  };
  const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  return (lat, lon) => {
    const wide = 1 / Math.max(0.25, Math.cos((lat * Math.PI) / 180));
    const along = (sign: 1 | -1): number => 1 - mean([3, 6, 9, 12, 15, 18].map((d) => land(lat, lon + sign * d * Math.min(2, wide))));
    const around = [4, 9, 15, 21].flatMap((d) => [0, 45, 90, 135, 180, 225, 270, 315].map((a) => land(lat + d * Math.sin((a * Math.PI) / 180), lon + d * wide * Math.cos((a * Math.PI) / 180))));
    return { inland: mean(around), west: along(-1), east: along(1) };
  };
}
