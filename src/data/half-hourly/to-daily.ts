import { asDay, formatDay } from "../../core/days";
import { WorkbookError } from "../../core/errors";
import { readVariables, type Key, type Variables } from "../columns";
import type { Exclusion } from "../ingest/exclusion";
import { mapHeader } from "../towers/header";
import type { RawTable } from "../towers/raw-table";
import type { HalfHourly } from "./half-hourly-table";
import { HALF_HOURLY, type HalfHourlyVariable } from "./variables";

/** µmol CO₂ m⁻² s⁻¹ over a day as g C m⁻². @source 12.0107 g mol⁻¹ × 86,400 s × 10⁻⁶ */
export const GRAM_PER_DAY = (12.0107 * 86_400) / 1e6;
/** Share of a day's steps that a mean needs where the day's course matters little. */
const LEAST_SHARE = 5 / 6;
const DAY = 1440;

/** QC columns of the daily table by the base name whose flags they count; the second is the share measured. */
const QC_COLUMNS: readonly (readonly [base: string, qc: string, measured: string | null])[] = [["NEE", "nee_qc", "nee_measured"], ["LE", "le_qc", null], ["H", "h_qc", null]];

/** Whole days of a table: their number, and the first step of the first one. */
interface Days {
  readonly n: number;
  readonly perDay: number;
  readonly from: number;
}

/** Steps that a day needs for a value of the column. @example leastSteps(halfHourlyVariable("TA")!, 48) // 40 */
export function leastSteps(variable: Pick<HalfHourlyVariable, "whole">, perDay: number): number {
  return variable.whole ? perDay : Math.ceil(LEAST_SHARE * perDay);
}

/**
 * Half-hours to days of local standard time: means, sums of rain, fluxes in g C m⁻² d⁻¹. Fluxes, radiation and rain need every step of the
 * day, other means 40 of 48. `nee_qc` is the share of steps measured or filled with quality 1, `nee_measured` the share measured. A first
 * and a last day that the file does not hold whole give no row and are counted, as are days with too few steps.
 * @throws WorkbookError EmptyTable when no day is whole
 * @source Pastorello et al. 2020, doi:10.1038/s41597-020-0534-3: daily aggregation and QC
 * @example halfHourlyToDaily(table).day.length // 365
 */
export function halfHourlyToDaily(table: HalfHourly, variables: Variables = readVariables()): RawTable {
  const { file, site, start, stepMinutes } = table;
  const perDay = DAY / stepMinutes;
  const from = (Math.ceil(start[0]! / DAY) * DAY - start[0]!) / stepMinutes;
  const n = Math.floor((start.length - from) / perDay);
  if (n < 1) throw new WorkbookError("EmptyTable", `ingest: ${file}: ${site}: at least one whole day required, found ${start.length} steps of ${stepMinutes} minutes; give a longer file`, { file, site });
  const days: Days = { n, perDay, from };
  const partial = Number(from > 0) + Number(from + n * perDay < start.length);
  const excluded: Exclusion[] = partial > 0 ? [{ site, reason: "first or last day not whole in the half-hourly file", days: partial }] : [];
  const warnings = [...table.warnings];

  const daily = new Map<string, Float32Array>();
  for (const variable of HALF_HOURLY) {
    const values = table.columns.get(variable.base);
    if (values === undefined || variable.column === null || daily.has(variable.column)) continue;
    const made = aggregate(values, days, variable);
    daily.set(variable.column, made.values);
    if (made.short > 0) excluded.push({ site, reason: `${variable.column}: fewer than ${leastSteps(variable, perDay)} of ${perDay} steps of the day`, days: made.short });
    if (made.partly > 0) warnings.push(`${file}: ${variable.column}: ${made.partly} days are means of ${leastSteps(variable, perDay)} to ${perDay - 1} of ${perDay} steps`);
  }
  for (const [base, qc, measured] of QC_COLUMNS) {
    const values = table.columns.get(base);
    if (values === undefined) continue;
    const flags = table.quality.get(base);
    const there = daily.get(HALF_HOURLY.find((v) => v.base === base)!.column!)!;
    const shares = sharesOf(values, flags, days, there);
    daily.set(qc, shares.good);
    if (measured !== null) daily.set(measured, shares.measured);
  }
  if (daily.has("nee") && !daily.has("gpp")) warnings.push(`${file}: ${site}: NEE without GPP and RECO: days that are whole carry NEE; partition the file for the rest`);
  return rawTable(table, days, daily, excluded, warnings, variables);
}

/** Daily values; `short` days have some values but too few, `partly` days have a value though steps are missing. */
function aggregate(values: Float32Array, { n, perDay, from }: Days, variable: HalfHourlyVariable): { values: Float32Array; short: number; partly: number } {
  const out = new Float32Array(n);
  const least = leastSteps(variable, perDay);
  const factor = variable.rule === "carbon" ? GRAM_PER_DAY : 1;
  let [short, partly] = [0, 0];
  for (let d = 0, i = from; d < n; d++) {
    // Two statements: taking an array apart costs as much as the day's sum.
    let sum = 0;
    let known = 0;
    for (const end = i + perDay; i < end; i++) {
      const v = values[i]!;
      if (v !== v) continue;
      sum += v;
      known++;
    }
    out[d] = known < least ? NaN : variable.rule === "sum" ? sum : (factor * sum) / known;
    if (known > 0 && known < least) short++;
    if (known >= least && known < perDay) partly++;
  }
  return { values: out, short, partly };
}

/**
 * Shares of each day's steps: measured or filled with quality 1, and measured. Without flags every known value is measured. NaN where the day
 * has no value or no flag.
 */
function sharesOf(values: Float32Array, flags: Float32Array | Uint8Array | undefined, { n, perDay, from }: Days, there: Float32Array): { good: Float32Array; measured: Float32Array } {
  const [good, measured] = [new Float32Array(n).fill(NaN), new Float32Array(n).fill(NaN)];
  for (let d = 0; d < n; d++) {
    if (there[d] !== there[d]) continue;
    const counts = [0, 0, 0, 0];
    const end = from + (d + 1) * perDay;
    for (let i = end - perDay; i < end; i++) {
      const flag = flags === undefined ? 0 : flags[i]!;
      if (values[i] === values[i] && flag >= 0 && flag <= 3) counts[Math.ceil(flag)]!++;
    }
    if (counts.every((c) => c === 0)) continue;
    good[d] = (counts[0]! + counts[1]!) / perDay;
    measured[d] = counts[0]! / perDay;
  }
  return { good, measured };
}

function rawTable(table: HalfHourly, { n, from }: Days, daily: ReadonlyMap<string, Float32Array>, excluded: readonly Exclusion[], warnings: readonly string[], variables: Variables): RawTable {
  const first = table.start[from]! / DAY;
  const day = Int32Array.from({ length: n }, (_, d) => first + d);
  const fixed = ["site", "date"];
  const told: [Key, string | number | null][] = [["target_variant", table.variant ?? null], ["lat", table.lat], ["lon", table.lon], ["igbp", table.igbp]];
  return {
    file: table.file,
    kind: "half-hourly",
    header: mapHeader([...fixed, ...daily.keys()], variables),
    site: new Array<string>(n).fill(table.site),
    day,
    place: (row) => formatDay(asDay(day[row]!)),
    numbers: new Map([...daily.values()].map((values, k) => [fixed.length + k, values])),
    texts: new Map(told.filter(([, value]) => value !== null).map(([key, value]) => [key, new Array<string>(n).fill(String(value))])),
    source: table.source,
    dayConvention: table.utcOffset === null ? variables.dayConvention : `${variables.dayConvention} (UTC${offsetText(table.utcOffset)})`,
    excluded,
    warnings,
  };
}

/** Hours from UTC as people write them. @example offsetText(-5) // "−05:00" */
export function offsetText(hours: number): string {
  const minutes = Math.round(Math.abs(hours) * 60);
  const two = (x: number): string => String(x).padStart(2, "0");
  return `${hours < 0 ? "−" : "+"}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
