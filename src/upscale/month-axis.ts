import type { Day } from "../core/days";
import { daysInMonth, monthStart } from "../data/grid/cf";
import { MONTH_SHARE } from "../evaluate/months";

/** The months that a daily axis touches. */
export interface MonthAxis {
  /** first day of each `[month]` */
  readonly starts: Int32Array;
  /** month of each day `[day]` */
  readonly of: Int32Array;
  /** days with a value that a mean needs `[month]` */
  readonly needed: Float64Array;
}

/** Lists the months of a daily axis. @example monthAxis({ first: parseDay("2001-01-01"), length: 730 }).starts.length // 24 */
export function monthAxis({ first, length }: { readonly first: Day; readonly length: number }): MonthAxis {
  const starts: number[] = [];
  const of = Int32Array.from({ length }, (_, d) => {
    const start = monthStart(first + d);
    if (starts[starts.length - 1] !== start) starts.push(start);
    return starts.length - 1;
  });
  return { starts: Int32Array.from(starts), of, needed: Float64Array.from(starts, (m) => MONTH_SHARE * daysInMonth(m)) };
}
