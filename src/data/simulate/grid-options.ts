import { parseDay } from "../../core/days";
import { WorkbookError } from "../../core/errors";
import { checkKeys } from "../../core/json";
import type { GridFrame } from "../grid/coordinates";
import type { Calibration } from "./calibration";
import { settingsOf, type Dial, type SimulateOptions, type World } from "./options";

/** What `simulateGrid` takes besides the cell size; every key has a default. */
export interface GridOptions extends Pick<SimulateOptions, "seed" | "world" | "calibration"> {
  /** whole years from 2001-01-01 on, default 2, at most 20 */
  readonly years?: number;
  /** west, south, east, north, degrees: only cells with their middle inside are land; the whole globe without it */
  readonly box?: readonly [west: number, south: number, east: number, north: number];
}

/** The options with every default filled in. */
export interface GridSettings {
  readonly deg: number;
  readonly years: number;
  readonly seed: number;
  readonly world: World | "custom";
  readonly dial: Dial;
  readonly calibration: Calibration;
  readonly box: readonly [west: number, south: number, east: number, north: number] | null;
}

const KEYS = ["years", "seed", "world", "calibration", "box"];
const FIRST_YEAR = 2001;

/**
 * Fills in defaults and refuses what cannot be.
 * @throws WorkbookError BadArgument for a cell size that does not divide the globe, years, a box or a world that cannot be; BadConfig for an unknown key
 * @example gridSettingsOf(4, { years: 1 }).seed // 1
 */
export function gridSettingsOf(deg: number, options: GridOptions): GridSettings {
  checkKeys("simulate --grid", options, KEYS);
  const { years = 2, box, ...shared } = options;
  const { seed, world, dial, calibration } = settingsOf(shared);
  const fine = (what: string, holds: boolean, required: string, found: unknown): void => {
    if (!holds) throw new WorkbookError("BadArgument", `simulate --grid: ${what}: ${required} is required, got ${String(found)}; change it`);
  };
  fine("degrees", deg >= 0.25 && deg <= 30 && Number.isInteger(Math.round((180 / deg) * 1e6) / 1e6), "a cell size from 0.25 to 30 that divides 180, such as 4, 1 or 0.25,", deg);
  fine("years", Number.isInteger(years) && years >= 1 && years <= 20, "a whole number from 1 to 20", years);
  fine("box", box === undefined || (box.length === 4 && box.every(Number.isFinite) && box[0] < box[2] && box[1] < box[3]), "west, south, east, north in degrees, west before east and south before north,", box);
  return { deg, years, seed, world, dial, calibration, box: box ?? null };
}

/** Cell middles and days of a grid. */
export function gridFrameOf({ deg, years }: Pick<GridSettings, "deg" | "years">): GridFrame {
  const middles = (from: number, n: number): Float64Array => Float64Array.from({ length: n }, (_, i) => from + (i + 0.5) * deg);
  const first = parseDay(`${FIRST_YEAR}-01-01`);
  return { lat: { centres: middles(-90, Math.round(180 / deg)) }, lon: { centres: middles(-180, Math.round(360 / deg)) }, days: { first, length: parseDay(`${FIRST_YEAR + years}-01-01`) - first } };
}
