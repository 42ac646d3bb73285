import type { Flux } from "../core/quantities";
import { distanceKm, type Site, type SiteId } from "../core/sites";
import { hasColumn, numbers, siteRows, type DailyTable, type SiteRows } from "../data/daily-table";
import type { Metrics } from "./evaluate";
import { rankCorrelation } from "./rank-correlation";
import { MIN_DAYS } from "./site-metrics";

/** What a site's climate is told by: means of these, and their seasonal standard deviations. */
const CLIMATE = ["ta_degC", "sw_in_W_m2", "vpd_hPa", "p_mm_d"] as const;

/** How far one unseen site is from what a model has learnt from, beside its error there. */
export interface DistanceError {
  readonly model: string;
  readonly site: SiteId;
  readonly flux: Flux;
  /** to the nearest training site; null where a position is unknown */
  readonly km: number | null;
  /** Euclidean distance to the nearest training site in standardised climate; null where a driver is missing */
  readonly climate: number | null;
  readonly rmse: number;
}

/**
 * RMSE of each unseen site against its distance to the nearest training site, on the ground and in climate (means and seasonal spread of temperature, light, VPD and
 * rain, each divided by its standard deviation over the training sites). Split by clusters, no test site lies within 15 km of one that trained.
 * @param learned the sites that the model learnt from
 * @source Meyer & Pebesma 2021, doi:10.1111/2041-210X.13650 (dissimilarity to the training data in predictor space)
 * @example errorDistances(table, evaluation.metrics, readSplit(run).learned)
 */
export function errorDistances(table: DailyTable, metrics: readonly Metrics[], learned: readonly Site[]): DistanceError[] {
  const sites = new Map(siteRows(table).map((rows) => [rows.site.site, { site: rows.site, climate: climateOf(table, rows) }]));
  const known = learned.map((s) => sites.get(s.site)?.climate ?? null).filter((c): c is number[] => c !== null);
  const scale = Array.from({ length: 2 * CLIMATE.length }, (_, k) => deviation(known.map((c) => c[k]!)));
  return metrics.flatMap((m) => m.sites.filter((row) => !row.seen && row.n >= MIN_DAYS && row.rmse !== null).map((row): DistanceError => {
    const own = sites.get(row.site)!;
    const ground = learned.flatMap((s) => (placed(s) && placed(own.site) ? [distanceKm(s, own.site)] : []));
    const climates = own.climate === null ? [] : known.map((c) => Math.sqrt(c.reduce((sum, v, k) => sum + (scale[k]! > 0 ? ((v - own.climate![k]!) / scale[k]!) ** 2 : 0), 0)));
    return { model: m.model, site: row.site, flux: row.flux, km: least(ground), climate: least(climates), rmse: row.rmse! };
  }));
}

/** Rank correlation of error with distance, by model and flux. */
export interface DistanceTrend {
  readonly model: string;
  readonly flux: Flux;
  readonly sites: number;
  readonly km: number | null;
  readonly climate: number | null;
}

/** Spearman's correlation of RMSE with either distance; null below 4 sites. @example distanceTrends(errorDistances(table, metrics, learned)) */
export function distanceTrends(rows: readonly DistanceError[]): DistanceTrend[] {
  const groups = new Map<string, DistanceError[]>();
  for (const row of rows) groups.set(`${row.model} ${row.flux}`, [...(groups.get(`${row.model} ${row.flux}`) ?? []), row]);
  return [...groups.values()].map((own): DistanceTrend => {
    const trend = (of: "km" | "climate"): number | null => {
      const placedRows = own.filter((r) => r[of] !== null);
      return rankCorrelation(placedRows.map((r) => r[of]!), placedRows.map((r) => r.rmse));
    };
    return { model: own[0]!.model, flux: own[0]!.flux, sites: own.length, km: trend("km"), climate: trend("climate") };
  });
}

function climateOf(table: DailyTable, { from, to }: SiteRows): number[] | null {
  const out: number[] = [];
  for (const name of CLIMATE) {
    if (!hasColumn(table, name)) return null;
    const values = numbers(table, name).subarray(from, to).filter((v) => !Number.isNaN(v));
    if (values.length < 365) return null;
    out.push(values.reduce((a, b) => a + b, 0) / values.length, deviation(values));
  }
  return out;
}

function deviation(values: ArrayLike<number>): number {
  const all = Array.from(values);
  const centre = all.reduce((a, b) => a + b, 0) / all.length;
  return Math.sqrt(all.reduce((sum, v) => sum + (v - centre) ** 2, 0) / all.length);
}

const placed = (s: Site): s is Site & { lat: number; lon: number } => s.lat !== null && s.lon !== null;
const least = (values: readonly number[]): number | null => (values.length === 0 ? null : values.reduce((a, b) => Math.min(a, b)));
