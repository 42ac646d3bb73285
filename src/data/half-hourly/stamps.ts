import { BAD_DAY } from "../towers/raw-table";
import { dayAt, textAt } from "../files/csv-field";

const [ZERO, COLON] = [48, 58];
const MINUTES_PER_DAY = 1440;

/** How dates with slashes or dots are to be read. */
export type DateOrder = "ymd" | "dmy" | "mdy";

/** Two digits as a number; NaN where they are none. */
function pair(bytes: Uint8Array, at: number): number {
  const [a, b] = [bytes[at]! - ZERO, bytes[at + 1]! - ZERO];
  return a >= 0 && a <= 9 && b >= 0 && b <= 9 ? 10 * a + b : NaN;
}

/** Minutes of a clock time from its hour and minute; 24:00 is the end of the day. */
function clock(hour: number, minute: number): number {
  return (hour < 24 && minute < 60) || (hour === 24 && minute === 0) ? 60 * hour + minute : NaN;
}

/** Reads time stamps from bytes as minutes since 1970-01-01, whatever the clock; a day's digits are looked up once. */
export class StampReader {
  private readonly days = new Map<number, number>();
  private digits = -1;
  private midnight = NaN;

  constructor(private readonly order: DateOrder) {}

  /** `YYYYMMDDHHMM`; NaN for anything else and for what is not in the calendar. */
  stamp(bytes: Uint8Array, from: number, to: number): number {
    if (to - from !== 12) return NaN;
    let digits = 0;
    for (let i = from; i < from + 8; i++) {
      const c = bytes[i]! - ZERO;
      if (c < 0 || c > 9) return NaN;
      digits = digits * 10 + c;
    }
    // Half-hours of one day follow each other: its midnight is known from the row before.
    if (digits !== this.digits) {
      this.midnight = this.date(bytes, from, from + 8);
      this.digits = digits;
    }
    return this.midnight + clock(pair(bytes, from + 8), pair(bytes, from + 10));
  }

  /** Midnight of `YYYYMMDD`, `YYYY-MM-DD`, or a date with slashes or dots in this reader's order; NaN for anything else. */
  date(bytes: Uint8Array, from: number, to: number): number {
    const day = dayAt(bytes, from, to, this.days);
    if (day !== BAD_DAY) return day * MINUTES_PER_DAY;
    const parts = /^(\d{1,4})[/.](\d{1,2})[/.](\d{1,4})$/.exec(textAt(bytes, from, to));
    if (parts === null) return NaN;
    const [a, b, c] = [parts[1]!, parts[2]!, parts[3]!];
    const [y, m, d] = this.order === "ymd" ? [a, b, c] : this.order === "dmy" ? [c, b, a] : [c, a, b];
    if (y.length !== 4) return NaN;
    const iso = Buffer.from(`${y}-${m.padStart(2, "0")}-${d.padStart(2, "0")}`);
    const found = dayAt(iso, 0, iso.length, this.days);
    return found === BAD_DAY ? NaN : found * MINUTES_PER_DAY;
  }

  /** Minutes of `HH:MM`, seconds of zero allowed; NaN for anything else. */
  time(bytes: Uint8Array, from: number, to: number): number {
    const colon = bytes[from + 1] === COLON ? from + 1 : from + 2;
    const hour = colon === from + 1 ? bytes[from]! - ZERO : pair(bytes, from);
    const rest = to - colon;
    const whole = rest === 3 || (rest === 6 && bytes[colon + 3] === COLON && pair(bytes, colon + 4) === 0);
    return bytes[colon] === COLON && whole && hour >= 0 ? clock(hour, pair(bytes, colon + 1)) : NaN;
  }
}

/** `YYYY-MM-DD HH:MM` of minutes since 1970-01-01. @example formatStamp(90) // "1970-01-01 01:30" */
export function formatStamp(minutes: number): string {
  return new Date(minutes * 60_000).toISOString().slice(0, 16).replace("T", " ");
}
