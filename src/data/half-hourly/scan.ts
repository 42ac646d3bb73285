import { WorkbookError } from "../../core/errors";
import { notANumber } from "../files/csv";
import { numberAt, textAt } from "../files/csv-field";
import { copyShared, POWERS, ScanModule, TEXT, type FieldPlan, type RowSink, type TextSlot } from "./fast-rows";
import { newMemory, RowRoom, type Memory } from "./row-room";
import { StampReader, type DateOrder } from "./stamps";
import { lengthOf, WholeLines } from "./whole-lines";

const COMMA = 44;
const QUOTE = 34;
const LF = 10;
const CR = 13;
const SPACE = 32;
const MINUS = 45;
const DOT = 46;
const ZERO = 48;
const NINE = 57;
/** What a field is read as; numbers count from 0. */
const SKIP = -1;
const STAMP = -2;
const DATE = -3;
const TIME = -4;

/** Rows for which there is room before it is known how many come. */
const FIRST_ROWS = 1 << 14;

/** What a scanner reads of each line. */
export interface ScanPlan {
  readonly file: string;
  readonly names: readonly string[];
  /** line of the first row of data, counted from 1 */
  readonly line: number;
  /** position of the stamp, or of the date and the time; a second stamp is read as a number of minutes too */
  readonly stamp: number;
  readonly time: number | null;
  readonly order: DateOrder;
  /** positions of the number columns */
  readonly numbers: readonly number[];
  readonly missingTexts: readonly string[];
  readonly missingCodes: readonly number[];
}

/** Rows as they stand in the file. */
export interface ScannedRows {
  readonly n: number;
  /** minutes since 1970-01-01 as the file writes them `[row]` */
  readonly stamp: Float64Array;
  readonly line: Int32Array;
  /** by position in the header, NaN = missing `[row]` */
  readonly numbers: ReadonlyMap<number, Float32Array>;
}

/**
 * Reads half-hourly rows from a file's bytes, piece by piece, without making strings: stamps and the planned numbers.
 * @throws WorkbookError BadFile (text for a number, a line of another length), BadDate: each with its line
 * @example const scanner = new Scanner(plan); scanner.push(bytes); scanner.end().n
 */
export class Scanner implements RowSink {
  private readonly kinds: Int32Array;
  private readonly stamps: StampReader;
  private readonly missing: ReadonlySet<string>;
  private readonly codes: ReadonlySet<number>;
  private readonly lines = new WholeLines(TEXT);
  private rows: RowRoom;
  private next: number;
  private own: TextSlot | null | undefined;
  /** rows read so far */
  n = 0;

  /** how WebAssembly reads its plain lines; null where it cannot */
  readonly fields: FieldPlan | null;

  /**
   * @param fast read plain lines by WebAssembly where set-up has built it; the result is the same
   * @param memory where rows are kept once there are many
   */
  constructor(private readonly plan: ScanPlan, fast = true, private readonly memory: Memory = newMemory) {
    this.kinds = new Int32Array(plan.names.length).fill(SKIP);
    plan.numbers.forEach((position, slot) => (this.kinds[position] = slot));
    this.kinds[plan.stamp] = plan.time === null ? STAMP : DATE;
    if (plan.time !== null) this.kinds[plan.time] = TIME;
    this.stamps = new StampReader(plan.order);
    this.missing = new Set(plan.missingTexts);
    this.codes = new Set(plan.missingCodes);
    this.rows = this.room(newMemory, FIRST_ROWS);
    this.next = plan.line;
    const plain = plan.time === null && plan.order === "ymd" && plan.missingCodes.length === 1;
    this.fields = fast && plain ? { kinds: this.kinds, columns: plan.numbers.length, missing: plan.missingCodes[0]! } : null;
  }

  /** Reads a piece; a line cut at its end waits for the next one. */
  push(piece: Buffer): void {
    for (const part of this.cut(piece)) this.settle(part);
  }

  /** A piece in parts of whole lines, each to be settled, or finished in a slot, in their order. */
  cut(piece: Buffer): Iterable<readonly Buffer[]> {
    return this.lines.cut(piece);
  }

  /** The rows, once all pieces are read. @throws WorkbookError EmptyTable */
  end(): ScannedRows {
    this.settle(this.lines.rest());
    const { n, plan, rows: { stamp, line, columns } } = this;
    if (n === 0) throw new WorkbookError("EmptyTable", `ingest: ${plan.file}: data rows required, found only a header; copy or download the file again`, { file: plan.file });
    return { n, stamp: stamp.subarray(0, n), line: line.subarray(0, n), numbers: new Map(plan.numbers.map((position, slot) => [position, columns[slot]!.subarray(0, n)])) };
  }

  /** Rows that the fast part has read. */
  take(rows: number, stamps: Float64Array, values: Float32Array, most: number): void {
    const { n } = this;
    if (n + rows > this.rows.capacity) this.reserve(Math.max(2 * this.rows.capacity, n + rows));
    const { stamp, line, columns } = this.rows;
    copyShared(stamp.subarray(n, n + rows), stamps.subarray(0, rows));
    for (let i = 0; i < rows; i++) line[n + i] = this.next + i;
    for (let k = 0; k < columns.length; k++) copyShared(columns[k]!.subarray(n, n + rows), values.subarray(k * most, k * most + rows));
    this.next += rows;
    this.n = n + rows;
  }

  /** Reads a part of whole lines. */
  settle(part: readonly Buffer[]): void {
    if (this.own === undefined) this.own = this.fields === null ? null : (ScanModule.open(1)?.slot(0, this.fields) ?? null);
    const { own } = this;
    if (own === null || lengthOf(part) > TEXT) {
      const bytes = part.length === 1 ? part[0]! : Buffer.concat(part);
      for (let at = 0; at < bytes.length; ) at = this.row(bytes, at);
    } else {
      own.load(part);
      this.finish(own);
    }
  }

  /** Reads the lines of a slot: what WebAssembly has read or reads, and every other line by hand. */
  finish(slot: TextSlot): void {
    for (let at = slot.read(0, this); at < slot.length; at = slot.read(at, this)) at = this.row(slot.text, at);
  }

  /** One line, which may be empty; returns where the next one begins. */
  private row(bytes: Buffer, at: number): number {
    const { kinds } = this;
    const width = kinds.length;
    if (bytes[at] === LF || (bytes[at] === CR && bytes[at + 1] === LF)) {
      this.next++;
      return at + (bytes[at] === LF ? 1 : 2);
    }
    if (this.n === this.rows.capacity) this.reserve(2 * this.rows.capacity);
    const { n, rows } = this;
    let minutes = 0;
    for (let field = 0; ; field++) {
      const kind = field < width ? kinds[field]! : SKIP;
      let c = bytes[at]!;
      if (kind >= 0) {
        const from = at;
        const negative = c === MINUS;
        if (negative) c = bytes[++at]!;
        const first = at;
        let mantissa = 0;
        while (c >= ZERO && c <= NINE) {
          mantissa = mantissa * 10 + (c - ZERO);
          c = bytes[++at]!;
        }
        let digits = at - first;
        let decimals = 0;
        if (c === DOT) {
          const point = at;
          c = bytes[++at]!;
          while (c >= ZERO && c <= NINE) {
            mantissa = mantissa * 10 + (c - ZERO);
            c = bytes[++at]!;
          }
          decimals = at - point - 1;
          digits += decimals;
        }
        let value: number;
        if ((c === COMMA || c === LF || c === CR) && digits > 0 && digits <= 15) {
          value = negative ? -mantissa / POWERS[decimals]! : mantissa / POWERS[decimals]!;
          if (this.plan.missingCodes.includes(value)) value = NaN;
        } else {
          at = endOfField(bytes, from);
          value = this.slowNumber(bytes, from, at, field);
        }
        rows.columns[kind]![n] = value;
      } else {
        const from = at;
        if (c === QUOTE) at = endOfField(bytes, from);
        else {
          while (c !== COMMA && c !== LF) c = bytes[++at]!;
        }
        if (kind !== SKIP) minutes += this.time(bytes, from, at, kind);
      }
      if (bytes[at] === CR) at++;
      if (bytes[at++] === LF) {
        if (field + 1 !== width) throw this.wrongWidth(field + 1);
        break;
      }
    }
    rows.stamp[n] = minutes;
    rows.line[n] = this.next++;
    this.n = n + 1;
    return at;
  }

  private time(bytes: Buffer, from: number, to: number, kind: number): number {
    [from, to] = trimmed(bytes, from, to);
    const value = kind === STAMP ? this.stamps.stamp(bytes, from, to) : kind === DATE ? this.stamps.date(bytes, from, to) : this.stamps.time(bytes, from, to);
    if (value === value) return value;
    const { plan, next } = this;
    const column = plan.names[kind === TIME ? plan.time! : plan.stamp]!;
    const found = textAt(bytes, from, to);
    const wanted = kind === STAMP ? "a time YYYYMMDDHHMM" : kind === TIME ? "a time HH:MM" : "a date YYYY-MM-DD, or dd/mm/yyyy where the row of units says so,";
    const again = found === column ? "; a second header stands there: split the file at that line" : "; mend that line";
    throw new WorkbookError("BadDate", `ingest: ${plan.file} line ${next}: ${wanted} required in ${column}, found "${found}"${again}`, { file: plan.file, line: next, column, date: found });
  }

  private slowNumber(bytes: Buffer, from: number, to: number, field: number): number {
    [from, to] = trimmed(bytes, from, to);
    const value = numberAt(bytes, from, to, this.missing, this.codes);
    if (value === Infinity) throw notANumber(textAt(bytes, from, to), this.plan.names[field]!, this.plan.file, this.next);
    return value;
  }

  private wrongWidth(found: number): WorkbookError {
    const { file, names } = this.plan;
    const why = found > names.length ? "a comma inside a number, or a column too many" : "the line may be cut off";
    return new WorkbookError("BadFile", `ingest: ${file} line ${this.next}: ${names.length} fields required as in the header, found ${found} (${why}); mend that line, or copy or download the file again`, { file, line: this.next });
  }

  /** Makes room for `capacity` rows, so that they need not be moved on the way. */
  reserve(capacity: number): void {
    if (capacity <= this.rows.capacity) return;
    const larger = this.room(this.memory, capacity);
    larger.take(this.rows, this.n);
    this.rows = larger;
  }

  private room(memory: Memory, capacity: number): RowRoom {
    const columns = this.plan.numbers.length;
    return new RowRoom(memory(RowRoom.bytes(capacity, columns)), capacity, columns);
  }
}

/** Where the field ends: at a comma outside quotes, or at the end of the line. */
function endOfField(bytes: Buffer, at: number): number {
  for (let quoted = false; ; at++) {
    const c = bytes[at];
    if (c === undefined || c === LF) return at;
    if (c === QUOTE) quoted = !quoted;
    else if (c === COMMA && !quoted) return at;
  }
}

/** Without blanks, a carriage return and quotes around the field. */
function trimmed(bytes: Buffer, from: number, to: number): [number, number] {
  while (from < to && isEdge(bytes[from]!)) from++;
  while (to > from && isEdge(bytes[to - 1]!)) to--;
  return [from, to];
}

function isEdge(c: number): boolean {
  return c === QUOTE || c === CR || c === SPACE;
}
