import { WorkbookError } from "../../core/errors";
import { dayAt, numberAt, sameText, textAt } from "./csv-field";
import { BAD_DAY } from "../towers/raw-table";

const [COMMA, QUOTE, LF, CR, HASH] = [44, 34, 10, 13, 35];
/** Longest header, in bytes and in names: beyond it is no table of measurements, and looking for near names would take hours. */
const HEADER = { bytes: 2 ** 20, names: 10_000 };

/** The header line of a comma-separated file and where its data begin. */
export interface CsvHeader {
  readonly names: readonly string[];
  /** byte at which the first data line begins */
  readonly start: number;
  /** number of that line, counted from 1 */
  readonly line: number;
}

/** Which fields to read, by position in the header. */
export interface CsvPlan {
  readonly day: number | null;
  readonly numbers: readonly number[];
  readonly texts: readonly number[];
  readonly missingTexts: readonly string[];
  readonly missingCodes: readonly number[];
}

/** Fields of a file, one entry a data line. */
export interface CsvRows {
  readonly n: number;
  /** line of each row */
  readonly line: Int32Array;
  readonly day: Int32Array;
  readonly numbers: ReadonlyMap<number, Float64Array>;
  readonly texts: ReadonlyMap<number, string[]>;
}

/**
 * The header: the first line that is neither empty nor a comment.
 * @throws WorkbookError EmptyTable for a file without one, BadFile for another separator
 * @example readHeader(Buffer.from("site,date\n"), "a.csv").names // ["site", "date"]
 */
export function readHeader(bytes: Uint8Array, file: string): CsvHeader {
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  for (let line = 1; at < bytes.length; line++) {
    const end = endOfLine(bytes, at);
    if (end - at > HEADER.bytes) throw tooWide(`${end - at} bytes`, file, line);
    const text = Buffer.from(bytes.subarray(at, end)).toString("utf8").trim();
    at = end + 1;
    if (text === "" || text.charCodeAt(0) === HASH) continue;
    const names = text.split(",").map((name) => name.trim().replace(/^"(.*)"$/, "$1"));
    const other = names.length === 1 ? [";", "\t", "|"].find((mark) => text.includes(mark)) : undefined;
    if (names.length > HEADER.names) throw tooWide(`${names.length} columns`, file, line);
    if (other !== undefined) throw new WorkbookError("BadFile", `ingest: ${file} line ${line}: commas between columns required, found ${JSON.stringify(other)}; save the file comma-separated`, { file, line });
    return { names, start: Math.min(at, bytes.length), line: line + 1 };
  }
  throw new WorkbookError("EmptyTable", `ingest: ${file}: a header and data rows required, found an empty file; copy or download it again`, { file });
}

function tooWide(found: string, file: string, line: number): WorkbookError {
  return new WorkbookError("BadFile", `ingest: ${file} line ${line}: a header of at most ${HEADER.names} columns and 1 MiB required, found ${found}; give a table of measurements`, { file, line });
}

function endOfLine(bytes: Uint8Array, from: number): number {
  const end = bytes.indexOf(LF, from);
  return end < 0 ? bytes.length : end;
}

/**
 * Reads the planned fields of every data line in one pass over the bytes. Missing numbers are NaN; fields not planned are skipped.
 * @throws WorkbookError BadFile (a line with another number of fields, text where a number belongs), BadDate, EmptyTable: each with its line
 * @example readRows(bytes, readHeader(bytes, "a.csv"), plan, "a.csv").n
 */
export function readRows(bytes: Uint8Array, header: CsvHeader, plan: CsvPlan, file: string): CsvRows {
  const width = header.names.length;
  // a row takes a byte a column, so that a file of empty lines alone does not ask for rows
  const capacity = Math.min(countLines(bytes, header.start), Math.floor((bytes.length - header.start) / width) + 1);
  const line = new Int32Array(capacity);
  const day = new Int32Array(capacity);
  const numbers = new Map(plan.numbers.map((k) => [k, new Float64Array(capacity)]));
  const texts = new Map(plan.texts.map((k) => [k, new Array<string>(capacity)]));
  const numberOf = Array.from({ length: width }, (_, k) => numbers.get(k));
  const textOf = Array.from({ length: width }, (_, k) => texts.get(k));
  const missing = new Set(plan.missingTexts);
  const code = new Set(plan.missingCodes);
  const days = new Map<number, number>();

  let n = 0;
  let at = header.start;
  let number = header.line;
  const dateName = plan.day === null ? "" : header.names[plan.day]!;
  while (at < bytes.length) {
    if (bytes[at] === LF || (bytes[at] === CR && bytes[at + 1] === LF)) {
      at += bytes[at] === CR ? 2 : 1;
      number++;
      continue;
    }
    line[n] = number;
    let field = 0;
    for (let last = false; !last; field++) {
      let [from, to] = [at, at];
      if (bytes[at] === QUOTE) {
        from = at + 1;
        to = closingQuote(bytes, from, file, number);
        for (let i = from; i < to; i++) if (bytes[i] === LF) number++;
        at = to + 1;
        while (at < bytes.length && bytes[at] !== COMMA && bytes[at] !== LF) at++;
      } else {
        while (at < bytes.length && bytes[at] !== COMMA && bytes[at] !== LF) at++;
        to = at;
      }
      last = at >= bytes.length || bytes[at] === LF;
      at++;
      if (field >= width) continue;
      if (field === plan.day) {
        const value = dayAt(bytes, from, to, days);
        if (value === BAD_DAY) {
          const found = textAt(bytes, from, to);
          throw new WorkbookError("BadDate", `ingest: ${file} line ${number}: a date YYYYMMDD or YYYY-MM-DD required in ${dateName}, found "${found}"; mend that line`, { file, line: number, column: dateName, date: found });
        }
        day[n] = value;
      } else if (numberOf[field] !== undefined) {
        const value = numberAt(bytes, from, to, missing, code);
        if (value === Infinity) throw notANumber(textAt(bytes, from, to), header.names[field]!, file, number);
        numberOf[field]![n] = value;
      } else if (textOf[field] !== undefined) {
        const column = textOf[field]!;
        const previous = n > 0 ? column[n - 1]! : "";
        column[n] = sameText(bytes, from, to, previous) ? previous : textAt(bytes, from, to);
      }
    }
    if (field !== width) throw new WorkbookError("BadFile", `ingest: ${file} line ${line[n]}: ${width} fields required as in the header, found ${field}; the file may be cut off, copy or download it again`, { file, line: line[n]! });
    n++;
    number++;
  }
  if (n === 0) throw new WorkbookError("EmptyTable", `ingest: ${file}: data rows required, found only a header; copy or download the file again`, { file });
  return {
    n,
    line: line.subarray(0, n),
    day: day.subarray(0, n),
    numbers: new Map([...numbers].map(([k, v]) => [k, v.subarray(0, n)])),
    texts: new Map([...texts].map(([k, v]) => [k, v.slice(0, n)])),
  };
}

function countLines(bytes: Uint8Array, from: number): number {
  let count = 1;
  for (let at = bytes.indexOf(LF, from); at >= 0; at = bytes.indexOf(LF, at + 1)) count++;
  return count;
}

function closingQuote(bytes: Uint8Array, from: number, file: string, line: number): number {
  for (let i = from; i < bytes.length; i++) {
    if (bytes[i] !== QUOTE) continue;
    if (bytes[i + 1] !== QUOTE) return i;
    i++;
  }
  throw new WorkbookError("BadFile", `ingest: ${file} line ${line}: a closing quote required, found none to the end of the file; mend that line`, { file, line });
}

/** The error of text in a column of numbers. */
export function notANumber(text: string, column: string, file: string, line: number): WorkbookError {
  const found = text.length > 24 ? `${text.slice(0, 24)}…` : text;
  return new WorkbookError("BadFile", `ingest: ${file} line ${line}: a number required in ${column}, found "${found}"; mend that line, or leave the field empty where the value is missing`, { file, line, column });
}
