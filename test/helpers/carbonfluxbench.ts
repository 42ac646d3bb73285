import * as fs from "node:fs";
import * as path from "node:path";
import { columnsOf } from "../../src/core/columns";
import { sqlText, withDuckDb } from "../../src/data/files/duckdb";

/** A row of a file to be written: column → value. */
export type FileRow = Readonly<Record<string, string | number | null>>;

/** Columns that the small files have beyond the minimal set. */
export const STANDARD = [...columnsOf("reanalysis"), "snowfall_sum", "surface_pressure"];
export const FULL = [...STANDARD, "temperature_2m_max", "skin_temperature_min"];

/** Writes rows as Parquet in their order; texts as VARCHAR, numbers as DOUBLE, TIMESTAMP as BIGINT as published. */
export async function writeParquet(file: string, rows: readonly FileRow[]): Promise<void> {
  const names = Object.keys(rows[0]!);
  const literal = (value: FileRow[string], name: string): string => (value === null ? "NULL" : typeof value === "string" ? sqlText(value) : name === "TIMESTAMP" ? `${value}::BIGINT` : `${value}::DOUBLE`);
  const lines = rows.map((row) => `(${names.map((name) => literal(row[name]!, name)).join(", ")})`);
  await withDuckDb(async (db) => void (await db.run(`COPY (SELECT * FROM (VALUES ${lines.join(", ")}) t(${names.map((n) => `"${n}"`).join(", ")})) TO ${sqlText(file)} (FORMAT parquet)`)), 1);
}

const iso = (day: number): string => new Date(day * 86_400_000).toISOString().slice(0, 10);

/** A day's target row of the benchmark. */
export function target(site: string, day: number, more: FileRow = {}): FileRow {
  return { TIMESTAMP: Number(iso(day).replace(/-/g, "")), site, lat: 51.07921, lon: 10.4522, IGBP: "DBF", GPP_NT_VUT_USTAR50: 5, RECO_NT_VUT_USTAR50: 3, NEE_VUT_USTAR50: -2, NEE_VUT_USTAR50_QC: 1, ...more };
}

/** A day's reflectance, as packed integers. */
export function modis(site: string, day: number, more: FileRow = {}): FileRow {
  const bands = Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map((b) => [`sur_refl_b0${b}`, 500 * b]));
  return { date: iso(day), site, ...bands, SensorZenith: 3000, SensorAzimuth: -9000, SolarZenith: 4500, SolarAzimuth: 15_000, clouds: 1, ...more };
}

/** A day's reanalysis in published units, with a column no set names. */
export function era5(site: string, day: number, more: FileRow = {}): FileRow {
  const minimal = { temperature_2m: 285, total_precipitation_sum: 0.002, surface_net_solar_radiation_sum: 1.2e7, total_evaporation_sum: -0.002, leaf_area_index_high_vegetation: 3, leaf_area_index_low_vegetation: 1 };
  return { date: iso(day), site, ...minimal, snowfall_sum: 0, surface_pressure: 97_000, temperature_2m_max: 291, skin_temperature_min: 279, unnamed_band: 1, ...more };
}

/** Writes the benchmark's folder; files told replace the usual ones. */
export async function writeBenchmark(dir: string, files: { readonly targets: readonly FileRow[]; readonly modis: readonly FileRow[]; readonly era5: readonly FileRow[]; readonly koppen?: object; readonly koppenShort?: object; readonly sets?: object }): Promise<string> {
  fs.mkdirSync(dir, { recursive: true });
  await writeParquet(path.join(dir, "target_fluxes_v2.parquet"), files.targets);
  await writeParquet(path.join(dir, "MOD09GA.parquet"), files.modis);
  await writeParquet(path.join(dir, "ERA5.parquet"), files.era5);
  const json = (name: string, value: object): void => fs.writeFileSync(path.join(dir, name), JSON.stringify(value));
  json("koppen_sites.json", files.koppen ?? { "DE-Hai": "C", "US-Ivo": "E" });
  json("koppen_sites_short.json", files.koppenShort ?? { "DE-Hai": "Cfb", "US-Ivo": "ET" });
  json("feature_sets.json", files.sets ?? { minimal: columnsOf("reanalysis"), standard: STANDARD, full: FULL });
  return dir;
}
