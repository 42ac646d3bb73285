import { columnSpec } from "../../core/columns";
import { asDay, formatDay } from "../../core/days";
import { WorkbookError } from "../../core/errors";
import type { SiteId } from "../../core/sites";
import type { Variable, Variables } from "../columns";
import type { Exclusion } from "../ingest/exclusion";
import type { SiteBlock } from "../ingest/site-block";
import { checkUnits } from "../ingest/units";
import { unpack } from "../ingest/unpack";

/** One site's drivers from one file, in canonical columns. */
export interface Drivers {
  readonly file: string;
  readonly site: SiteId;
  /** ascending, each day once `[day]` */
  readonly day: Int32Array;
  readonly columns: ReadonlyMap<string, Float32Array>;
  /** text of the source column on days that no tower file has */
  readonly source: string;
  readonly dayConvention: string | null;
}

/**
 * A block that joins the tower's own: units are checked by the rules of data/variables.json, rounding noise below zero becomes 0, columns
 * without a value are left out.
 * @throws WorkbookError BadUnit, BadDate for days that do not ascend
 * @example driverBlock({ file, site: "DE-Hai", day, columns, source: "MOD13", dayConvention: null }, variables).block
 */
export function driverBlock(drivers: Drivers, variables: Variables): { block: SiteBlock; excluded: Exclusion[] } {
  const { file, site, day, source, dayConvention } = drivers;
  for (let i = 1; i < day.length; i++) {
    if (day[i]! > day[i - 1]!) continue;
    throw new WorkbookError("BadDate", `ingest: ${file}: ${site}: one value a day, in order, required, found ${formatDay(asDay(day[i]!))} after ${formatDay(asDay(day[i - 1]!))}; remove one`, { file, site, date: formatDay(asDay(day[i]!)) });
  }
  const excluded: Exclusion[] = [];
  const numbers = new Map<string, Float32Array>();
  for (const [column, values] of drivers.columns) {
    if (!values.some((v) => v === v)) continue;
    const variable = variables.list.find((v) => v.column === column) ?? unchecked(column);
    const own = values.slice();
    excluded.push(...unpack(site, { ...variable, packed: null }, own));
    checkUnits(file, site, { variable, index: 0, name: column, scale: 1, offset: 0 }, own);
    numbers.set(column, own);
  }
  const fill = <T>(value: T): T[] => new Array<T>(day.length).fill(value);
  return { block: { file, site, day, variant: null, numbers, text: { target_variant: fill(null), source: fill(source), day_convention: fill(dayConvention) } }, excluded };
}

/** A further ERA5-Land aggregate: only its range is known. */
function unchecked(column: string): Variable {
  if (!columnSpec(column)) throw new WorkbookError("MissingColumn", `ingest: a canonical column required, got ${column}; see src/core/columns.ts`, { column });
  return { column, required: false, plain: [], byVariant: new Map(), checks: [], packed: null, zeroFrom: /^(total_precipitation|snowfall)_sum$/.test(column) ? -0.001 : 0 };
}
