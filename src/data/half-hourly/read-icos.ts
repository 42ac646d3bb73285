import type { InputFile } from "../files/input";
import type { HalfHourly } from "./half-hourly-table";
import { readHead } from "./head";
import { readQualified } from "./read-qualified";
import type { HalfHourlyOptions } from "./scan-file";
import { readSensor } from "./sensors";
import { siteOf } from "./stamp-columns";
import type { DateOrder } from "./stamps";

const at = (names: readonly string[], wanted: RegExp): number => names.findIndex((name) => wanted.test(name));
const DATE = /^date$/i;
const TIME = /^(?:time|hour)$/i;

/** Whether a header is that of ICOS half-hours: a date, a time of day, and names of a base with qualifiers. */
export function detectIcos(names: readonly string[]): boolean {
  return at(names, DATE) >= 0 && at(names, TIME) >= 0 && at(names, /^site/i) < 0 && names.some((name, k) => readSensor(name, k) !== null);
}

/**
 * Reads half-hours as ICOS sites write them: date and time in two columns, a row of units below the header, also in Latin-1. Whether a time is
 * the start or the end of its step is told by the first and the last of the file.
 * @throws WorkbookError see `readQualified`; BadSite
 * @example (await readIcos(input)).columns.get("NEE")
 */
export async function readIcos(input: InputFile, options: HalfHourlyOptions = {}): Promise<HalfHourly> {
  const head = await readHead(input);
  const stamp = at(head.names, DATE);
  return readQualified(input, {
    head, stamp, time: at(head.names, TIME), ends: null, order: orderOf(head.units?.[stamp] ?? ""), site: siteOf(input), kind: "icos-half-hourly",
    source: "ICOS_HALF_HOURLY", utcOffset: null, lat: null, lon: null, partition: "PI",
  }, options);
}

function orderOf(unit: string): DateOrder {
  if (/^d/i.test(unit)) return "dmy";
  return /^m/i.test(unit) ? "mdy" : "ymd";
}
