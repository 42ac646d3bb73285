import { WorkbookError } from "../../core/errors";
import { bareSite } from "../carbonfluxbench/folder";
import type { Variables } from "../columns";
import { readHeader, readRows, type CsvRows } from "../files/csv";
import { siteInName } from "../towers/site-name";
import { bandKey, indexOfBand, type ModisProduct } from "./modis-products";
import { SITE_ID, satelliteDay, type PointRows } from "./point-rows";

/** Columns that hold a date, the surest first. */
const DATES = ["calendar_date", "date", "modis_date", "system:time_start", "system:index", "timestamp"];
/** Texts by which a product may be named. */
const NAMED = ["product", "band"];

/**
 * Reads a MODIS export with one column a band: Google Earth Engine (`system:index`, `date`, packed integers), AppEEARS point samples
 * (`ID`, `Category`, `Date`, `MOD13A1_061__500m_16_days_EVI`, scaled), or ORNL subsets laid out that way (`calendar_date`).
 * @throws WorkbookError MissingColumn (no date), BadDate with its line, and what `readRows` throws
 * @source layouts: Earth Engine Export.table.toDrive; AppEEARS point sample README; ORNL DAAC web service, `calendar_date`
 * @example readWideCsv(bytes, "AT-Neu_MCD15A2H.csv", products, variables).bands.get("Lai_500m")
 */
export function readWideCsv(bytes: Uint8Array, file: string, products: readonly ModisProduct[], variables: Variables): PointRows {
  const header = readHeader(bytes, file);
  const keys = header.names.map(bandKey);
  const lower = header.names.map((n) => n.trim().toLowerCase());
  const at = (names: readonly string[]): number => names.map((n) => lower.indexOf(n)).find((i) => i >= 0) ?? -1;
  const date = at(DATES);
  if (date < 0) throw new WorkbookError("MissingColumn", `ingest: ${file}: a column ${DATES.slice(0, 3).join(", ")} or system:index required, found ${header.names.slice(0, 8).join(", ")}; export the image's date too`, { file, column: "date" });
  const places = [...variables.keys.site, "id", "category"].map((n) => lower.indexOf(n)).filter((i) => i >= 0);
  const index = lower.indexOf("system:index");
  const named = NAMED.map((n) => lower.indexOf(n)).filter((i) => i >= 0);
  const [lat, lon] = [at(variables.keys.lat), at(variables.keys.lon)];
  const wanted = new Set(products.flatMap((p) => [...p.bands, ...p.quality].map((b) => indexOfBand(keys, b.names)).concat(indexOfBand(keys, p.acquired ?? []))));
  const bands = [...wanted].filter((i) => i >= 0);
  const texts = [...new Set([date, ...places, ...named, ...(index < 0 ? [] : [index])])];
  const numbers = [...new Set([...bands, ...(lat < 0 || lon < 0 ? [] : [lat, lon])])].filter((i) => !texts.includes(i));
  const rows = readRows(bytes, header, { day: null, numbers, texts, missingTexts: variables.missingTexts, missingCodes: variables.missingCodes }, file);
  return {
    file,
    hints: [...new Set(named.map((i) => rows.texts.get(i)![0]!)), ...header.names],
    stored: !header.names.some((name) => /^M[CODY]+D\d{2}\w*_\d{3}_/i.test(name)),
    site: siteColumn(rows, places, index),
    lat: lat < 0 || lon < 0 ? null : rows.numbers.get(lat)!,
    lon: lat < 0 || lon < 0 ? null : rows.numbers.get(lon)!,
    day: daysOf(rows, date, header.names[date]!, file),
    bands: new Map(bands.map((i) => [header.names[i]!, rows.numbers.get(i)!])),
  };
}

/** The first column whose texts are site ids; else the first there is; else what Earth Engine's index ends with. */
function siteColumn(rows: CsvRows, places: readonly number[], index: number): (string | null)[] {
  const isId = (text: string): boolean => SITE_ID.test(bareSite(text));
  const column = places.find((i) => isId(rows.texts.get(i)![0]!)) ?? places.find((i) => satelliteDay(rows.texts.get(i)![0]!) === null);
  if (column !== undefined) return rows.texts.get(column)!.map((text) => (text === "" ? null : text));
  return index < 0 ? new Array<null>(rows.n).fill(null) : rows.texts.get(index)!.map((text) => siteInName(text));
}

/** The day of each row. @throws WorkbookError BadDate with its line */
export function daysOf(rows: CsvRows, date: number, name: string, file: string): Int32Array {
  return Int32Array.from(rows.texts.get(date)!, (text, row) => {
    const day = satelliteDay(text);
    if (day !== null) return day;
    const line = rows.line[row]!;
    throw new WorkbookError("BadDate", `ingest: ${file} line ${line}: a date such as 2000-02-18 or A2000049 required in ${name}, found "${text}"; mend that line`, { file, line, column: name, date: text });
  });
}
