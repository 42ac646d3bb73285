import { WorkbookError } from "../../core/errors";
import { readHeader } from "../files/csv";
import type { InputFile } from "../files/input";

/** What stands above a file's first row of data. */
export interface Head {
  readonly names: readonly string[];
  /** units by position, where a row of them follows the header */
  readonly units: readonly string[] | null;
  readonly unitsLine: number;
  /** lines before the header: comments, or the fields of the ONEFlux codes */
  readonly preamble: readonly string[];
  /** byte and line at which the data begin */
  readonly start: number;
  readonly line: number;
  /** text above the data is not UTF-8 and is taken for Latin-1 */
  readonly latin1: boolean;
}

const HEAD = 1 << 16;
const LF = 10;

/**
 * Reads a file's head: lines before the header, the header, a row of units where one follows.
 * @param isHeader how the header line begins, where other lines than comments stand above it
 * @throws WorkbookError EmptyTable, BadFile (another separator, no header)
 * @example (await readHead(input)).names // ["TIMESTAMP_START", "TIMESTAMP_END", "FC", …]
 */
export async function readHead(input: InputFile, isHeader?: RegExp): Promise<Head> {
  const bytes = await input.bytes(HEAD);
  const preamble: string[] = [];
  let at = 0;
  for (;;) {
    const end = endOfLine(bytes, at);
    const text = bytes.subarray(at, end).toString("latin1").trim();
    if (isHeader === undefined ? text !== "" && !text.startsWith("#") : isHeader.test(text)) break;
    if (end >= bytes.length) {
      if (isHeader === undefined) break;
      throw new WorkbookError("BadFile", `ingest: ${input.path}: a header line with TIMESTAMP_START required, found none in the first ${preamble.length} lines; download the file again`, { file: input.path });
    }
    preamble.push(text);
    at = end + 1;
  }
  const latin1 = bytes.toString("utf8", 0, lastWhole(bytes)).includes("\ufffd");
  const found = readHeader(bytes.subarray(at), input.path);
  const line = found.line + preamble.length;
  const start = at + found.start;
  const second = bytes.subarray(start, endOfLine(bytes, start)).toString(latin1 ? "latin1" : "utf8").trim();
  // Data begin with a stamp, a row of units with a word such as dd/mm/yyyy or YYYYMMDDHHMM.
  const isUnits = second !== "" && !/^["\s]*[\d-]/.test(second) && second.split(",").length === found.names.length;
  if (!isUnits) return { names: found.names, units: null, unitsLine: 0, preamble, start, line, latin1 };
  const units = second.split(",").map((unit) => unit.trim().replace(/^"(.*)"$/, "$1"));
  return { names: found.names, units, unitsLine: line, preamble, start: Math.min(endOfLine(bytes, start) + 1, bytes.length), line: line + 1, latin1 };
}

function endOfLine(bytes: Uint8Array, from: number): number {
  const end = bytes.indexOf(LF, from);
  return end < 0 ? bytes.length : end;
}

/** Where the last whole line ends, so that no letter is cut in two. */
function lastWhole(bytes: Buffer): number {
  const end = bytes.lastIndexOf(LF);
  return end < 0 ? bytes.length : end;
}
