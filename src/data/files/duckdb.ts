import { DuckDBDataChunk, DuckDBFloatVector, DuckDBInstance, DuckDBIntegerVector, FLOAT, INTEGER, type DuckDBConnection } from "@duckdb/node-api";

/** Rows a chunk holds: DuckDB's own vector size. */
const CHUNK = 2048;

/**
 * Runs `work` on a database of its own in memory and closes it whatever happens. No extension is ever looked for on the net.
 * `threads: 1` makes what is written the same bytes every time, and keeps what is read in the file's order; `memory` is a limit such as "1GB".
 * @example await withDuckDb((db) => db.run("SELECT 1"))
 */
export async function withDuckDb<T>(work: (db: DuckDBConnection) => Promise<T>, threads?: number, memory?: string): Promise<T> {
  const settings = { autoinstall_known_extensions: "false", ...(threads === undefined ? {} : { threads: String(threads) }), ...(memory === undefined ? {} : { memory_limit: memory }) };
  const instance = await DuckDBInstance.create(":memory:", settings);
  try {
    const db = await instance.connect();
    try {
      return await work(db);
    } finally {
      db.closeSync();
    }
  } finally {
    instance.closeSync();
  }
}

/** A text literal of SQL. @example sqlText("it's") // "'it''s'" */
export function sqlText(text: string): string {
  return `'${text.replace(/'/g, "''")}'`;
}

/** A name of SQL. @example sqlName("date") // "\"date\"" */
export function sqlName(name: string): string {
  return `"${name.replace(/"/g, '""')}"`;
}

/** One column to fetch: an SQL expression that is never NULL, as whole numbers or as floats. */
export interface FetchColumn {
  readonly name: string;
  readonly sql: string;
  readonly type: "INTEGER" | "FLOAT";
}

/**
 * Fetches `n` rows column by column: each chunk's memory is copied as it is, no value passes through a JavaScript object.
 * @throws Error where there are fewer
 * @example await fetchColumns(db, [{ name: "x", sql: "i", type: "INTEGER" }], "range(3) t(i)", 3)
 */
export async function fetchColumns(db: DuckDBConnection, columns: readonly FetchColumn[], from: string, n: number): Promise<Map<string, Int32Array | Float32Array>> {
  const out = columns.map((c) => (c.type === "INTEGER" ? new Int32Array(n) : new Float32Array(n)));
  let row = 0;
  await streamColumns(db, columns, from, (parts, rows) => {
    parts.forEach((part, k) => out[k]!.set(part, row));
    row += rows;
  });
  // A stream that meets a damaged page may end without an error.
  if (row !== n) throw new Error(`${row} of ${n} rows could be read`);
  return new Map(columns.map((c, k) => [c.name, out[k]!]));
}

/**
 * As `fetchColumns`, a piece at a time: `visit` sees each piece's columns `[row]`, whose memory is gone after it. However long the file, only
 * a piece of it is held.
 * @example await streamColumns(db, columns, "read_parquet('big.parquet')", ([x], rows) => { total += rows })
 */
export async function streamColumns(db: DuckDBConnection, columns: readonly FetchColumn[], from: string, visit: (parts: readonly (Int32Array | Float32Array)[], rows: number) => void): Promise<void> {
  const result = await db.stream(`SELECT ${columns.map((c) => `CAST(${c.sql} AS ${c.type})`).join(", ")} FROM ${from}`);
  for (let chunk = await result.fetchChunk(); chunk !== null && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    const piece = chunk;
    visit(columns.map((_, k) => itemsOf(piece.getColumnVector(k) as DuckDBFloatVector | DuckDBIntegerVector).subarray(0, piece.rowCount)), piece.rowCount);
  }
}

/**
 * Makes a table of typed columns of equal length, chunk by chunk: Int32Array as INTEGER, Float32Array as FLOAT.
 * @example await appendColumns(db, "rows", [{ name: "day", values: Int32Array.of(0, 1) }])
 */
export async function appendColumns(db: DuckDBConnection, table: string, columns: readonly { readonly name: string; readonly values: Int32Array | Float32Array }[]): Promise<void> {
  const types = columns.map((c) => (c.values instanceof Int32Array ? INTEGER : FLOAT));
  await db.run(`CREATE TABLE ${sqlName(table)} (${columns.map((c, k) => `${sqlName(c.name)} ${types[k]!.toString()}`).join(", ")})`);
  const rows = columns[0]?.values.length ?? 0;
  const appender = await db.createAppender(table);
  // One chunk for all: the memory of many is given back only when the loop is over.
  const chunk = DuckDBDataChunk.create(types);
  for (let from = 0; from < rows; from += CHUNK) {
    const to = Math.min(from + CHUNK, rows);
    if (chunk.rowCount !== to - from) chunk.rowCount = to - from;
    columns.forEach((c, k) => {
      const vector = chunk.getColumnVector(k) as DuckDBFloatVector | DuckDBIntegerVector;
      itemsOf(vector).set(c.values.subarray(from, to));
      vector.flush();
    });
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}

/** The vector's own memory. The package keeps `items` private, though writing through it is the documented way it works itself. */
function itemsOf(vector: DuckDBFloatVector | DuckDBIntegerVector): Float32Array | Int32Array {
  return (vector as unknown as { items: Float32Array | Int32Array }).items;
}
