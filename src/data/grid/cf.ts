import { asDay, dayOrNull, formatDay, isRecordDay, type Day } from "../../core/days";
import { WorkbookError } from "../../core/errors";
import { LONGEST_AXIS, textAttribute, type GridFile } from "./grid";
import { plainExponents } from "./physical-unit";

const CALENDARS = ["standard", "gregorian", "proleptic_gregorian"];
const PER_DAY: Readonly<Record<string, number>> = { day: 1, days: 1, d: 1, hour: 24, hours: 24, h: 24, minute: 1440, minutes: 1440, second: 86_400, seconds: 86_400, s: 86_400 };

/** What units such as `days since 2001-01-01 12:00` say. */
export interface TimeUnits {
  /** day from which time is counted, and the part of it that is over */
  readonly origin: Day;
  readonly clock: number;
  readonly perDay: number;
}

/**
 * Reads units of time; null for anything but "days (hours, minutes, seconds) since DATE", also where they name another clock than UTC.
 * @source CF conventions 1.8, §4.4
 * @example timeUnits("hours since 1970-01-02")!.perDay // 24
 */
export function timeUnits(units: string): TimeUnits | null {
  const parsed = /^(\w+)\s+since\s+(\d{4}-\d{1,2}-\d{1,2})(?:[T ]+(\d{1,2})(?::(\d{2}))?(?::(\d{2})(?:\.\d+)?)?)?\s*(?:Z|UTC|\+?00:?00)?$/i.exec(units.trim());
  const perDay = parsed === null ? undefined : PER_DAY[parsed[1]!.toLowerCase()];
  const origin = parsed === null ? null : dayOrNull(padded(parsed[2]!));
  if (perDay === undefined || origin === null) return null;
  return { origin, clock: (Number(parsed![3] ?? 0) * 3600 + Number(parsed![4] ?? 0) * 60 + Number(parsed![5] ?? 0)) / 86_400, perDay };
}

/**
 * The day in which each step of a CF time axis lies `[time]`.
 * @throws WorkbookError BadDate as `readTimes`, and for steps that do not ascend
 * @example await readDays(grid) // Int32Array of days since 1970-01-01
 */
export async function readDays(grid: GridFile, name = "time"): Promise<Int32Array> {
  const days = Int32Array.from(await readTimes(grid, name), (time) => Math.floor(time + 1e-6));
  const early = days.findIndex((day, i) => i > 0 && day <= days[i - 1]!);
  if (early > 0) throw badTime(grid, name, "one step a day or month, in order", `step ${early + 1} not after step ${early}`, "give the product as published");
  return days;
}

/**
 * The time of each step of a CF time axis: days since 1970-01-01 00 UTC and their fraction `[time]`.
 * @throws WorkbookError BadDate for another calendar, for units other than "days (hours, …) since DATE", and for a step without a time
 * @source CF conventions 1.8, §4.4
 * @example await readTimes(grid, "valid_time")
 */
export async function readTimes(grid: GridFile, name = "time"): Promise<Float64Array> {
  const variable = await grid.variable(name);
  const fail = (required: string, found: string, cure: string): never => {
    throw badTime(grid, name, required, found, cure);
  };
  const calendar = textAttribute(variable.attributes, "calendar") ?? "standard";
  if (!CALENDARS.includes(calendar.toLowerCase())) fail(`calendar ${CALENDARS.join(" or ")}`, calendar, "give a product on true days");
  const units = textAttribute(variable.attributes, "units") ?? "";
  const parsed = timeUnits(units);
  if (parsed === null) return fail("units such as days since 2001-01-01", units === "" ? "none" : `"${units}"`, "give the product as published");
  const { origin, clock, perDay } = parsed;
  if (variable.shape.length !== 1 || variable.shape[0]! > LONGEST_AXIS) fail(`one axis of at most ${LONGEST_AXIS} steps`, `shape [${variable.shape.join(", ")}]`, "give the product as published");
  const values = await variable.read([[0, variable.shape[0]!]]);
  values.forEach((v, i) => {
    if (!Number.isFinite(v)) fail("a time at every step", `none at step ${i + 1}`, "copy the file again");
    if (!isRecordDay(origin + v / perDay)) fail("days from 1800 to 2200", `step ${i + 1} ${Math.round(v / perDay)} days after ${formatDay(origin)}`, "give the product as published");
  });
  return values.map((v) => origin + clock + v / perDay);
}

function badTime(grid: GridFile, name: string, required: string, found: string, cure: string): WorkbookError {
  return new WorkbookError("BadDate", `grid: ${grid.path}: ${name}: ${required} required, found ${found}; ${cure}`, { file: grid.path, column: name });
}

/** First day of the month of `day`: monthly files stamp the first, the middle or the last day. @example formatDay(monthStart(parseDay("2008-02-15"))) // "2008-02-01" */
export function monthStart(day: Day | number): Day {
  const date = new Date(day * 86_400_000);
  return asDay(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1) / 86_400_000);
}

/** Days of the month of `day`. @example daysInMonth(parseDay("2008-02-15")) // 29 */
export function daysInMonth(day: Day | number): number {
  const date = new Date(day * 86_400_000);
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
}

const padded = (date: string): string => date.split("-").map((part, i) => part.padStart(i === 0 ? 4 : 2, "0")).join("-");

/** g C m⁻² d⁻¹ of 1 µmol CO2 m⁻² s⁻¹: 12.011 g mol⁻¹ × 86,400 s × 1e-6. @source carbon's standard atomic weight, IUPAC 2021 */
export const UMOL_TO_GC = 12.011e-6 * 86_400;

const FLUX_UNITS: readonly (readonly [RegExp, number])[] = [
  [/^(µ|μ|u|micro)mol(co2|c)?m-2s-1$/, UMOL_TO_GC],
  [/^g(c|co2-c)?m-2(d|day)-1$/, 1],
];

/**
 * The factor from a flux's unit to g C m⁻² d⁻¹. Spelling may vary, the unit may not: g CO2, kg C or a month are refused.
 * @throws WorkbookError BadUnit
 * @example fluxFactor("gC m-2 d-1", "GPP_2020_050_monthly.nc", "GPP") // 1
 */
export function fluxFactor(units: string | null, file: string, variable: string): number {
  const plain = plainExponents((units ?? "").toLowerCase()).replace(/\/m2/g, "m-2").replace(/\/(s|d|day)\b/g, "$1-1").replace(/[\s^*·._()]/g, "");
  const found = FLUX_UNITS.find(([pattern]) => pattern.test(plain));
  if (found === undefined) {
    throw new WorkbookError("BadUnit", `grid: ${file}: ${variable} in µmol CO2 m-2 s-1 or g C m-2 d-1 required, found ${units === null || units === "" ? "no unit" : `"${units}"`}; convert it or give the product as published`, { file, column: variable });
  }
  return found[1];
}
