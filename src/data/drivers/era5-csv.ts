import { asDay, dayOrNull } from "../../core/days";
import { WorkbookError } from "../../core/errors";
import { bareSite } from "../carbonfluxbench/folder";
import { readHeader, readRows } from "../files/csv";
import { siteInName } from "../towers/site-name";
import type { DriverContext } from "./driver-context";
import { requireSteps, type Era5Series } from "./era5";
import { era5Names } from "./era5-names";
import { sitesInCells } from "./era5-cells";
import { satelliteDay } from "./point-rows";

/** Columns that hold the time, the surest first. */
export const TIMES = ["valid_time", "time", "datetime", "date", "timestamp", "system:time_start", "system:index"];

/**
 * Reads ERA5-Land at points from CSV: the Climate Data Store's time series (`valid_time`, `t2m`, `latitude`, `longitude`), Earth Engine's
 * hourly and daily collections (`system:index` or `date`, published names), one or many sites. Times are UTC; another zone is refused.
 * @throws WorkbookError MissingColumn (time, a known variable), BadDate with its line, BadSite
 * @source Climate Data Store, ERA5-Land hourly time-series; Earth Engine ECMWF/ERA5_LAND
 * @example readEra5Csv(bytes, "era5_DE-Hai.csv", "era5_DE-Hai.csv", context)[0].hour.length
 */
export function readEra5Csv(bytes: Uint8Array, file: string, name: string, context: DriverContext): Era5Series[] {
  const { variables } = context;
  const meaningOf = era5Names();
  const header = readHeader(bytes, file);
  const lower = header.names.map((n) => n.trim().toLowerCase());
  const at = (names: readonly string[]): number => names.map((n) => lower.indexOf(n)).find((i) => i >= 0) ?? -1;
  const time = at(TIMES);
  if (time < 0) throw new WorkbookError("MissingColumn", `ingest: ${file}: a column ${TIMES.slice(0, 4).join(", ")} or system:index required, found ${header.names.slice(0, 8).join(", ")}; export the time too`, { file, column: "time" });
  const [site, index, lat, lon] = [at(variables.keys.site), lower.indexOf("system:index"), at(variables.keys.lat), at(variables.keys.lon)];
  const values = header.names.map((_, i) => i).filter((i) => i !== time && (meaningOf(header.names[i]!, true) ?? meaningOf(header.names[i]!, false)) !== null);
  const texts = [...new Set([time, site, index])].filter((i) => i >= 0);
  const rows = readRows(bytes, header, { day: null, numbers: [...values, ...[lat, lon].filter((i) => i >= 0)], texts, missingTexts: variables.missingTexts, missingCodes: variables.missingCodes }, file);
  const hours = Int32Array.from(rows.texts.get(time)!, (text, row) => hourOf(text, file, header.names[time]!, rows.line[row]!));
  const hourly = hours.some((h) => h % 24 !== 0);
  const found = values.flatMap((i) => {
    const means = meaningOf(header.names[i]!, hourly);
    return means === null ? [] : [{ i, means, name: header.names[i]! }];
  }).sort((a, b) => Number(b.means.kind === "amount") - Number(a.means.kind === "amount"));
  if (found.length === 0) throw new WorkbookError("MissingColumn", `ingest: ${file}: a variable of ERA5-Land (temperature_2m, t2m, total_precipitation_sum, tp, …) required, found ${header.names.slice(0, 8).join(", ")}; export the published names`, { file });
  const named = site >= 0 ? rows.texts.get(site)! : index >= 0 ? rows.texts.get(index)!.map((t) => siteInName(t) ?? "") : null;
  const degrees = (i: number, row: number): number => (i < 0 ? NaN : rows.numbers.get(i)![row]!);
  const groups = rowsBy(hours.length, (row) => named?.[row] || `${degrees(lat, row)} ${degrees(lon, row)}`);
  const cells = groups.map(([row]) => ({ lat: degrees(lat, row!), lon: degrees(lon, row!) }));
  const sites = groups.every(([row]) => named?.[row!]) ? groups.map(([row]) => [bareSite(named![row!]!)]) : sitesInCells(cells, file, name, context.sites);
  return groups.flatMap((of, k) => sites[k]!.map((id): Era5Series => {
    const order = of.sort((a, b) => hours[a]! - hours[b]!);
    const hour = Int32Array.from(order, (row) => hours[row]!);
    requireSteps(hour, file, id);
    return { file, site: id, hour, variables: found.map((f) => ({ name: f.name, means: f.means, unit: null, values: Float64Array.from(order, (row) => rows.numbers.get(f.i)![row]!) })) };
  }));
}

/** Hours since 1970-01-01 00 UTC of `2019-01-01T05:00:00`, `2019-01-01 05:00`, `20190101T05`, a date alone, or milliseconds. */
function hourOf(text: string, file: string, column: string, line: number): number {
  const m = /^(\d{4}-?\d{2}-?\d{2})(?:[T ](\d{2})(?::?(\d{2}))?(?::?(\d{2})(?:\.\d+)?)?)?\s*(Z|UTC|[+-]00:?00)?(?:_.*)?$/.exec(text.trim());
  const day = m === null ? null : dayOrNull(m[1]!);
  if (m !== null && day !== null && Number(m[2] ?? 0) < 24 && Number(m[3] ?? 0) === 0) return day * 24 + Number(m[2] ?? 0);
  if (/^\d{11,13}$/.test(text.trim())) return Math.round(Number(text) / 3_600_000);
  const index = satelliteDay(text);
  if (index !== null && /^\d{4}_/.test(text)) return asDay(index) * 24;
  throw new WorkbookError("BadDate", `ingest: ${file} line ${line}: a full hour in UTC (2019-01-01T05:00) or a date required in ${column}, found "${text}"; mend that line`, { file, line, column, date: text });
}

/** Row numbers with the same key, in the order of their first. */
function rowsBy(n: number, keyOf: (row: number) => string): number[][] {
  const out = new Map<string, number[]>();
  for (let row = 0; row < n; row++) {
    const rows = out.get(keyOf(row)) ?? [];
    out.set(keyOf(row), rows);
    rows.push(row);
  }
  return [...out.values()];
}
