import { DuckDBDataChunk, FLOAT, INTEGER, type DuckDBFloatVector, type DuckDBIntegerVector } from "@duckdb/node-api";
import { WorkbookError } from "../core/errors";
import { replaceAtomic } from "../core/files";
import { fetchColumns, itemsOf, sqlText, withDuckDb } from "../data/duckdb";
import { dayColumn, numberColumn, parquetSchema, parquetTexts, source } from "../data/parquet";
import type { Predictions } from "./predictions";

const CHUNK = 2048;
/** Days before the year 1 mark a date that could not be read. */
const EARLIEST = -719_162;
const VALUES = ["gpp", "reco", "nee", "gpp_unclipped", "reco_unclipped"] as const;

/**
 * Writes predictions to Parquet: site, date, gpp, reco, nee (g C m⁻² d⁻¹, NULL = no prediction) and the values before clipping.
 * @example await writePredictions(predictions, "P.parquet")
 */
export async function writePredictions(p: Predictions, file: string): Promise<void> {
  const sites = [...new Set(p.site)];
  const codes = new Map(sites.map((s, i) => [s, i]));
  const code = Int32Array.from(p.site, (s) => codes.get(s)!);
  const floats = [p.gpp, p.reco, p.nee, p.raw.gpp, p.raw.reco];
  const types = [INTEGER, INTEGER, ...floats.map(() => FLOAT)];
  await replaceAtomic(file, (temporary) => withDuckDb(async (db) => {
    await db.run(`CREATE TABLE p (site INTEGER, day INTEGER, ${VALUES.map((v) => `${v} FLOAT`).join(", ")})`);
    const appender = await db.createAppender("p");
    for (let from = 0; from < p.day.length; from += CHUNK) {
      const to = Math.min(from + CHUNK, p.day.length);
      const chunk = DuckDBDataChunk.create(types, to - from);
      [code, p.day, ...floats].forEach((values, k) => {
        const vector = chunk.getColumnVector(k) as DuckDBFloatVector | DuckDBIntegerVector;
        itemsOf(vector).set(values.subarray(from, to));
        vector.flush();
      });
      appender.appendDataChunk(chunk);
    }
    appender.closeSync();
    const names = sites.length > 0 ? `list_extract([${sites.map(sqlText).join(", ")}], site + 1)` : "CAST(NULL AS VARCHAR)";
    const values = VALUES.map((v) => `CASE WHEN isnan(${v}) THEN NULL ELSE ${v} END AS ${v}`).join(", ");
    await db.run(`COPY (SELECT ${names} AS site, DATE '1970-01-01' + day AS date, ${values} FROM p) TO ${sqlText(temporary)} (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false)`);
  }, 1));
}

/**
 * Reads predictions that `writePredictions` wrote.
 * @throws WorkbookError BadFile, MissingColumn
 * @example const predictions = await readPredictions("data/runs/tamrl/predictions.parquet")
 */
export async function readPredictions(file: string): Promise<Predictions> {
  return withDuckDb(async (db) => {
    const { rows: n, types } = await parquetSchema(db, file, "readPredictions");
    for (const name of ["site", "date", ...VALUES]) {
      if (!types.has(name)) throw new WorkbookError("MissingColumn", `readPredictions: ${file}: column ${name} is required, found ${[...types.keys()].join(", ")}; make the file with predict`, { file, column: name });
    }
    const site = (await parquetTexts(db, file, "site", n)) as string[];
    const fetched = await fetchColumns(db, [dayColumn("date", types.get("date")!), ...VALUES.map((name) => numberColumn(name))], source(file), n);
    const day = fetched.get("day") as Int32Array;
    if (day.some((d) => d < EARLIEST)) throw new WorkbookError("BadDate", `readPredictions: ${file}: a date in every row is required; make the file with predict`, { file });
    const of = (name: (typeof VALUES)[number]): Float32Array => fetched.get(name) as Float32Array;
    return { site, day, gpp: of("gpp"), reco: of("reco"), nee: of("nee"), raw: { gpp: of("gpp_unclipped"), reco: of("reco_unclipped") } };
  });
}
