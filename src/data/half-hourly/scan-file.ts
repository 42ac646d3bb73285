import { counter, silent, type Progress } from "../../core/progress";
import type { Variables } from "../columns";
import type { InputFile } from "../files/input";
import { chunksOf } from "./chunks";
import type { Head } from "./head";
import type { MemoryPool } from "./row-room";
import { Scanner, type ScanPlan, type ScannedRows } from "./scan";
import type { ScanAhead } from "./scan-ahead";
import type { ScanCrew } from "./scan-crew";

/** What a reader of half-hourly files may be told. */
export interface HalfHourlyOptions {
  /** take fluxes of this target variant where the file has several */
  readonly variant?: string;
  /** threads that help with large files */
  readonly crew?: ScanCrew;
  /** where rows are kept; taken back by who gives it */
  readonly memory?: MemoryPool;
  readonly progress?: Progress;
}

/** Rows make room for as many as the part read so far foretells, and a little more. */
const ROOM = 1.02;
/** Progress in steps of a thousandth of the file. */
const PARTS = 1000;

/** Below so many bytes of text threads are of no help. */
const LARGE = 1 << 22;

/**
 * Scans a file's rows below its head, telling rows a second and the time left. With a crew the result is the same.
 * @throws WorkbookError see `Scanner` and `chunksOf`
 */
export async function scanFile(input: InputFile, head: Head, columns: Pick<ScanPlan, "stamp" | "time" | "order" | "numbers">, variables: Variables, { crew, memory, progress = silent }: HalfHourlyOptions = {}): Promise<ScannedRows> {
  const scanner = new Scanner({ file: input.path, names: head.names, line: head.line, missingTexts: variables.missingTexts, missingCodes: variables.missingCodes, ...columns }, true, memory?.lend(input));
  const step = counter(`half-hours of ${input.name}, ‰`, PARTS, progress);
  const began = performance.now();
  let [skip, read] = [head.start, 0];
  let ahead: ScanAhead | null = null;
  try {
    for await (const { bytes, share } of chunksOf(input)) {
      const own = bytes.subarray(Math.min(skip, bytes.length));
      skip -= bytes.length - own.length;
      read += own.length;
      if (own.length === 0) continue;
      if (read >= LARGE * share) ahead ??= (await crew?.help(scanner)) ?? null;
      if (ahead === null) scanner.push(own);
      else ahead.push(own);
      const part = ((ahead?.settled ?? read) / read) * share;
      if (part > 0) scanner.reserve(Math.ceil((ROOM * scanner.n) / part));
      step(Math.floor(share * PARTS), `${scanner.n.toLocaleString("en")} rows, ${Math.round((1000 * scanner.n) / Math.max(1, performance.now() - began)).toLocaleString("en")} a second`);
    }
    ahead?.end();
  } finally {
    ahead?.close();
  }
  return scanner.end();
}
