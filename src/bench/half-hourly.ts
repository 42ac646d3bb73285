import * as path from "node:path";
import { sqlText, withDuckDb } from "../data/files/duckdb";
import { leastSteps } from "../data/half-hourly/to-daily";
import { HALF_HOURLY } from "../data/half-hourly/variables";

const SITES = 5;
const HALF_HOURS = 48;

/** Columns of the made-up tower files in FLUXNET's names, with what they become in the daily table. */
const NAMES = [
  { from: "TA_F", to: "ta_degC", how: "mean" }, { from: "SW_IN_F", to: "sw_in_W_m2", how: "mean" }, { from: "VPD_F", to: "vpd_hPa", how: "mean" },
  { from: "P_F", to: "p_mm_d", how: "sum" }, { from: "PA_F", to: "pa_kPa", how: "mean" }, { from: "WS_F", to: "ws_m_s", how: "mean" },
  { from: "NEE_VUT_USTAR50", to: "nee", how: "gram" }, { from: "NEE_VUT_USTAR50_QC", to: "nee_qc", how: "good" },
  { from: "GPP_NT_VUT_USTAR50", to: "gpp", how: "gram" }, { from: "RECO_NT_VUT_USTAR50", to: "reco", how: "gram" },
] as const;

/** The same with the half-hours that a day needs for a value, as the product's rule has it. */
export const COLUMNS = NAMES.map((name) => ({ ...name, least: leastSteps(HALF_HOURLY.find((v) => v.column === name.to) ?? { whole: true }, HALF_HOURS) }));

/**
 * Writes about `rows` half-hours (whole days) of made-up towers in FLUXNET's layout, one file a tower, missing as −9999, packed where `gzip` says so; returns the files.
 * @example await writeHalfHourly(dir, 1e6)
 */
export async function writeHalfHourly(dir: string, rows: number, gzip = false): Promise<string[]> {
  const each = HALF_HOURS * Math.ceil(rows / SITES / HALF_HOURS);
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
      const file = path.join(dir, `XX-T0${s}_HH.csv${gzip ? ".gz" : ""}`);
      await db.run(`COPY (SELECT ${stamp(0)} AS TIMESTAMP_START, ${stamp(1)} AS TIMESTAMP_END, ${select} FROM (SELECT CAST(range AS BIGINT) AS i, CAST(${s} AS BIGINT) AS s FROM range(${each})) ORDER BY i) TO ${sqlText(file)} (HEADER${gzip ? ", COMPRESSION gzip" : ""})`);
      files.push(file);
    }
    return files;
  });
}
