import { WorkbookError } from "../core/errors";
import { replaceAtomic } from "../core/files";
import { appendColumns, fetchColumns, sqlText, withDuckDb } from "../data/duckdb";
import { dayColumn, numberColumn, parquetSchema, parquetTexts, source } from "../data/parquet";
import { BAD_DAY } from "../data/raw-table";
import type { Predictions } from "./predictions";

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
  await replaceAtomic(file, (temporary) => withDuckDb(async (db) => {
    await appendColumns(db, "p", [{ name: "site", values: code }, { name: "day", values: p.day }, ...VALUES.map((name, k) => ({ name, values: floats[k]! }))]);
    const names = sites.length > 0 ? `list_extract([${sites.map(sqlText).join(", ")}], site + 1)` : "CAST(NULL AS VARCHAR)";
    const values = VALUES.map((v) => `CASE WHEN isnan(${v}) THEN NULL ELSE ${v} END AS ${v}`).join(", ");
    await db.run(`COPY (SELECT ${names} AS site, DATE '1970-01-01' + day AS date, ${values} FROM p) TO ${sqlText(temporary)} (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false)`);
  }, 1));
}

/**
 * Reads predictions that `writePredictions` wrote.
 * @throws WorkbookError BadFile, MissingColumn, BadDate
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
    if (day.includes(BAD_DAY)) throw new WorkbookError("BadDate", `readPredictions: ${file}: a date in every row is required; make the file with predict`, { file });
    const of = (name: (typeof VALUES)[number]): Float32Array => fetched.get(name) as Float32Array;
    return { site, day, gpp: of("gpp"), reco: of("reco"), nee: of("nee"), raw: { gpp: of("gpp_unclipped"), reco: of("reco_unclipped") } };
  });
}
