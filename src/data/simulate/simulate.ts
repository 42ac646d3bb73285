import type { Day } from "../../core/days";
import type { Site } from "../../core/sites";
import { random } from "../../core/random";
import { columnsOf } from "../../core/columns";
import { dailyTable, type DailyTable } from "../daily-table";
import type { Calibration } from "./calibration";
import { makeCluster, type Cluster } from "./cluster";
import { lightTable } from "./error";
import { SPIN_UP_DAYS } from "./life";
import { settingsOf, type Dial, type SimulateOptions, type SimulatedVariant } from "./options";
import { placeRecord, recordLengths, type Period } from "./records";
import { recordSite } from "./record-site";
import { placeSites } from "./sites";
import { drawTraits, type SiteTruth } from "./traits";

/** Fluxes without any error, one entry a row of the table, in its order. */
export interface NoiseFree {
  readonly site: readonly string[];
  readonly day: Int32Array;
  readonly gpp: Float32Array;
  readonly reco: Float32Array;
  readonly nee: Float32Array;
}

/** One variant of the targets, one entry a row of the table. */
export interface TargetColumns {
  readonly gpp: Float32Array;
  readonly reco: Float32Array;
  readonly nee: Float32Array;
}

/** What is known of a tower beside its record, for tests and teaching; no model may see it. */
export interface TowerTruth extends SiteTruth {
  readonly cluster: number;
  /** m above the sea */
  readonly elevation: number;
  readonly firstDay: Day;
  readonly lastDay: Day;
}

/** A network of virtual towers. Everything made from it is simulated and says so. */
export interface SimulatedNetwork {
  readonly table: DailyTable;
  readonly truth: {
    readonly sites: readonly TowerTruth[];
    readonly noiseFree: NoiseFree;
    readonly variants: { readonly closed: TargetColumns; readonly unclosed: TargetColumns };
  };
  readonly meta: {
    readonly simulated: true;
    readonly seed: number;
    readonly world: string;
    readonly dial: Dial;
    readonly variant: SimulatedVariant;
    readonly nSites: number;
    readonly meanYears: number;
    readonly nRows: number;
    /** days with a flux target */
    readonly nFluxDays: number;
    readonly calibration: Calibration;
  };
}

/** Days of drivers before the first flux, so that a first window has its history. */
export const LEAD_DAYS = 60;

/**
 * Makes the virtual flux network: weather → soil, snow and leaves → photosynthesis and respiration → what satellites, reanalysis and towers
 * report of them. Rows carry 12 MOD09GA, 6 ERA5-Land and 8 tower and vegetation channels, the three fluxes of the asked variant and their
 * quality; 60 rows of drivers without fluxes come before each record. Same options, same bytes.
 * @throws WorkbookError BadArgument, BadConfig
 * @source the physics and its sources stand in the files of this folder; design: method §1–§3
 * @example const { table, truth } = simulate({ sites: 20, seed: 7 })
 */
export function simulate(options: SimulateOptions = {}): SimulatedNetwork {
  const settings = settingsOf(options);
  const root = random(settings.seed, "virtual flux network");
  const places = placeSites(settings.sites, root.split("sites"));
  const traits = drawTraits(places, settings.dial, settings.calibration, root.split("traits"));
  const lengths = recordLengths(places.length, settings.years, root.split("lengths"));
  const periods = lengths.map((years, i) => placeRecord(years, root.split(`record ${i}`)));
  const clusters = new Map<number, Cluster>();
  const light = lightTable();

  const rowsOf = (p: Period): number => p.last - p.first + 1 + LEAD_DAYS;
  const total = periods.reduce((a, p) => a + rowsOf(p), 0);
  const blank = (): Float32Array => new Float32Array(total).fill(NaN);
  const blankTargets = (): TargetColumns => ({ gpp: blank(), reco: blank(), nee: blank() });
  const drivers = Object.fromEntries(["reflectance", "reanalysis", "tower"].flatMap((g) => columnsOf(g as "tower")).concat("evi", "fapar", "nee_qc").map((name) => [name, blank()]));
  const [clean, closed, unclosed] = [blankTargets(), blankTargets(), blankTargets()];
  const site = new Array<string>(total);
  const day = new Int32Array(total);

  let at = 0;
  places.forEach((place, i) => {
    const period = periods[i]!;
    let cluster = clusters.get(place.cluster);
    if (!cluster) {
      const members = periods.filter((_, k) => places[k]!.cluster === place.cluster);
      cluster = makeCluster(place, members, LEAD_DAYS + SPIN_UP_DAYS, settings.calibration, root.split(`cluster ${place.cluster}`));
      clusters.set(place.cluster, cluster);
    }
    const record = recordSite({ place, truth: traits[i]!, cluster, period, spinUp: SPIN_UP_DAYS, lead: LEAD_DAYS, light, calibration: settings.calibration, random: root.split(`site ${i}`) });
    const n = rowsOf(period);
    site.fill(place.site.site, at, at + n);
    for (let k = 0; k < n; k++) day[at + k] = period.first - LEAD_DAYS + k;
    for (const [name, values] of Object.entries(record.columns)) drivers[name]!.set(values, at);
    for (const flux of ["gpp", "reco", "nee"] as const) {
      clean[flux].set(record.clean[flux], at);
      closed[flux].set(record.variants.closed[flux], at + LEAD_DAYS);
      unclosed[flux].set(record.variants.unclosed[flux], at + LEAD_DAYS);
    }
    drivers["nee_qc"]!.set(record.quality, at + LEAD_DAYS);
    at += n;
  });

  const targets = settings.variant === "USTAR50" ? closed : unclosed;
  const text = { target_variant: new Array<string>(total).fill(settings.variant), source: new Array<string>(total).fill("simulated"), day_convention: new Array<string>(total).fill("local") };
  const table = dailyTable({ site, day, text, numbers: { ...drivers, gpp: targets.gpp.slice(), reco: targets.reco.slice(), nee: targets.nee.slice() } }, places.map((p): Site => p.site));
  return {
    table,
    truth: {
      sites: traits.map((t, i) => ({ ...t, cluster: places[i]!.cluster, elevation: places[i]!.elevation, firstDay: periods[i]!.first, lastDay: periods[i]!.last })),
      noiseFree: { site, day, ...clean },
      variants: { closed, unclosed },
    },
    meta: {
      simulated: true, seed: settings.seed, world: settings.world, dial: settings.dial, variant: settings.variant, nSites: places.length,
      meanYears: settings.years, nRows: total, nFluxDays: targets.nee.reduce((a, x) => a + (Number.isNaN(x) ? 0 : 1), 0), calibration: settings.calibration,
    },
  };
}
