import { asDay, dayOfYear, monthOf, yearOf, type Day } from "../../core/days";

/** A run of days with what the physics asks of each `[day]`. */
export interface Calendar {
  readonly days: Int32Array;
  /** 1…366 */
  readonly dayOfYear: Int16Array;
  /** 0…11 */
  readonly month: Int8Array;
  readonly year: Int16Array;
}

/** The days from `first` to `last`, both in. @example calendarOf(asDay(0), asDay(9)).days.length // 10 */
export function calendarOf(first: Day, last: Day): Calendar {
  const n = last - first + 1;
  const calendar = { days: new Int32Array(n), dayOfYear: new Int16Array(n), month: new Int8Array(n), year: new Int16Array(n) };
  for (let i = 0; i < n; i++) {
    const day = asDay(first + i);
    calendar.days[i] = day;
    calendar.dayOfYear[i] = dayOfYear(day);
    calendar.month[i] = monthOf(day) - 1;
    calendar.year[i] = yearOf(day);
  }
  return calendar;
}

/** The days `from` to `to` (one past the last) of a calendar, without a copy. */
export function sliceCalendar(c: Calendar, from: number, to: number): Calendar {
  return { days: c.days.subarray(from, to), dayOfYear: c.dayOfYear.subarray(from, to), month: c.month.subarray(from, to), year: c.year.subarray(from, to) };
}
