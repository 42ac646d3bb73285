import { WorkbookError } from "../../core/errors";
import { isObject, parseJson } from "../../core/json";
import { brief } from "../../core/printable";
import type { Variables } from "../columns";
import { readHeader, readRows } from "../files/csv";
import { daysOf } from "./modis-csv";
import { satelliteDay, type PointRows } from "./point-rows";

/**
 * Reads a MODIS table with one line a band and pixel, as MODISTools writes the ORNL web service's answers: `band`, `calendar_date`,
 * `pixel`, `value`, `site`.
 * @throws WorkbookError MissingColumn, BadDate, and what `readRows` throws
 * @source MODISTools 1.1, mt_subset
 * @example readLongCsv(bytes, "subset.csv", variables).bands.get("250m_16_days_EVI")
 */
export function readLongCsv(bytes: Uint8Array, file: string, variables: Variables): PointRows {
  const header = readHeader(bytes, file);
  const lower = header.names.map((n) => n.trim().toLowerCase());
  const need = (name: string): number => {
    const at = lower.indexOf(name);
    if (at < 0) throw new WorkbookError("MissingColumn", `ingest: ${file}: column ${name} required, found ${header.names.slice(0, 8).join(", ")}; write the table with MODISTools`, { file, column: name });
    return at;
  };
  const [band, value] = [need("band"), need("value")];
  const date = lower.includes("calendar_date") ? need("calendar_date") : need("modis_date");
  const optional = ["pixel", "site", "product"].map((name) => lower.indexOf(name));
  const [lat, lon] = [lower.indexOf("latitude"), lower.indexOf("longitude")];
  const texts = [date, band, ...optional.filter((i) => i >= 0)];
  const rows = readRows(bytes, header, { day: null, numbers: [value, ...[lat, lon].filter((i) => i >= 0)], texts, missingTexts: variables.missingTexts, missingCodes: variables.missingCodes }, file);
  const text = (i: number, row: number): string => (i < 0 ? "" : rows.texts.get(i)![row]!);
  const days = daysOf(rows, date, header.names[date]!, file);
  const cells = Array.from({ length: rows.n }, (_, row): BandValue => ({
    site: text(optional[1]!, row) || null, day: days[row]!, pixel: text(optional[0]!, row), band: text(band, row), value: rows.numbers.get(value)![row]!,
    lat: lat < 0 ? NaN : rows.numbers.get(lat)![row]!, lon: lon < 0 ? NaN : rows.numbers.get(lon)![row]!,
  }));
  return { file, hints: optional[2]! < 0 ? [] : [text(optional[2]!, 0)], stored: true, ...spread(cells) };
}

/** One value of one band, pixel and day. */
interface BandValue {
  readonly site: string | null;
  readonly lat: number;
  readonly lon: number;
  readonly day: number;
  readonly pixel: string;
  readonly band: string;
  readonly value: number;
}

/**
 * Reads an answer of the ORNL web service: `subset` holds one entry a band and day, `data` its pixels.
 * @throws WorkbookError BadFile for JSON of another kind, BadDate
 * @source ORNL DAAC MODIS/VIIRS subsets web service, api/v1/{product}/subset
 * @example readOrnlJson(bytes, "US-Var_MOD13Q1.json").day.length
 */
export function readOrnlJson(bytes: Uint8Array, file: string): PointRows {
  let raw: Partial<OrnlAnswer>;
  try {
    raw = parseJson(Buffer.from(bytes).toString("utf8")) as Partial<OrnlAnswer>;
  } catch (cause) {
    throw new WorkbookError("BadFile", `ingest: ${file}: JSON of the ORNL web service required, found: ${(cause as Error).message}; download the file again`, { file, cause });
  }
  if (!Array.isArray(raw.subset) || raw.subset.length === 0) throw new WorkbookError("BadFile", `ingest: ${file}: "subset" with at least one entry required, found none; ask the service for dates that it has`, { file });
  for (const key of ["site", "product", "header", "band", "latitude", "longitude"] as const) {
    if (!isPlain(raw[key]) || (typeof raw[key] === "number" && !key.endsWith("itude"))) throw new WorkbookError("BadFile", `ingest: ${file}: "${key}" as a plain value required, found ${brief(raw[key], 40)}; download the file again`, { file });
  }
  const cells = raw.subset.flatMap((entry, k) => {
    const date = isEntry(entry) ? (entry.calendar_date ?? entry.modis_date ?? "") : "";
    const day = satelliteDay(date);
    if (!isEntry(entry) || day === null) throw new WorkbookError("BadDate", `ingest: ${file}: subset ${k + 1}: calendar_date, band and data required, found ${brief(isObject(entry) ? { ...entry, data: undefined } : entry, 60)}; download the file again`, { file });
    return entry.data.map((value, pixel): BandValue => ({ site: raw.site ?? null, lat: Number(raw.latitude ?? NaN), lon: Number(raw.longitude ?? NaN), day, pixel: String(pixel), band: entry.band ?? raw.band ?? "", value: value === null || value === "" ? NaN : Number(value) }));
  });
  return { file, hints: [raw.product ?? "", raw.header ?? ""], stored: true, ...spread(cells) };
}

interface OrnlAnswer {
  readonly latitude?: number | string;
  readonly longitude?: number | string;
  readonly site?: string;
  readonly product?: string;
  /** the address asked, in which the product stands */
  readonly header?: string;
  readonly band?: string;
  readonly subset: readonly unknown[];
}

interface OrnlEntry {
  readonly modis_date?: string | null;
  readonly calendar_date?: string | null;
  readonly band?: string | null;
  readonly data: readonly (number | string | null)[];
}

const isPlain = (value: unknown): boolean => value === undefined || value === null || typeof value === "string" || typeof value === "number";

function isEntry(entry: unknown): entry is OrnlEntry {
  if (!isObject(entry)) return false;
  const { data } = entry;
  return ["modis_date", "calendar_date", "band"].every((key) => isPlain(entry[key]) && typeof entry[key] !== "number") && Array.isArray(data) && data.every((value) => value !== undefined && isPlain(value));
}

/** One row a site, day and pixel, one array a band. */
function spread(cells: readonly BandValue[]): Pick<PointRows, "site" | "lat" | "lon" | "day" | "bands"> {
  const rows = new Map<string, number>();
  const first: BandValue[] = [];
  for (const cell of cells) {
    const key = keyOf(cell);
    if (rows.has(key)) continue;
    rows.set(key, first.length);
    first.push(cell);
  }
  const bands = new Map<string, Float64Array>();
  for (const cell of cells) {
    const values = bands.get(cell.band) ?? new Float64Array(first.length).fill(NaN);
    bands.set(cell.band, values);
    values[rows.get(keyOf(cell))!] = cell.value;
  }
  return { site: first.map((c) => c.site), lat: Float64Array.from(first, (c) => c.lat), lon: Float64Array.from(first, (c) => c.lon), day: Int32Array.from(first, (c) => c.day), bands };
}

const keyOf = ({ site, lat, lon, day, pixel }: BandValue): string => `${site} ${lat} ${lon} ${day} ${pixel}`;
