import { FLUXES, IGBP, KOPPEN, KOPPEN_DETAIL, STATIC_WIDTH, type Flux, type Standardized } from "../core/quantities";
import { oneHots, type SiteId } from "../core/sites";
import type { PreparedSite } from "./batches";
import type { SiteRecord } from "./record";

/** Site-days for models that see one day at a time: x `[row, feature]` (drivers ‖ one-hots), y and weight `[row]`. */
export interface DayRows {
  readonly rows: number;
  readonly width: number;
  readonly x: Standardized<Float32Array>;
  readonly y: Standardized<Float32Array>;
  readonly weight: Float32Array;
}

/**
 * Calls `visit` for each day that may teach: every driver is there, the weight is above 0. `features` is one array, filled anew for each day.
 * @example eachDay(sites, (features, site, day) => sums.add(features, site.y[day * 3], site.weight[day]))
 */
export function eachDay(sites: readonly PreparedSite[], visit: (features: Float32Array, site: PreparedSite, day: number) => void): void {
  for (const site of sites) {
    const { record } = site;
    const channels = site.x.length / record.length;
    const features = new Float32Array(channels + STATIC_WIDTH);
    features.set(site.statics, channels);
    for (let day = 0; day < record.length; day++) {
      if (!record.complete[day] || !(site.weight[day]! > 0)) continue;
      features.set(site.x.subarray(day * channels, (day + 1) * channels));
      visit(features, site, day);
    }
  }
}

/**
 * The rows of one flux: site-days with all drivers, a weight above 0 and that flux. A day sees its own drivers only, no history.
 * @source CarbonFluxBench, arXiv 2603.09868 (its tabular models: the features of the day; rows with a gap left out)
 * @example dayRows(dataset.train.sites, "gpp").rows
 */
export function dayRows(sites: readonly PreparedSite[], flux: Flux): DayRows {
  const f = FLUXES.indexOf(flux);
  const value = (site: PreparedSite, day: number): number => site.y[day * FLUXES.length + f]!;
  let rows = 0;
  let width = 0;
  eachDay(sites, (features, site, day) => {
    width = features.length;
    if (!Number.isNaN(value(site, day))) rows++;
  });
  const out = { rows, width, x: new Float32Array(rows * width), y: new Float32Array(rows), weight: new Float32Array(rows) };
  let row = 0;
  eachDay(sites, (features, site, day) => {
    if (Number.isNaN(value(site, day))) return;
    out.x.set(features, row * width);
    out.y[row] = value(site, day);
    out.weight[row++] = site.weight[day]!;
  });
  return out;
}

/**
 * Days that carry the flux and may train but give no row, by site and reason; in the order of the sites.
 * @example leftOut(dataset.train.sites, "gpp") // [{ site: "FR-Tou", reason: "a driver is missing", days: 365 }]
 */
export function leftOut(sites: readonly PreparedSite[], flux: Flux): { site: SiteId; reason: string; days: number }[] {
  const f = FLUXES.indexOf(flux);
  return sites.flatMap(({ record, weight, y }) => {
    const days = [...weight.keys()].filter((d) => !Number.isNaN(weight[d]!) && !Number.isNaN(y[d * FLUXES.length + f]!));
    const driver = days.filter((d) => !record.complete[d]).length;
    const weightless = days.filter((d) => record.complete[d] && !(weight[d]! > 0)).length;
    const { site } = record.site;
    return [{ site, reason: "a driver is missing", days: driver }, { site, reason: "weight 0 (QC 0)", days: weightless }].filter((r) => r.days > 0);
  });
}

/** Names of the features, in order. @example featureNames(["ta_degC"]).length // 52 */
export function featureNames(channels: readonly string[]): string[] {
  return [...channels, ...IGBP.map((c) => `igbp ${c}`), ...KOPPEN.map((c) => `koppen ${c}`), ...KOPPEN_DETAIL.map((c) => `koppen ${c}`)];
}

/**
 * Features of a record's complete days: which days `[row]`, and x `[row, feature]`.
 * @example completeDays(record, standardiseDrivers(s, record.drivers)).days
 */
export function completeDays(record: SiteRecord, drivers: Standardized<Float32Array>): { days: Int32Array; width: number; x: Standardized<Float32Array> } {
  const channels = drivers.length / Math.max(1, record.length);
  const width = channels + STATIC_WIDTH;
  const statics = oneHots(record.site);
  const days = Int32Array.from([...record.complete.keys()].filter((d) => record.complete[d]));
  const x = new Float32Array(days.length * width);
  days.forEach((day, row) => {
    x.set(drivers.subarray(day * channels, (day + 1) * channels), row * width);
    x.set(statics, row * width + channels);
  });
  return { days, width, x };
}
