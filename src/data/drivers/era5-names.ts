import { ERA5_LAND } from "../../core/era5-land";
import { readGridCatalogue, type GridCatalogue } from "../grid/grid-catalogue";

/** What a column of an ERA5-Land file holds. */
export interface Era5Column {
  /** the daily aggregate it serves, e.g. total_precipitation_sum */
  readonly column: string;
  /** `state` at the hour, `amount` since the last hour, `either` an amount of the hour or since 00 UTC, `daily` aggregated already */
  readonly kind: "state" | "amount" | "either" | "daily";
}

/** What a column's name means in an hourly or a daily file; null for what is no ERA5-Land variable. */
export type Era5Names = (name: string, hourly: boolean) => Era5Column | null;

/** Earth Engine's ending of amounts that it took apart into hours. */
const BY_HOUR = "_hourly";
const AGGREGATES: ReadonlySet<string> = new Set(ERA5_LAND.map((c) => c.name));

/**
 * Names of ERA5-Land: the published daily aggregates themselves, hourly states and amounts without the aggregate's ending, and ECMWF's short
 * names. Minima and maxima are read from daily files only.
 * @source names: Earth Engine ECMWF/ERA5_LAND/HOURLY and DAILY_AGGR; ECMWF parameter database
 * @example era5Names()("tp", true) // { column: "total_precipitation_sum", kind: "either" }
 */
export function era5Names(catalogue: GridCatalogue = readGridCatalogue()): Era5Names {
  const short = new Map(Object.entries(catalogue.names).flatMap(([column, names]) => (AGGREGATES.has(column) ? names.map((name) => [name.toLowerCase(), column] as const) : [])));
  return (name, hourly) => {
    const bare = name.trim();
    const full = short.get(bare.toLowerCase()) ?? bare;
    if (hourly) return ofHour(full);
    // a short name says nothing of what the day's number is: a mean of sums would pass for a sum
    return AGGREGATES.has(full) && !(full !== bare && full.endsWith("_sum")) ? { column: full, kind: "daily" } : null;
  };
}

function ofHour(full: string): Era5Column | null {
  const base = full.replace(/_sum$/, "");
  const single = base.endsWith(BY_HOUR) ? `${base.slice(0, -BY_HOUR.length)}_sum` : "";
  if (AGGREGATES.has(single)) return { column: single, kind: "amount" };
  if (AGGREGATES.has(`${base}_sum`)) return { column: `${base}_sum`, kind: "either" };
  return AGGREGATES.has(base) && !/_(min|max)$/.test(base) ? { column: base, kind: "state" } : null;
}
