import { columnSpec } from "../../core/columns";
import { asDay, formatDay } from "../../core/days";
import { WorkbookError } from "../../core/errors";
import type { SiteId } from "../../core/sites";
import type { Exclusion } from "../ingest/exclusion";
import { conversion } from "../grid/physical-unit";
import type { FileBlocks } from "../ingest/site-block";
import { driverBlock } from "./driver-block";
import type { DriverContext } from "./driver-context";
import type { Era5Column } from "./era5-names";
import { isAccumulated, meanOfDay, sumOfDay, type HourlySeries } from "./hourly-to-daily";

/** ERA5-Land's days. */
export const ERA5_DAY = "UTC";
const SOURCE = "ERA5-Land";
/** Amounts by which the counting is told, the surest first: the sun shines daily and never at night, rain only grows, evaporation may turn back into dew. */
const TELLING = [/^surface_(net_)?solar_radiation/, /^(total_precipitation|snowfall|runoff|surface_runoff|snowmelt)/, /./];

/** One variable at one site, hourly or daily. */
export interface Era5Variable {
  readonly name: string;
  readonly means: Era5Column;
  /** as the file says it; null where it does not, and then it is that of the product as published */
  readonly unit: string | null;
  /** `[step]` of the site's `hour` */
  readonly values: Float64Array;
}

/** ERA5-Land at one site as a file gives it. */
export interface Era5Series {
  readonly file: string;
  readonly site: SiteId;
  /** hours since 1970-01-01 00 UTC, ascending; of a daily file the first hour of each day `[step]` */
  readonly hour: Int32Array;
  readonly variables: readonly Era5Variable[];
}

/**
 * Turns ERA5-Land series into daily drivers on UTC days: means of states over 00 to 23 UTC, sums of amounts as the product counts them, in the
 * published units, evaporation negative. Days that lack an hour have no value and are counted. Two variables of one column: the first is read.
 * @throws WorkbookError BadUnit (units that do not convert, amounts of two kinds, values that look like another unit), BadDate (a step twice)
 * @source method §2; Muñoz-Sabater et al. 2021, doi:10.5194/essd-13-4349-2021
 * @example era5Blocks([series], context).blocks[0].numbers.get("total_precipitation_sum")
 */
export function era5Blocks(list: readonly Era5Series[], context: DriverContext): FileBlocks {
  const accumulated = countsFromMidnight(list);
  const excluded: Exclusion[] = [];
  const blocks = list.map((series) => {
    const columns = new Map<string, Float32Array>();
    let days = new Int32Array(0);
    for (const variable of series.variables) {
      const { column } = variable.means;
      if (columns.has(column)) continue;
      const laid = ofDay(series, variable, accumulated);
      days = laid.day;
      columns.set(column, converted(laid.values, series, variable));
      const missing = laid.values.reduce((n, v) => n + (v === v ? 0 : 1), 0);
      if (missing > 0) excluded.push({ site: series.site, reason: `${column}: ${variable.means.kind === "daily" ? "no value" : "an hour that the UTC day needs is missing"}`, days: missing });
    }
    const made = driverBlock({ file: series.file, site: series.site, day: days, columns, source: SOURCE, dayConvention: ERA5_DAY }, context.variables);
    excluded.push(...made.excluded);
    return made.block;
  });
  return { blocks, sites: [], unsorted: 0, excluded, warnings: [] };
}

/** Decided once a file, by the surest amounts it has: ERA5-Land does not mix. */
function countsFromMidnight(list: readonly Era5Series[]): boolean {
  const told = list.flatMap((series) => {
    const amounts = series.variables.filter((v) => v.means.kind === "either");
    const surest = TELLING.map((pattern) => amounts.filter((v) => pattern.test(v.means.column))).find((of) => of.length > 0) ?? [];
    return surest.map((v) => ({ series, v, is: isAccumulated({ hour: series.hour, values: v.values }, series.file, v.name) }));
  }).filter((t) => t.is !== null);
  const other = told.find((t) => t.is !== told[0]!.is);
  if (other === undefined) return told[0]?.is ?? true;
  throw new WorkbookError("BadUnit", `ingest: ${other.series.file}: ${other.series.site}: ${other.v.name} counted like ${told[0]!.v.name} (${told[0]!.is ? "since 00 UTC" : "by the hour"}) required, found the other way; give the product as published, or daily sums`, { file: other.series.file, site: other.series.site, column: other.v.name });
}

function ofDay(series: Era5Series, variable: Era5Variable, accumulated: boolean): { day: Int32Array; values: Float32Array } {
  const { kind } = variable.means;
  if (kind === "daily") return { day: Int32Array.from(series.hour, (h) => Math.floor(h / 24)), values: Float32Array.from(variable.values) };
  const hourly: HourlySeries = { hour: series.hour, values: variable.values };
  const { first, values } = kind === "state" ? meanOfDay(hourly) : sumOfDay(hourly, kind === "either" && accumulated);
  return { day: Int32Array.from(values, (_, i) => first + i), values };
}

function converted(values: Float32Array, { file, site }: Era5Series, { name, means, unit }: Era5Variable): Float32Array {
  if (unit === null) return values;
  const wanted = columnSpec(means.column)!.unit;
  const by = conversion(unit, wanted, { sum: true, water: wanted.startsWith("m d") });
  if (by === null) throw new WorkbookError("BadUnit", `ingest: ${file}: ${site}: ${name} in ${wanted}, or a unit that converts to it, required, found "${unit}"; give the product as published`, { file, site, column: name });
  return values.map((v) => v * by.scale + by.offset);
}

/** Refuses a step that is there twice. @throws WorkbookError BadDate */
export function requireSteps(hour: Int32Array, file: string, site: SiteId): void {
  for (let i = 1; i < hour.length; i++) {
    if (hour[i]! > hour[i - 1]!) continue;
    const date = `${formatDay(asDay(Math.floor(hour[i]! / 24)))} ${String(hour[i]! % 24).padStart(2, "0")}:00 UTC`;
    throw new WorkbookError("BadDate", `ingest: ${file}: ${site}: each time once required, found ${date} twice; remove one (several cells or experiment versions must be files of their own)`, { file, site, date });
  }
}
