import { anyKnown } from "../any-known";
import type { ScannedRows } from "./scan";
import { bySensorRank, type Sensor } from "./sensors";
import { formatStamp } from "./stamps";

/** One quantity's values, from one sensor or from several after each other. */
export interface Picked {
  /** name of the sensor taken */
  readonly name: string;
  /** `[row]` */
  readonly values: Float32Array;
  readonly warnings: readonly string[];
}

/** Days without a value after which a sensor has ended, not failed. */
const ENDED_DAYS = 30;

/**
 * Takes one of the sensors of a quantity: the first by rank that has values. Where it has none for 30 days and more and another has, as after
 * a change of names, the other is taken there, which is told. Null where no sensor has a value.
 * @example pickSensor("a.csv", sensors, rows, 48)?.name // "TA_1_1_1"
 */
export function pickSensor(file: string, sensors: readonly Sensor[], rows: ScannedRows, perDay: number): Picked | null {
  const ranked = [...sensors].sort(bySensorRank).filter(({ index }) => anyKnown(rows.numbers.get(index)!, 0, rows.n));
  const [first, ...others] = ranked;
  if (first === undefined) return null;
  let values = rows.numbers.get(first.index)!;
  const warnings: string[] = [];
  const at = (row: number): string => `line ${rows.line[row]} (${formatStamp(rows.stamp[row]!)})`;
  for (const [from, to] of longGaps(values, ENDED_DAYS * perDay)) {
    const other = others.find(({ index }) => anyKnown(rows.numbers.get(index)!, from, to));
    if (other !== undefined) {
      if (values === rows.numbers.get(first.index)) values = values.slice();
      values.set(rows.numbers.get(other.index)!.subarray(from, to), from);
      warnings.push(`${file}: ${first.name} has no value from ${at(from)} to ${at(to - 1)}: ${other.name} is taken there; if it stands at another height or is another sensor, remove its column`);
    } else if (to === rows.n) warnings.push(`${file}: ${first.name} has no value from ${at(from)} to the end: missing there; if the sensor was renamed, give the new column a name of ${first.base}`);
  }
  return { name: first.name, values, warnings };
}

/** Runs of at least `least` missing values, each from its first row to one past its last. */
function longGaps(values: Float32Array, least: number): [number, number][] {
  const out: [number, number][] = [];
  for (let i = 0, from = 0; i <= values.length; i++) {
    if (i < values.length && values[i] !== values[i]) continue;
    if (i - from >= least) out.push([from, i]);
    from = i + 1;
  }
  return out;
}
