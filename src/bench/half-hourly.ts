import * as path from "node:path";
import { dailyTable, type DailyTable } from "../data/daily-table";
import { fetchColumns, sqlName, sqlText, withDuckDb } from "../data/duckdb";
import type { Site } from "../core/sites";

/** Half-hours a day must have for its value to count, of 48. */
export const LEAST_HALF_HOURS = 40;
/** µmol CO₂ m⁻² s⁻¹ over a day as g C m⁻². @source 12.011 g mol⁻¹ × 86,400 s × 10⁻⁶ */
export const GRAM_PER_DAY = 1.0378;
const SITES = 5;

/** Columns of the made-up tower files in FLUXNET's names, with what they become in the daily table. */
export const COLUMNS = [
  { from: "TA_F", to: "ta_degC", how: "mean" }, { from: "SW_IN_F", to: "sw_in_W_m2", how: "mean" }, { from: "VPD_F", to: "vpd_hPa", how: "mean" },
  { from: "P_F", to: "p_mm_d", how: "sum" }, { from: "PA_F", to: "pa_kPa", how: "mean" }, { from: "WS_F", to: "ws_m_s", how: "mean" },
  { from: "NEE_VUT_USTAR50", to: "nee", how: "gram" }, { from: "NEE_VUT_USTAR50_QC", to: "nee_qc", how: "good" },
  { from: "GPP_NT_VUT_USTAR50", to: "gpp", how: "gram" }, { from: "RECO_NT_VUT_USTAR50", to: "reco", how: "gram" },
] as const;

/**
 * Writes `rows` half-hours of made-up towers in FLUXNET's layout, one file a tower, missing as −9999; returns the files.
 * @example await writeHalfHourly(dir, 1e6)
 */
export async function writeHalfHourly(dir: string, rows: number): Promise<string[]> {
  const each = Math.ceil(rows / SITES);
  const noise = (k: number): string => `((hash(i * ${SITES} + s + ${k}) % 2000) / 1000.0 - 1)`;
  const season = "sin(i * 2 * pi() / 17532)";
  const light = "greatest(0, sin((i % 48) * 2 * pi() / 48 - pi() / 2))";
  const gap = (value: string, k: number): string => `CASE WHEN hash(i + ${k}) % 50 = 0 THEN -9999 ELSE round(${value}, 3) END`;
  const values = [
    `10 + 10 * ${season} + ${noise(1)}`, `${light} * (400 + 300 * ${season})`, `greatest(0, 6 + 5 * ${season} + ${noise(2)})`, `CASE WHEN hash(i // 6) % 20 = 0 THEN 0.4 ELSE 0 END`,
    `98 + ${noise(3)}`, `2 + ${noise(4)}`, `2 - 8 * ${light} + ${noise(5)}`, `hash(i) % 3`, `8 * ${light} + ${noise(6)}`, `2 + ${noise(7)}`,
  ];
  const select = COLUMNS.map(({ from }, k) => `${from.endsWith("_QC") ? values[k]! : gap(values[k]!, k)} AS ${from}`).join(", ");
  const stamp = (ahead: number): string => `strftime(TIMESTAMP '2000-01-01' + to_minutes(30 * (i + ${ahead})), '%Y%m%d%H%M')`;
  return withDuckDb(async (db) => {
    const files: string[] = [];
    for (let s = 0; s < SITES; s++) {
      const file = path.join(dir, `XX-T0${s}_HH.csv`);
      await db.run(`COPY (SELECT ${stamp(0)} AS TIMESTAMP_START, ${stamp(1)} AS TIMESTAMP_END, ${select} FROM (SELECT CAST(range AS BIGINT) AS i, CAST(${s} AS BIGINT) AS s FROM range(${each})) ORDER BY i) TO ${sqlText(file)} (HEADER)`);
      files.push(file);
    }
    return files;
  });
}

/**
 * Reads half-hourly tower files and lays them out as the canonical daily table, by DuckDB as the workbook uses it: means, sums of rain, fluxes
 * in g C m⁻² d⁻¹, QC as the share of good half-hours; a day with fewer than 40 values is missing.
 * @example await readHalfHourly(["XX-T00_HH.csv"], 2)
 */
export async function readHalfHourly(files: readonly string[], threads: number): Promise<DailyTable> {
  const types = ["TIMESTAMP_START", "TIMESTAMP_END"].map((c) => `${c}: 'BIGINT'`).concat(COLUMNS.map(({ from }) => `${from}: 'FLOAT'`));
  const daily = COLUMNS.map(({ from, to, how }) => {
    const value = `nullif(${from}, -9999)`;
    const all = how === "sum" ? `sum(${value})` : how === "good" ? `avg(CAST(${value} <= 1 AS FLOAT))` : how === "gram" ? `${GRAM_PER_DAY} * avg(${value})` : `avg(${value})`;
    return `CASE WHEN count(${value}) >= ${LEAST_HALF_HOURS} THEN ${all} END AS ${to}`;
  });
  return withDuckDb(async (db) => {
    await db.run(`CREATE TABLE daily AS SELECT parse_filename(filename)[:6] AS site, TIMESTAMP_START // 10000 AS stamp, ${daily.join(", ")}
      FROM read_csv([${files.map(sqlText).join(", ")}], header = true, auto_detect = false, columns = {${types.join(", ")}}, filename = true) GROUP BY ALL ORDER BY ALL`);
    const ids = (await db.runAndReadAll("SELECT site, count(*) FROM daily GROUP BY site ORDER BY site")).getRows().map(([id, n]) => ({ id: String(id), n: Number(n) }));
    const rows = ids.reduce((sum, { n }) => sum + n, 0);
    const day = { name: "day", sql: "datediff('day', DATE '1970-01-01', CAST(strptime(CAST(stamp AS VARCHAR), '%Y%m%d') AS DATE))", type: "INTEGER" } as const;
    const numbers = COLUMNS.map(({ to }) => ({ name: to, sql: `coalesce(${sqlName(to)}, 'NaN'::FLOAT)`, type: "FLOAT" }) as const);
    const fetched = await fetchColumns(db, [day, ...numbers], "(FROM daily ORDER BY site, stamp)", rows);
    const values = Object.fromEntries(COLUMNS.map(({ to }) => [to, fetched.get(to) as Float32Array]));
    const sites = ids.map(({ id }): Site => ({ site: id, lat: null, lon: null, igbp: null, koppen: null, koppenDetail: null }));
    return dailyTable({ site: ids.flatMap(({ id, n }) => new Array<string>(n).fill(id)), day: fetched.get("day") as Int32Array, numbers: values }, sites);
  }, threads);
}
