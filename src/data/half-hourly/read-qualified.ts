import type { Conversion } from "../grid/physical-unit";
import { readVariables } from "../columns";
import { WorkbookError } from "../../core/errors";
import type { InputFile } from "../files/input";
import { assemble } from "./assemble";
import type { HalfHourly } from "./half-hourly-table";
import type { Head } from "./head";
import type { ScannedRows } from "./scan";
import { scanFile, type HalfHourlyOptions } from "./scan-file";
import { readSensor, testOf, type Sensor } from "./sensors";
import { formatStamp, type DateOrder } from "./stamps";
import { onAxis, timeAxis } from "./time-axis";
import { fromUnit } from "./unit-text";
import { halfHourlyVariable } from "./variables";

/** Where a layout writes what, besides columns named by base, qualifiers and position. */
export interface QualifiedLayout extends Pick<HalfHourly, "site" | "kind" | "source" | "utcOffset" | "lat" | "lon"> {
  readonly head: Head;
  /** position of the stamp, or of the date */
  readonly stamp: number;
  readonly time: number | null;
  readonly order: DateOrder;
  /** stamps say the end of a step; null where only the first and the last of the file tell */
  readonly ends: boolean | null;
  /** flux columns of a partition by the tower's team count as this variant */
  readonly partition?: string;
}

/**
 * Reads a half-hourly file whose column names are a base with qualifiers and a position (AmeriFlux BASE, ICOS, the input of ONEFlux).
 * @throws WorkbookError MissingColumn (no column the workbook knows), BadUnit, BadDate, DuplicateDay, BadFile, EmptyTable: with the line
 */
export async function readQualified(input: InputFile, layout: QualifiedLayout, options: HalfHourlyOptions = {}): Promise<HalfHourly> {
  const { head, site } = layout;
  const file = input.path;
  const sensors = head.names.map((name, k) => readSensor(name, k)).filter((s): s is Sensor => s !== null);
  if (sensors.length === 0) {
    throw new WorkbookError("MissingColumn", `ingest: ${file} (${site}): at least one column of half-hourly tower files (FC, NEE, TA, SW_IN, …) required, found ${head.names.slice(0, 8).join(", ")}; rename the columns`, { file, site });
  }
  const tests = sensors.map((s) => testOf(s, head.names)).filter((k) => k >= 0);
  const numbers = [...new Set([...sensors.map((s) => s.index), ...tests])];
  const rows = await scanFile(input, head, { stamp: layout.stamp, time: layout.time, order: layout.order, numbers }, readVariables(), options);
  const converted = convertUnits(file, head, sensors, rows);
  const axis = timeAxis(rows, { file, ends: layout.ends ?? stampsEnd(rows, file) });
  const made = assemble(file, site, sensors, head.names, rows, 1440 / axis.stepMinutes);
  const hasPartition = made.columns.has("GPP_PI") && made.columns.has("RECO_PI");
  return {
    file, site, kind: layout.kind, source: layout.source, stepMinutes: axis.stepMinutes, start: axis.start, utcOffset: layout.utcOffset,
    columns: new Map([...made.columns].map(([base, values]) => [base, onAxis(axis, values)])),
    quality: new Map([...made.quality].map(([base, flags]) => [base, onAxis(axis, Float32Array.from(flags, (f) => (f > 3 ? NaN : f)))])),
    ...(hasPartition && layout.partition !== undefined ? { variant: layout.partition } : {}),
    lat: layout.lat, lon: layout.lon, igbp: null,
    warnings: [
      ...(head.latin1 ? [`${file}: text above the data is not UTF-8: read as Latin-1`] : []),
      ...converted, ...axis.warnings, ...made.warnings,
      ...(hasPartition && layout.partition !== undefined ? [`${file}: GPP and RECO are the partition of the tower's team (variant ${layout.partition}); the file does not name its method`] : []),
    ],
  };
}

/** Converts columns by the file's row of units, in place; returns what was converted. */
function convertUnits(file: string, head: Head, sensors: readonly Sensor[], rows: ScannedRows): string[] {
  if (head.units === null) return [];
  const out: string[] = [];
  for (const { base, index, name } of sensors) {
    const unit = head.units[index]!;
    if (unit === "") continue;
    const { scale, offset }: Conversion = fromUnit({ file, line: head.unitsLine, name }, unit, halfHourlyVariable(base)!);
    if (scale === 1 && offset === 0) continue;
    const values = rows.numbers.get(index)!;
    for (let i = 0; i < values.length; i++) values[i] = values[i]! * scale + offset;
    out.push(`${file}: ${name} is converted from ${unit.trim()} to ${halfHourlyVariable(base)!.unit}`);
  }
  return out;
}

/** Whether stamps end their steps: whole days begin after midnight then and end at midnight, else the other way round. */
function stampsEnd({ stamp, n }: ScannedRows, file: string): boolean {
  const atMidnight = (minutes: number): boolean => minutes % 1440 === 0;
  const [first, last] = [atMidnight(stamp[0]!), atMidnight(stamp[n - 1]!)];
  if (first !== last) return last;
  throw new WorkbookError("BadDate", `ingest: ${file}: whole days required to tell whether times start or end a step, found times from ${formatStamp(stamp[0]!)} to ${formatStamp(stamp[n - 1]!)}; give columns TIMESTAMP_START and TIMESTAMP_END`, { file });
}
