import { WorkbookError } from "../../core/errors";

const HOURS = 24;
/** Fall from the day's highest value so far, as a share of the day's highest, beyond noise of packing and dew after evaporation. */
const FALL = 0.2;
/** Shares of days with such a fall: amounts since 00 UTC have none, those of the hour on nearly all days but those whose most comes last. */
const [FEW, MOST] = [0.1, 0.75];

/** Hourly values of one place: hours since 1970-01-01 00 UTC, ascending, not necessarily gapless. */
export interface HourlySeries {
  /** `[step]` */
  readonly hour: Int32Array;
  /** `[step]` */
  readonly values: Float64Array;
}

/** Daily values on UTC days. */
export interface UtcDays {
  /** first day, since 1970-01-01 */
  readonly first: number;
  /** `[day]`, NaN where an hour that the day needs is missing */
  readonly values: Float32Array;
}

/**
 * Whether amounts are those since 00 UTC (as ERA5-Land's hourly fields are) or of single hours (as time series made for points are): the first
 * only grow within a day, the second fall again. Without any amount it is null, and then both readings give the same.
 * @throws WorkbookError BadUnit where some days tell one and some the other
 * @source ERA5-Land documentation: accumulations from 00 UTC to the hour; ARCO ERA5-Land time series: de-accumulated
 * @example isAccumulated(series, "era5.csv", "tp") // true
 */
export function isAccumulated(series: HourlySeries, file: string, column: string): boolean | null {
  let [falling, growing] = [0, 0];
  eachDay(series, (at) => {
    const amounts = Array.from({ length: HOURS }, (_, h) => Math.abs(at(h + 1)));
    const most = Math.max(...amounts);
    if (!(most > 0)) return;
    let highest = 0;
    const falls = amounts.some((a) => {
      highest = Math.max(highest, a);
      return highest - a > FALL * most;
    });
    if (falls) falling++;
    else growing++;
  });
  if (falling + growing === 0) return null;
  const share = falling / (falling + growing);
  if (share <= FEW) return true;
  if (share >= MOST) return false;
  throw new WorkbookError("BadUnit", `ingest: ${file}: ${column}: amounts since 00 UTC, or amounts of the hour, on all days required, found both (${growing} days of the first kind, ${falling} of the second); give the product as published, or daily sums`, { file, column });
}

/**
 * Day's mean of the 24 states at 00 to 23 UTC.
 * @example meanOfDay(temperature).values[0]
 */
export function meanOfDay(series: HourlySeries): UtcDays {
  return daily(series, (at) => {
    let sum = 0;
    for (let h = 0; h < HOURS; h++) sum += at(h);
    return sum / HOURS;
  });
}

/**
 * Day's sum: the value at 00 UTC of the next day where amounts count from 00 UTC, else the sum of the steps 01 to 24 (each ends its hour).
 * @source ERA5-Land documentation, accumulations; method §2
 * @example sumOfDay(precipitation, true).values[0]
 */
export function sumOfDay(series: HourlySeries, accumulated: boolean): UtcDays {
  if (accumulated) return daily(series, (at) => at(HOURS));
  return daily(series, (at) => {
    let sum = 0;
    for (let h = 1; h <= HOURS; h++) sum += at(h);
    return sum;
  });
}

function daily(series: HourlySeries, valueOf: (at: (hour: number) => number) => number): UtcDays {
  const values: number[] = [];
  eachDay(series, (at) => values.push(valueOf(at)));
  return { first: Math.floor((series.hour[0] ?? 0) / HOURS), values: Float32Array.from(values) };
}

/** Goes through the days from the first step to the last that begins one; hour 24 is 00 UTC of the next day. */
function eachDay({ hour, values }: HourlySeries, visit: (at: (hour: number) => number) => void): void {
  if (hour.length === 0) return;
  const [first, last] = [hour[0]!, hour[hour.length - 1]!];
  const laid = new Float64Array(last - first + 1).fill(NaN);
  hour.forEach((h, i) => (laid[h - first] = values[i]!));
  for (let day = Math.floor(first / HOURS); day * HOURS <= last; day++) {
    // a last step at 00 UTC ends the day before and begins none
    if (day * HOURS === last && last > first) break;
    visit((h) => laid[day * HOURS + h - first] ?? NaN);
  }
}
