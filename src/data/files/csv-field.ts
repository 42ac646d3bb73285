import { dayOrNull, isRecordDay } from "../../core/days";
import { BAD_DAY } from "../towers/raw-table";

const [CR, SPACE, MINUS, DOT, ZERO] = [13, 32, 45, 46, 48];

/** The field's text, trimmed. */
export function textAt(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString("utf8").trim().replace(/""/g, '"');
}

/** Whether the field repeats the text of the row above, as a site column mostly does: then no new string is made. */
export function sameText(bytes: Uint8Array, from: number, to: number, text: string): boolean {
  if (to - from !== text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[from + i] !== text.charCodeAt(i)) return false;
  return true;
}

/**
 * The number in `bytes[from, to)`; NaN where missing, Infinity where it is no number. Plain decimals are read by hand, the rest by `Number`.
 * @example numberAt(Buffer.from("-9999.0"), 0, 7, new Set(), new Set([-9999])) // NaN
 */
export function numberAt(bytes: Uint8Array, from: number, to: number, missing: ReadonlySet<string>, codes: ReadonlySet<number>): number {
  while (to > from && (bytes[to - 1] === CR || bytes[to - 1] === SPACE)) to--;
  while (from < to && bytes[from] === SPACE) from++;
  if (from === to) return NaN;
  const negative = bytes[from] === MINUS;
  let mantissa = 0;
  let digits = 0;
  let decimals = -1;
  let plain = true;
  for (let i = negative ? from + 1 : from; i < to; i++) {
    const c = bytes[i]! - ZERO;
    if (c >= 0 && c <= 9) {
      mantissa = mantissa * 10 + c;
      digits++;
      if (decimals >= 0) decimals++;
    } else if (bytes[i] === DOT && decimals < 0) decimals = 0;
    else {
      plain = false;
      break;
    }
  }
  let value: number;
  // Up to 15 digits the mantissa and the power of ten are exact, so one division rounds correctly.
  if (plain && digits > 0 && digits <= 15) value = (negative ? -mantissa : mantissa) / (decimals > 0 ? 10 ** decimals : 1);
  else {
    const text = textAt(bytes, from, to);
    if (text === "" || missing.has(text)) return NaN;
    value = Number(text);
    if (!Number.isFinite(value)) return Infinity;
  }
  return codes.has(value) ? NaN : value;
}

/**
 * Day of `YYYYMMDD` or `YYYY-MM-DD` from 1800 to 2200, a midnight after it allowed; `BAD_DAY` for anything else. `seen` remembers the digits of days
 * already read, as the same dates come again at every site.
 * @example dayAt(Buffer.from("19700102"), 0, 8, new Map()) // 1
 */
export function dayAt(bytes: Uint8Array, from: number, to: number, seen: Map<number, number>): number {
  const dashed = to - from === 10 && bytes[from + 4] === MINUS && bytes[from + 7] === MINUS;
  let digits = dashed || to - from === 8 ? 0 : NaN;
  for (let i = from; i < to && digits === digits; i++) {
    if (dashed && (i === from + 4 || i === from + 7)) continue;
    const c = bytes[i]! - ZERO;
    digits = c >= 0 && c <= 9 ? digits * 10 + c : NaN;
  }
  const known = seen.get(digits);
  if (known !== undefined) return known;
  const read = dayOrNull(textAt(bytes, from, to).replace(/[T ]00:00(:00(\.0+)?)?Z?$/, ""));
  const day = read !== null && isRecordDay(read) ? read : BAD_DAY;
  if (digits === digits) seen.set(digits, day);
  return day;
}
