import { WorkbookError } from "../../core/errors";
import type { StepMinutes } from "./half-hourly-table";
import type { ScannedRows } from "./scan";
import { formatStamp } from "./stamps";

/** Equal steps from a file's first to its last, in local standard time. */
export interface TimeAxis {
  readonly stepMinutes: StepMinutes;
  /** start of each step, minutes since 1970-01-01 `[step]` */
  readonly start: Float64Array;
  /** row of each step, −1 where the file has none; null where every step has its row `[step]` */
  readonly rowOf: Int32Array | null;
  readonly warnings: readonly string[];
}

const DAY = 1440;
const HOUR = 60;
/** Rows that tell the step. */
const TELLING = 200;
/** Steps that may be missing between two rows: beyond, a stamp is wrong. */
const LONGEST_GAP_DAYS = 366 * 30;

/**
 * Lays rows on equal steps of 30 or 60 minutes; steps that the file leaves out have no row, which is told.
 * @param ends the file stamps the end of a step, not its start
 * @throws WorkbookError BadDate: other steps, a stamp before the last one, an hour left out or doubled as by daylight-saving time, a jump of
 *   decades; DuplicateDay: two rows for one step. Each names both lines.
 * @source time stamps: FLUXNET and AmeriFlux, local standard time without daylight-saving time, every step present
 * @example timeAxis(rows, { file: "a.csv", ends: false }).stepMinutes // 30
 */
export function timeAxis(rows: ScannedRows, { file, ends }: { readonly file: string; readonly ends: boolean }): TimeAxis {
  const stepMinutes = stepOf(rows, file);
  const shift = ends ? stepMinutes : 0;
  const first = rows.stamp[0]! - shift;
  if (first % stepMinutes !== 0) throw badDate(file, rows, 0, `times on the full ${stepMinutes === 30 ? "or half hour" : "hour"} required`, `found ${formatStamp(rows.stamp[0]!)}`, "round the stamps");
  const gaps: { readonly row: number; readonly steps: number }[] = [];
  for (let i = 1; i < rows.n; i++) {
    const d = rows.stamp[i]! - rows.stamp[i - 1]!;
    if (d === stepMinutes) continue;
    checkJump(rows, i, stepMinutes, file);
    gaps.push({ row: i, steps: d / stepMinutes - 1 });
  }
  if (gaps.length === 0 && !ends) return { stepMinutes, start: rows.stamp, rowOf: null, warnings: [] };
  const steps = (rows.stamp[rows.n - 1]! - rows.stamp[0]!) / stepMinutes + 1;
  const start = new Float64Array(steps);
  for (let i = 0; i < steps; i++) start[i] = first + i * stepMinutes;
  if (gaps.length === 0) return { stepMinutes, start, rowOf: null, warnings: [] };
  const rowOf = new Int32Array(steps).fill(-1);
  for (let i = 0; i < rows.n; i++) rowOf[(rows.stamp[i]! - shift - first) / stepMinutes] = i;
  return { stepMinutes, start, rowOf, warnings: gapWarnings(rows, gaps, stepMinutes, file) };
}

/** A column on the axis: NaN where the file has no row. */
export function onAxis(axis: TimeAxis, values: Float32Array): Float32Array {
  const { rowOf } = axis;
  return rowOf === null ? values : Float32Array.from(rowOf, (row) => (row < 0 ? NaN : values[row]!));
}

function stepOf(rows: ScannedRows, file: string): StepMinutes {
  const counts = new Map<number, number>();
  for (let i = 1; i < Math.min(rows.n, TELLING); i++) {
    const d = rows.stamp[i]! - rows.stamp[i - 1]!;
    if (d > 0) counts.set(d, (counts.get(d) ?? 0) + 1);
  }
  const step = [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
  if (step === 30 || step === 60) return step;
  if (step === undefined) throw new WorkbookError("BadDate", `ingest: ${file}: half-hours or hours one after the other required, found ${rows.n === 1 ? "one row" : "no two in order"}; copy or download the file again`, { file });
  let at = 1;
  while (rows.stamp[at]! - rows.stamp[at - 1]! !== step) at++;
  throw badDate(file, rows, at, "steps of 30 or 60 minutes required", `found ${step} minutes from ${formatStamp(rows.stamp[at - 1]!)} to ${formatStamp(rows.stamp[at]!)}`, "average the rows to half-hours");
}

/** Refuses what cannot be a gap in the record. */
function checkJump(rows: ScannedRows, i: number, step: number, file: string): void {
  const [before, now] = [rows.stamp[i - 1]!, rows.stamp[i]!];
  const d = now - before;
  const lines = `lines ${rows.line[i - 1]} and ${rows.line[i]}`;
  if (d <= 0 && d > -HOUR && (d < 0 || step === HOUR) && isChangeOfClocks(now)) {
    throw badDate(file, rows, i, "local standard time all year required", `found ${formatStamp(now)} a second time, as where clocks go back (daylight-saving time)`, "take an hour from the stamps between the changes in spring and autumn");
  }
  if (d === 0) throw new WorkbookError("DuplicateDay", `ingest: ${file}: one row for each ${step === HOUR ? "hour" : "half-hour"} required, found two for ${formatStamp(now)} (${lines}); remove one`, { file, line: rows.line[i]!, date: formatStamp(now) });
  if (d < 0) throw badDate(file, rows, i, "rows in order of time required", `found ${formatStamp(now)} after ${formatStamp(before)}`, "sort the lines");
  if (d % step !== 0) throw badDate(file, rows, i, `equal steps of ${step} minutes required`, `found ${d} minutes after ${formatStamp(before)}`, "mend that stamp");
  if (d > LONGEST_GAP_DAYS * DAY) throw badDate(file, rows, i, "one period required", `found a jump from ${formatStamp(before)} to ${formatStamp(now)}`, "mend that stamp");
  if (d === step + HOUR && isChangeOfClocks(before + step)) {
    throw badDate(file, rows, i, "local standard time all year required", `found no row from ${formatStamp(before + step)} to ${formatStamp(now)}, as where clocks go forward (daylight-saving time)`, "take an hour from the stamps from there to the change in autumn; if the hour is a gap of the record, write its rows with -9999");
  }
}

/** Nights in which clocks change, either hemisphere: Sundays of March, April and September to November, before 04:00. @source IANA time zone database, rules of 1996 to 2026 */
function isChangeOfClocks(minutes: number): boolean {
  const date = new Date(minutes * 60_000);
  return date.getUTCDay() === 0 && date.getUTCHours() < 4 && [3, 4, 9, 10, 11].includes(date.getUTCMonth() + 1);
}

function gapWarnings(rows: ScannedRows, gaps: readonly { row: number; steps: number }[], step: number, file: string): string[] {
  const total = gaps.reduce((sum, g) => sum + g.steps, 0);
  const [first] = gaps;
  const at = (row: number): string => `line ${rows.line[row]} (${formatStamp(rows.stamp[row]!)})`;
  const out = [`${file}: ${total} steps of ${step} minutes are not in the file, in ${gaps.length} ${gaps.length === 1 ? "gap" : "gaps"}, the first before ${at(first!.row)}: left empty`];
  for (const { row, steps } of gaps) {
    const missing = new Date((rows.stamp[row - 1]! + step) * 60_000);
    const leap = steps * step === DAY && missing.getUTCMonth() === 1 && missing.getUTCDate() === 29;
    if (leap) out.push(`${file}: 29 February ${missing.getUTCFullYear()} is missing before ${at(row)}: left empty; write its rows, or see that the days after it carry their own dates`);
  }
  return out;
}

function badDate(file: string, rows: ScannedRows, row: number, required: string, found: string, cure: string): WorkbookError {
  return new WorkbookError("BadDate", `ingest: ${file} line ${rows.line[row]}: ${required}, ${found}; ${cure}`, { file, line: rows.line[row]!, date: formatStamp(rows.stamp[row]!) });
}
