import { WorkbookError } from "../core/errors";
import { replaceAtomic } from "../core/files";
import { FLUXES } from "../core/quantities";
import { appendColumns, fetchColumns, sqlText, withDuckDb } from "../data/files/duckdb";
import { dayColumn, numberColumn, parquetSchema, parquetTexts, source } from "../data/files/parquet";
import { BAD_DAY } from "../data/towers/raw-table";
import type { SpreadKind } from "../run/ensemble";
import { LEVELS } from "./conformal";
import type { Intervals, Predictions } from "./predictions";

const VALUES = ["gpp", "reco", "nee", "gpp_unclipped", "reco_unclipped"] as const;
const SPREADS = FLUXES.map((flux) => `${flux}_spread`);
const ENDS = FLUXES.flatMap((flux) => LEVELS.flatMap((level) => [`${flux}_lo${100 * level}`, `${flux}_hi${100 * level}`]));

/**
 * Writes predictions to Parquet: site, date, gpp, reco, nee (g C m⁻² d⁻¹, NULL = no prediction) and the values before clipping. Of an
 * ensemble also `gpp_spread` … (standard deviation of the members) with its kind in `spread`, and of a calibrated one the interval ends
 * `gpp_lo80`, `gpp_hi80`, `gpp_lo90`, `gpp_hi90` … of daily observations. Ends are not clipped, and they must never be summed to a
 * budget: errors of one site's days go together.
 * @param provenance kept in the file's own metadata under `provenance`, as JSON
 * @example await writePredictions(predictions, "P.parquet")
 */
export async function writePredictions(p: Predictions, file: string, provenance?: object): Promise<void> {
  const sites = [...new Set(p.site)];
  const codes = new Map(sites.map((s, i) => [s, i]));
  const code = Int32Array.from(p.site, (s) => codes.get(s)!);
  const columns = numberColumns(p);
  await replaceAtomic(file, (temporary) => withDuckDb(async (db) => {
    await appendColumns(db, "p", [{ name: "site", values: code }, { name: "day", values: p.day }, ...columns]);
    const names = sites.length > 0 ? `list_extract([${sites.map(sqlText).join(", ")}], site + 1)` : "CAST(NULL AS VARCHAR)";
    const values = columns.map(({ name: v }) => `CASE WHEN isnan(${v}) THEN NULL ELSE ${v} END AS ${v}`).join(", ");
    const kind = p.spread ? `, ${sqlText(p.spread.kind)} AS spread` : "";
    const about = provenance === undefined ? "" : `, KV_METADATA {provenance: ${sqlText(JSON.stringify(provenance))}}`;
    await db.run(`COPY (SELECT ${names} AS site, DATE '1970-01-01' + day AS date, ${values}${kind} FROM p) TO ${sqlText(temporary)} (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false${about})`);
  }, 1));
}

function numberColumns(p: Predictions): { name: string; values: Float32Array }[] {
  const floats = [p.gpp, p.reco, p.nee, p.raw.gpp, p.raw.reco];
  const { spread, intervals = [] } = p;
  const ends = FLUXES.flatMap((flux) => LEVELS.flatMap((level) => {
    const own = intervals.find((i) => i.level === level)?.[flux];
    return own ? [own.low, own.high] : [];
  }));
  return [
    ...VALUES.map((name, k) => ({ name, values: floats[k]! })),
    ...(spread ? FLUXES.map((flux, k) => ({ name: SPREADS[k]!, values: spread[flux] })) : []),
    ...ends.map((values, k) => ({ name: ENDS[k]!, values })),
  ];
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
    const more = [...SPREADS, ...ENDS].filter((name) => types.has(name));
    const site = (await parquetTexts(db, file, "site", n)) as string[];
    const kind = types.has("spread") ? (await parquetTexts(db, file, "spread", n))[0] : undefined;
    const fetched = await fetchColumns(db, [dayColumn("date", types.get("date")!), ...[...VALUES, ...more].map((name) => numberColumn(name))], source(file), n);
    const day = fetched.get("day") as Int32Array;
    if (day.includes(BAD_DAY)) throw new WorkbookError("BadDate", `readPredictions: ${file}: a date in every row is required; make the file with predict`, { file });
    const of = (name: string): Float32Array => fetched.get(name) as Float32Array;
    return {
      site, day, gpp: of("gpp"), reco: of("reco"), nee: of("nee"), raw: { gpp: of("gpp_unclipped"), reco: of("reco_unclipped") },
      ...(kind && SPREADS.every((s) => types.has(s)) ? { spread: { kind: kind as SpreadKind, gpp: of("gpp_spread"), reco: of("reco_spread"), nee: of("nee_spread") } } : {}),
      ...(ENDS.every((e) => types.has(e)) ? { intervals: LEVELS.map((level) => intervalsAt(level, of)) } : {}),
    };
  });
}

function intervalsAt(level: (typeof LEVELS)[number], of: (name: string) => Float32Array): Intervals {
  const ends = FLUXES.map((flux) => [flux, { low: of(`${flux}_lo${100 * level}`), high: of(`${flux}_hi${100 * level}`) }]);
  return { level, ...Object.fromEntries(ends) } as Intervals;
}
