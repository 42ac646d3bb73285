import * as fs from "node:fs";
import { WorkbookError } from "../../core/errors";
import { parseJson, type Json } from "../../core/json";

/** Named columns of equal length and what is told with them: how half-hours travel to Python and back. */
export interface Frame<H> {
  readonly head: H;
  /** `[row]`, NaN = missing */
  readonly columns: ReadonlyMap<string, Float64Array>;
}

interface Layout {
  readonly rows: number;
  readonly columns: readonly string[];
}

/**
 * Writes a frame: one line of JSON, then each column as little-endian doubles.
 * @example writeFrame("in.frame", { step: 30 }, new Map([["NEE", nee]]))
 */
export function writeFrame(file: string, head: Readonly<Record<string, Json>>, columns: ReadonlyMap<string, Float64Array>): void {
  const rows = columns.values().next().value?.length ?? 0;
  const layout: Layout = { rows, columns: [...columns.keys()] };
  fs.writeFileSync(file, Buffer.concat([Buffer.from(`${JSON.stringify({ ...head, ...layout })}\n`), ...[...columns.values()].map((v) => Buffer.from(v.buffer, v.byteOffset, v.byteLength))]));
}

/**
 * Reads a frame.
 * @throws WorkbookError BadFile for bytes that are cut off
 * @example readFrame<Report>("out.frame").columns.get("RECO_NT")
 */
export function readFrame<H>(file: string): Frame<H> {
  const bytes = fs.readFileSync(file);
  const end = bytes.indexOf(10);
  const head = parseJson(bytes.toString("utf8", 0, Math.max(0, end)) || "{}") as H & Layout;
  const size = 8 * head.rows;
  if (end < 0 || bytes.length !== end + 1 + size * head.columns.length) {
    throw new WorkbookError("BadFile", `readFrame: ${file}: as many bytes as its first line tells required, found ${bytes.length}; partition again`, { file });
  }
  const columns = head.columns.map((name, k): [string, Float64Array] => {
    const values = new Float64Array(head.rows);
    bytes.copy(Buffer.from(values.buffer), 0, end + 1 + k * size, end + 1 + (k + 1) * size);
    return [name, values];
  });
  return { head, columns: new Map(columns) };
}
