import { WorkbookError } from "../../core/errors";
import { checkKeys } from "../../core/json";
import { nearest } from "../../core/nearest";
import { CALIBRATION, type Calibration } from "./calibration";

/** How the variance of the site traits is divided: three shares that sum to 1. */
export interface Dial {
  /** told by the one-hots (IGBP and Köppen class) */
  readonly told: number;
  /** readable from the history of the drivers, not from the classes */
  readonly identifiable: number;
  /** in no driver: age, management, fertility, a footprint that is not the box */
  readonly unidentifiable: number;
}

/** The named worlds. In `hidden=0` and `hidden=unidentifiable` the drivers' history tells nothing that the one-hots do not. */
export const WORLDS = {
  default: { told: 0.4, identifiable: 0.3, unidentifiable: 0.3 },
  "hidden=0": { told: 1, identifiable: 0, unidentifiable: 0 },
  "hidden=unidentifiable": { told: 0.4, identifiable: 0, unidentifiable: 0.6 },
} as const satisfies Readonly<Record<string, Dial>>;
export type World = keyof typeof WORLDS;

/** Which version of the targets the table carries: `USTAR50` closes (NEE = RECO − GPP), `REF` does not. */
export type SimulatedVariant = "USTAR50" | "REF";

/** What `simulate` takes; every key has a default. */
export interface SimulateOptions {
  /** number of towers, default 160 */
  readonly sites?: number;
  /** mean length of a record in years, default 4; single records run from 1 to 15 and are skewed */
  readonly years?: number;
  readonly seed?: number;
  readonly world?: World | Dial;
  readonly variant?: SimulatedVariant;
  /** turns single calibration constants, for experiments and tests */
  readonly calibration?: Partial<Calibration>;
}

/** The options with every default filled in. */
export interface SimulateSettings {
  readonly sites: number;
  readonly years: number;
  readonly seed: number;
  readonly world: World | "custom";
  readonly dial: Dial;
  readonly variant: SimulatedVariant;
  readonly calibration: Calibration;
}

const KEYS = ["sites", "years", "seed", "world", "variant", "calibration"] as const;

/**
 * Fills in defaults and refuses what cannot be.
 * @throws WorkbookError BadArgument for a number out of range, an unknown world or variant, or a dial that does not sum to 1; BadConfig for an unknown key
 * @example settingsOf({ sites: 20 }).years // 4
 */
export function settingsOf(options: SimulateOptions): SimulateSettings {
  checkKeys("simulate", options, KEYS);
  checkKeys("simulate: calibration", options.calibration ?? {}, Object.keys(CALIBRATION));
  const { sites = 160, years = 4, seed = 1, world = "default", variant = "USTAR50" } = options;
  requireThat("sites", Number.isInteger(sites) && sites >= 1 && sites <= 5000, "a whole number from 1 to 5000", sites);
  requireThat("years", years >= 1 && years <= 15, "a mean record length from 1 to 15 years", years);
  requireThat("seed", Number.isSafeInteger(seed), "a whole number", seed);
  requireThat("variant", variant === "USTAR50" || variant === "REF", "USTAR50 or REF", variant);
  const dial = dialOf(world);
  const calibration = { ...CALIBRATION, ...options.calibration };
  for (const [key, value] of Object.entries(calibration)) requireThat(`calibration.${key}`, Number.isFinite(value) && value >= 0, "a number not below 0", value);
  return { sites, years, seed, world: typeof world === "string" ? world : "custom", dial, variant, calibration };
}

function dialOf(world: World | Dial): Dial {
  if (typeof world === "string") {
    if (!Object.hasOwn(WORLDS, world)) {
      throw new WorkbookError("BadArgument", `simulate: world: one of ${Object.keys(WORLDS).join(", ")} is required, got "${world}"; nearest ${nearest(world, Object.keys(WORLDS)).join(", ")}`);
    }
    return WORLDS[world];
  }
  const shares = [world.told, world.identifiable, world.unidentifiable];
  const fine = shares.every((s) => Number.isFinite(s) && s >= 0) && Math.abs(shares.reduce((a, b) => a + b, 0) - 1) < 1e-6;
  requireThat("world", fine, "three shares told, identifiable, unidentifiable that are not negative and sum to 1", JSON.stringify(world));
  return world;
}

function requireThat(what: string, holds: boolean, required: string, found: unknown): void {
  if (!holds) throw new WorkbookError("BadArgument", `simulate: ${what}: ${required} is required, got ${String(found)}; change it`);
}
