// The rows of half-hourly files, as half-hourly/scan.ts reads them, in AssemblyScript: three times as fast. It reads the plain lines that
// make up such files and stops before any other (quotes, words, exponents, a date that is none), which the caller then reads itself.

const COMMA: u32 = 44;
const QUOTE: u32 = 34;
const LF: u32 = 10;
const CR: u32 = 13;
const MINUS: u32 = 45;
const DOT: u32 = 46;
const ZERO: u32 = 48;
/** What a field is read as, as half-hourly/scan.ts numbers it; other negative numbers are skipped. */
const STAMP: i32 = -2;
const SKIP: i32 = -1;
/** Digits up to which a mantissa and its power of ten are exact. */
const EXACT: usize = 15;

const ONES: u64 = 0x0101010101010101;
const TOPS: u64 = 0x8080808080808080;

/** The top bit of bytes below `limit`, exact up to the first of them. @source Anderson, Bit Twiddling Hacks, "hasless" */
@inline
function below(bytes: u64, limit: u64): u64 {
  return (bytes - ONES * limit) & ~bytes & TOPS;
}

/** Whether eight bytes are digits. @source Lemire, Quickly determining if a string is made of digits, 2018 */
@inline
function allDigits(bytes: u64): bool {
  return ((bytes & 0xf0f0f0f0f0f0f0f0) | (((bytes + 0x0606060606060606) & 0xf0f0f0f0f0f0f0f0) >> 4)) == 0x3333333333333333;
}

/** The number of eight digits, the first in the lowest byte. @source Lemire, Quickly parsing eight digits, 2018 */
@inline
function eightDigits(bytes: u64): u64 {
  let pairs = bytes & 0x0f0f0f0f0f0f0f0f;
  pairs = pairs * 10 + (pairs >> 8);
  return ((pairs & 0x000000ff000000ff) * 0x000f424000000064 + ((pairs >> 16) & 0x000000ff000000ff) * 0x0000271000000001) >> 32;
}

/** Where the last call stopped: the beginning of a line it does not read, or the end. */
export let stopped: usize = 0;

/** Two digits, or 100 where they are none. */
@inline
function pair(at: usize): u32 {
  const a: u32 = load<u8>(at) - ZERO;
  const b: u32 = load<u8>(at, 1) - ZERO;
  return a < 10 && b < 10 ? 10 * a + b : 100;
}

/** Days since 1970-01-01 of a date of the Gregorian calendar. @source Howard Hinnant, chrono-compatible low-level date algorithms */
function days(year: i32, month: i32, day: i32): i32 {
  const y = month <= 2 ? year - 1 : year;
  const era = y / 400;
  const ofEra = y - era * 400;
  const ofYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  return era * 146097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719468;
}

/** Midnight of `YYYYMMDD` in minutes since 1970-01-01; NaN where there is no such date. */
function midnightOf(at: usize): f64 {
  const century = pair(at);
  const ofCentury = pair(at + 2);
  const month = <i32>pair(at + 4);
  const day = <i32>pair(at + 6);
  if (century > 99 || ofCentury > 99 || month < 1 || month > 12 || day < 1) return NaN;
  const year = <i32>(100 * century + ofCentury);
  const leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  const length = month == 2 ? (leap ? 29 : 28) : month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
  return day > length ? NaN : 1440.0 * <f64>days(year, month, day);
}

/**
 * Reads lines from `at` to `end`, at most `most`, and returns their number; the last byte is a line feed.
 * @param kinds what each of `width` fields is `[field]` i32
 * @param stamps minutes since 1970-01-01 of each row `[row]` f64
 * @param values numbers `[column, most]` f32
 * @param powers powers of ten `[0…15]` f64
 * @param missing the code that becomes NaN
 */
export function scan(at: usize, end: usize, kinds: usize, width: i32, stamps: usize, values: usize, most: i32, powers: usize, missing: f64): i32 {
  let row: i32 = 0;
  let date: u64 = 0;
  let midnight: f64 = NaN;
  while (at < end && row < most) {
    stopped = at;
    let c: u32 = COMMA;
    let field: i32 = 0;
    for (; field < width && c == COMMA; field++) {
      const kind = load<i32>(kinds + (<usize>field << 2));
      if (kind >= 0) {
        const negative = load<u8>(at) == MINUS;
        at += <usize>negative;
        const eight = load<u64>(at);
        const ends = below(eight, <u64>DOT);
        const length = <u64>(ctz(ends) >> 3);
        let mantissa: u64 = 0;
        let digits: usize = 0;
        let decimals: usize = 0;
        if (ends != 0 && length != 0) {
          // Up to seven characters, as almost all are: without a branch for each.
          const points = below(eight ^ (ONES * <u64>DOT), 1) & ((<u64>1 << (length << 3)) - 1);
          let kept = eight;
          digits = <usize>length;
          if (points != 0) {
            const point = (ctz(points) >> 3) << 3;
            kept = (eight & ((<u64>1 << point) - 1)) | ((eight >> (point + 8)) << point);
            decimals = digits - <usize>(point >> 3) - 1;
            digits--;
          }
          if (digits == 0) return row;
          const free = <u64>((8 - digits) << 3);
          kept = (kept << free) | ((ONES * <u64>ZERO) & ((<u64>1 << free) - 1));
          if (!allDigits(kept)) return row;
          mantissa = eightDigits(kept);
          at += <usize>length;
          c = load<u8>(at);
        } else {
          c = load<u8>(at);
          const first = at;
          while (c - ZERO < 10) {
            mantissa = mantissa * 10 + <u64>(c - ZERO);
            c = load<u8>(++at);
          }
          digits = at - first;
          if (c == DOT) {
            const point = ++at;
            c = load<u8>(at);
            while (c - ZERO < 10) {
              mantissa = mantissa * 10 + <u64>(c - ZERO);
              c = load<u8>(++at);
            }
            decimals = at - point;
            digits += decimals;
          }
        }
        if (digits - 1 >= EXACT) return row;
        let value = <f64>mantissa / load<f64>(powers + (decimals << 3));
        if (negative) value = -value;
        store<f32>(values + (<usize>(kind * most + row) << 2), value == missing ? f32.NaN : <f32>value);
      } else if (kind == STAMP) {
        const digits = load<u64>(at);
        if (digits != date) {
          midnight = midnightOf(at);
          date = digits;
        }
        const hour = pair(at + 8);
        const minute = pair(at + 10);
        if (midnight != midnight || hour > 23 || minute > 59) return row;
        store<f64>(stamps + (<usize>row << 3), midnight + <f64>(60 * hour + minute));
        at += 12;
        c = load<u8>(at);
      } else if (kind == SKIP) {
        for (;;) {
          const ends = below(load<u64>(at), <u64>MINUS);
          at += <usize>(ctz(ends) >> 3);
          if (ends == 0) continue;
          c = load<u8>(at);
          if (c == COMMA || c == LF) break;
          if (c == QUOTE) return row;
          at++; // a blank, or the carriage return before the line feed
        }
      } else return row;
      if (c == CR) c = load<u8>(++at);
      at++;
    }
    if (field != width || c != LF) return row;
    row++;
  }
  stopped = at;
  return row;
}
