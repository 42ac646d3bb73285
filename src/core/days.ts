import { WorkbookError } from "./errors";

/** A calendar day as whole days since 1970-01-01. */
export type Day = number & { readonly __brand: "Day" };

const MS_PER_DAY = 86_400_000;
const RECORD = [Date.UTC(1800, 0, 1) / MS_PER_DAY, Date.UTC(2200, 11, 31) / MS_PER_DAY] as const;

/** Whether a day lies between 1800 and 2200: beyond that no tower, model or reanalysis has one, and a table would grow to its length. @example isRecordDay(0) // true */
export function isRecordDay(day: number): boolean {
  return day >= RECORD[0] && day <= RECORD[1];
}

/** Marks a whole number as a day. @example asDay(0) // 1970-01-01 */
export function asDay(n: number): Day {
  return n as Day;
}

/**
 * Reads `YYYYMMDD` or `YYYY-MM-DD`.
 * @throws WorkbookError BadDate for anything else and for dates that are not in the calendar
 * @example parseDay("20120229")
 */
export function parseDay(text: string, where = "parseDay"): Day {
  const day = dayOrNull(text);
  if (day === null) throw new WorkbookError("BadDate", `${where}: a date YYYYMMDD or YYYY-MM-DD is required, got "${text}"; mend that line`, { date: text });
  return day;
}

/** As `parseDay`, with null for what is not a date. @example dayOrNull("2012-02-30") // null */
export function dayOrNull(text: string): Day | null {
  const m = /^(\d{4})-?(\d{2})-?(\d{2})$/.exec(text.trim());
  if (!m || (text.includes("-") && !/^\s*\d{4}-\d{2}-\d{2}\s*$/.test(text))) return null;
  const [y, mo, d] = [Number(m[1]), Number(m[2]), Number(m[3])];
  const ms = Date.UTC(y, mo - 1, d);
  const back = new Date(ms);
  if (back.getUTCFullYear() !== y || back.getUTCMonth() !== mo - 1 || back.getUTCDate() !== d) return null;
  return asDay(ms / MS_PER_DAY);
}

/** `YYYY-MM-DD`. @example formatDay(parseDay("20120229")) // "2012-02-29" */
export function formatDay(day: Day): string {
  return new Date(day * MS_PER_DAY).toISOString().slice(0, 10);
}

/** Calendar year. @example yearOf(parseDay("20120229")) // 2012 */
export function yearOf(day: Day): number {
  return new Date(day * MS_PER_DAY).getUTCFullYear();
}

/** Month 1..12. @example monthOf(parseDay("20120229")) // 2 */
export function monthOf(day: Day): number {
  return new Date(day * MS_PER_DAY).getUTCMonth() + 1;
}

/** Day of the year, 1..366. @example dayOfYear(parseDay("20120201")) // 32 */
export function dayOfYear(day: Day): number {
  return day - Date.UTC(yearOf(day), 0, 1) / MS_PER_DAY + 1;
}

/** Quarter of the year 0..3 (JFM, AMJ, JAS, OND), by which support windows are drawn. @example quarterOf(parseDay("20120401")) // 1 */
export function quarterOf(day: Day): 0 | 1 | 2 | 3 {
  return Math.floor((monthOf(day) - 1) / 3) as 0 | 1 | 2 | 3;
}
