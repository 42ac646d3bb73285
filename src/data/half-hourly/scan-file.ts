import { counter, silent, type Progress } from "../../core/progress";
import type { Variables } from "../columns";
import type { InputFile } from "../files/input";
import { chunksOf } from "./chunks";
import type { Head } from "./head";
import { Scanner, type ScanPlan, type ScannedRows } from "./scan";

/** What a reader of half-hourly files may be told. */
export interface HalfHourlyOptions {
  /** take fluxes of this target variant where the file has several */
  readonly variant?: string;
  readonly progress?: Progress;
}

/** Rows make room for as many as the part read so far foretells, and a little more. */
const ROOM = 1.02;
/** Progress in steps of a thousandth of the file. */
const PARTS = 1000;

/**
 * Scans a file's rows below its head, telling rows a second and the time left.
 * @throws WorkbookError see `Scanner` and `chunksOf`
 */
export async function scanFile(input: InputFile, head: Head, columns: Pick<ScanPlan, "stamp" | "time" | "order" | "numbers">, variables: Variables, progress: Progress = silent): Promise<ScannedRows> {
  const scanner = new Scanner({ file: input.path, names: head.names, line: head.line, missingTexts: variables.missingTexts, missingCodes: variables.missingCodes, ...columns });
  const step = counter(`half-hours of ${input.name}, ‰`, PARTS, progress);
  const began = performance.now();
  let skip = head.start;
  for await (const { bytes, share } of chunksOf(input)) {
    const own = bytes.subarray(Math.min(skip, bytes.length));
    skip -= bytes.length - own.length;
    if (own.length === 0) continue;
    scanner.push(own);
    scanner.reserve(Math.ceil((ROOM * scanner.n) / share));
    step(Math.floor(share * PARTS), `${scanner.n.toLocaleString("en")} rows, ${Math.round((1000 * scanner.n) / Math.max(1, performance.now() - began)).toLocaleString("en")} a second`);
  }
  return scanner.end();
}
