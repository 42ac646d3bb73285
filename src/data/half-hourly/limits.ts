import { WorkbookError } from "../../core/errors";
import type { ScannedRows } from "./scan";
import { formatStamp } from "./stamps";
import type { HalfHourlyVariable } from "./variables";

/** A column of a file's rows. */
export interface RowColumn {
  readonly file: string;
  readonly site: string;
  /** the file's own name of it */
  readonly name: string;
  readonly variable: HalfHourlyVariable;
  /** `[row]`; values are taken out in place */
  readonly values: Float32Array;
}

/** Known values in a row outside the possible range from which they are another unit, not noise: one day of half-hours. */
const RUN = 48;

/** Units that a column is mistaken for, by the unit it should have: value × scale + offset. */
const LOOKS: Readonly<Record<string, readonly (readonly [unit: string, scale: number, offset: number])[]>> = {
  "°C": [["K", 1, -273.15], ["°F", 5 / 9, -160 / 9]],
  kPa: [["hPa", 0.1, 0], ["Pa", 0.001, 0]],
  hPa: [["Pa", 0.01, 0]],
};

/**
 * Takes values that cannot be out of a column; where a day or more of them follow each other the file holds another unit there.
 * @returns values taken out
 * @throws WorkbookError BadUnit naming the lines where the other unit begins and ends
 */
export function takeOutImpossible({ file, site, name, variable, values }: RowColumn, rows: ScannedRows): number {
  const [low, high] = variable.range;
  const first = firstOutside(values, low, high);
  if (first < 0) return 0;
  const { length: longest, from: longestFrom, to: longestTo } = longestRun(values, low, high);
  if (longest >= RUN) {
    const wrong = values.slice(longestFrom, longestTo + 1).filter((v) => v < low || v > high).sort();
    const middle = wrong[wrong.length >> 1]!;
    const looks = (LOOKS[variable.unit] ?? []).find(([, scale, offset]) => middle * scale + offset >= low && middle * scale + offset <= high);
    const place = `line ${rows.line[longestFrom]} (${formatStamp(rows.stamp[longestFrom]!)}) to line ${rows.line[longestTo]}`;
    const seen = `${longest} values in a row outside ${low}…${high} (median ${Number(middle.toPrecision(4))})${looks === undefined ? "" : `, which look like ${looks[0]}`}`;
    throw new WorkbookError("BadUnit", `ingest: ${file}: ${site}: ${name} in ${variable.unit} throughout required, found from ${place} ${seen}; convert those lines, or write them as -9999`, { file, site, column: name, line: rows.line[longestFrom]! });
  }
  let out = 0;
  for (let i = first; i < values.length; i++) {
    if (!(values[i]! < low || values[i]! > high)) continue;
    values[i] = NaN;
    out++;
  }
  return out;
}

/** Where the first value outside the range stands; −1 where none does, as in almost every column. */
function firstOutside(values: Float32Array, low: number, high: number): number {
  for (let i = 0; i < values.length; i++) {
    const v = values[i]!;
    if (v < low || v > high) return i;
  }
  return -1;
}

/** The most values outside the range with none inside between them; missing ones do not end the run. */
function longestRun(values: Float32Array, low: number, high: number): { length: number; from: number; to: number } {
  let best = { length: 0, from: 0, to: 0 };
  for (let i = 0, from = 0, length = 0; i < values.length; i++) {
    const v = values[i]!;
    if (v >= low && v <= high) length = 0;
    else if (v === v) {
      if (length++ === 0) from = i;
      if (length > best.length) best = { length, from, to: i };
    }
  }
  return best;
}
