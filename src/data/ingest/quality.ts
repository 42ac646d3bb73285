import * as fs from "node:fs";
import * as path from "node:path";
import { COLUMNS, columnSpec, knownColumns } from "../../core/columns";
import { parseDay, type Day } from "../../core/days";
import { WorkbookError } from "../../core/errors";
import { projectRoot } from "../../core/files";
import { readJson } from "../../core/json";
import { nearest } from "../../core/nearest";
import type { Exclusion } from "./exclusion";

/** Values of one site and column that are known to be wrong, with the reason. */
export interface BadValues {
  readonly site: string;
  readonly column: string;
  readonly from: Day;
  readonly to: Day;
  readonly reason: string;
}

/** Columns of a table under construction: `[row]`, sorted by site then day; values are taken out in place. */
export interface QualityColumns {
  readonly site: readonly string[];
  readonly day: Int32Array;
  readonly numbers: Readonly<Record<string, Float32Array>>;
}

/** Fewest days in a row on which a sensor that reports one and the same value counts as stuck. */
const STUCK_DAYS = 7;
/** Sensors whose daily mean never repeats for days; rain, snow-dark radiation and VPD in fog may. */
const NEVER_CONSTANT = ["ta_degC", "pa_kPa", "ws_m_s"];

/**
 * Takes out what cannot be: values named in data/site-exceptions.json, values outside the physical range of their column, and sensors
 * stuck at one value. Only the value goes, the day stays. GPP below zero is partition noise and is kept. Every exclusion is counted.
 * @returns days by site and reason
 * @example applyQuality(columns, readBadValues())
 */
export function applyQuality(columns: QualityColumns, badValues: readonly BadValues[]): Exclusion[] {
  return [...excludeNamed(columns, badValues), ...excludeRange(columns), ...excludeStuck(columns)];
}

function excludeNamed(columns: QualityColumns, badValues: readonly BadValues[]): Exclusion[] {
  const counts = new Counter();
  for (const bad of badValues) {
    const values = columns.numbers[bad.column];
    const first = columns.site.indexOf(bad.site);
    if (!values || first < 0) continue;
    for (let i = first; columns.site[i] === bad.site; i++) {
      if (columns.day[i]! < bad.from || columns.day[i]! > bad.to || values[i] !== values[i]) continue;
      values[i] = NaN;
      counts.add(bad.site, `${bad.column}: ${bad.reason}`);
    }
  }
  return counts.list();
}

function excludeRange(columns: QualityColumns): Exclusion[] {
  const counts = new Counter();
  for (const spec of knownColumns(Object.keys(columns.numbers))) {
    const values = columns.numbers[spec.name]!;
    const [low, high] = spec.range;
    for (let i = 0; i < values.length; i++) {
      if (!(values[i]! < low || values[i]! > high)) continue;
      values[i] = NaN;
      counts.add(columns.site[i]!, `${spec.name} outside ${low}…${high} ${spec.unit}`);
    }
  }
  return counts.list();
}

function excludeStuck(columns: QualityColumns): Exclusion[] {
  const counts = new Counter();
  for (const name of NEVER_CONSTANT) {
    const values = columns.numbers[name];
    if (!values) continue;
    for (let from = 0, i = 1; i <= values.length; i++) {
      const goesOn = i < values.length && values[i] === values[from] && columns.site[i] === columns.site[from] && columns.day[i] === columns.day[i - 1]! + 1;
      if (goesOn) continue;
      if (i - from >= STUCK_DAYS) {
        for (let k = from; k < i; k++) counts.add(columns.site[k]!, `${name} stuck at one value for ${STUCK_DAYS} days or more`);
        values.fill(NaN, from, i);
      }
      from = i;
    }
  }
  return counts.list();
}

class Counter {
  private readonly counts = new Map<string, Map<string, number>>();

  add(site: string, reason: string): void {
    const reasons = this.counts.get(site) ?? new Map<string, number>();
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    this.counts.set(site, reasons);
  }

  list(): Exclusion[] {
    return [...this.counts].flatMap(([site, reasons]) => [...reasons].map(([reason, days]) => ({ site, reason, days })));
  }
}

/**
 * The `values` of data/site-exceptions.json: `[{ site, column, from, to, reason }]`; none where the file or its section is not there.
 * @throws WorkbookError BadConfig for a column that is not canonical or a period that ends before it begins, BadDate
 */
export function readBadValues(file = path.join(projectRoot(), "data", "site-exceptions.json")): BadValues[] {
  if (!fs.existsSync(file)) return [];
  const where = "readBadValues";
  const raw = readJson<{ values?: { site: string; column: string; from: string; to: string; reason: string }[] }>(file, where);
  return (raw.values ?? []).map((entry) => {
    if (!columnSpec(entry.column)) throw new WorkbookError("BadConfig", `${where}: ${file}: ${entry.site}: a canonical column required, found ${entry.column}; nearest ${nearest(entry.column, COLUMNS.map((c) => c.name)).join(", ")}`, { file, site: entry.site, column: entry.column });
    const [from, to] = [parseDay(entry.from, `${where}: ${file}: ${entry.site}`), parseDay(entry.to, `${where}: ${file}: ${entry.site}`)];
    if (to < from) throw new WorkbookError("BadConfig", `${where}: ${file}: ${entry.site}: a period with its first day first required, found ${entry.from} to ${entry.to}; exchange them`, { file, site: entry.site });
    return { site: entry.site, column: entry.column, from, to, reason: entry.reason };
  });
}
