import * as fs from "node:fs";

/** What fields of a line are. */
export interface FieldPlan {
  /** what each field is read as, as `Scanner` numbers it `[field]` */
  readonly kinds: Int32Array;
  /** number columns */
  readonly columns: number;
  readonly missing: number;
}

/** Where rows read go. */
export interface RowSink {
  /** rows: their stamps, and each column's values one after the other, `most` apart; both are overwritten by the next call */
  take(rows: number, stamps: Float64Array, values: Float32Array, most: number): void;
}

/** What the built scanner offers, see ../wasm/scan.ts. */
interface ScanExports {
  readonly stopped: WebAssembly.Global;
  scan(at: number, end: number, kinds: number, width: number, stamps: number, values: number, most: number, powers: number, missing: number): number;
}

/** Powers of ten by which digits after the point are divided; up to 15 digits in all, mantissa and power are exact. */
export const POWERS = Float64Array.from({ length: 16 }, (_, k) => 10 ** k);
/** Bytes of text that lie in a slot at a time. */
export const TEXT = 1 << 18;
/** Bytes for the rows of it. */
const ROWS = 3 << 17;
const PAGE = 1 << 16;
const POWERS_AT = 1024;
/** Where what threads tell each other lies: a signal, then of each slot its state, rows read, where reading stopped, and the numbers of the call. */
const BOARD = 2048;
/** int32 of the board a slot; the missing code is a float64 in the last two of them. */
const WORDS = 16;
const MISSING = 12;
/** Whose turn a slot is. */
export const STATE = { own: 0, waiting: 1, taken: 2, done: 3 } as const;

/**
 * Copies all of `from`, where either lies in memory that threads share. `set` does that byte by byte unless both lie alike within a word, six
 * times as slow; `fill` is a plain copy of memory.
 */
export function copyShared(to: ArrayBufferView, from: ArrayBufferView): void {
  if (from.byteLength > 0) bytesOf(to).fill(bytesOf(from));
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** The part of the scanner that reads plain lines, in WebAssembly: compiled, with memory for slots of text that threads share. */
export class ScanModule {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly exports: ScanExports;

  private constructor(file: string, readonly slots: number) {
    const pages = Math.ceil((PAGE + slots * (TEXT + ROWS)) / PAGE) + 1;
    this.module = new WebAssembly.Module(fs.readFileSync(file));
    this.memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    this.exports = new WebAssembly.Instance(this.module, { env: { memory: this.memory, abort: () => undefined } }).exports as unknown as ScanExports;
    new Float64Array(this.memory.buffer, POWERS_AT, POWERS.length).set(POWERS);
  }

  /** Opens it; null where set-up has not built it. @example ScanModule.open(1)?.slot(0, plan) */
  static open(slots: number): ScanModule | null {
    const { builtScan } = require("../wasm/build.cjs") as { builtScan(): string | null };
    const file = builtScan();
    return file === null ? null : new ScanModule(file, slots);
  }

  /** A slot for lines of such fields; null for lines of so many that not even one fits. */
  slot(k: number, plan: FieldPlan): TextSlot | null {
    const kinds = 8 * Math.ceil(plan.kinds.byteLength / 8);
    const most = Math.floor((ROWS - kinds) / (8 + 4 * plan.columns));
    return most < 1 ? null : new TextSlot(this, k, PAGE + k * (TEXT + ROWS), most, kinds, plan);
  }

  /** What a thread must know to read slots. */
  workerData(): Readonly<Record<string, unknown>> {
    return { module: this.module, memory: this.memory, board: BOARD, slots: this.slots, words: WORDS, state: STATE };
  }
}

/** Text of whole lines, and the rows that are read of it. */
export class TextSlot {
  /** the text */
  readonly text: Buffer;
  /** bytes of text that are in use */
  length = 0;
  private readonly stamps: Float64Array;
  private readonly values: Float32Array;
  private readonly board: Int32Array;
  /** of the board: state, rows, stopped, then the call but the missing code */
  private readonly own: Int32Array;

  constructor(private readonly owner: ScanModule, k: number, private readonly base: number, private readonly most: number, kinds: number, private readonly plan: FieldPlan) {
    const { buffer } = owner.memory;
    const at = { kinds: base + TEXT, stamps: base + TEXT + kinds, values: base + TEXT + kinds + 8 * most };
    new Int32Array(buffer, at.kinds, plan.kinds.length).set(plan.kinds);
    this.text = Buffer.from(buffer, base, TEXT);
    this.stamps = new Float64Array(buffer, at.stamps, most);
    this.values = new Float32Array(buffer, at.values, most * plan.columns);
    this.board = new Int32Array(buffer, BOARD);
    this.own = this.board.subarray(WORDS * (1 + k), WORDS * (2 + k));
    this.own.set([STATE.own, 0, 0, base, base, at.kinds, plan.kinds.length, at.stamps, at.values, most, POWERS_AT]);
    new Float64Array(buffer, this.own.byteOffset + 4 * MISSING, 1)[0] = plan.missing;
  }

  /** Takes whole lines, `TEXT` bytes at most in all. */
  load(parts: readonly Uint8Array[]): void {
    this.length = 0;
    for (const part of parts) {
      copyShared(this.text.subarray(this.length, this.length + part.length), part);
      this.length += part.length;
    }
  }

  /** Lets a thread read the text, if one comes before `read` does. */
  offer(): void {
    this.own[4] = this.base + this.length;
    Atomics.store(this.own, 0, STATE.waiting);
    Atomics.add(this.board, 0, 1);
    Atomics.notify(this.board, 0, 1);
  }

  /** Takes the text back from threads; the next to load it may do so. */
  withdraw(): void {
    if (Atomics.compareExchange(this.own, 0, STATE.waiting, STATE.own) === STATE.taken) Atomics.wait(this.own, 0, STATE.taken);
    Atomics.store(this.own, 0, STATE.own);
  }

  /** Reads lines from offset `from`; returns the offset of the first line it does not read, or of the end. */
  read(from: number, sink: RowSink): number {
    const { owner: { exports }, own, plan, base, most } = this;
    for (let offset = from; ; ) {
      let rows: number;
      let stopped: number;
      if (Atomics.compareExchange(own, 0, STATE.waiting, STATE.own) > STATE.waiting) {
        Atomics.wait(own, 0, STATE.taken);
        [rows, stopped] = [own[1]!, own[2]!];
        Atomics.store(own, 0, STATE.own);
      } else {
        rows = exports.scan(base + offset, base + this.length, own[5]!, own[6]!, own[7]!, own[8]!, most, POWERS_AT, plan.missing);
        stopped = exports.stopped.value as number;
      }
      offset = stopped - base;
      if (rows > 0) sink.take(rows, this.stamps, this.values, most);
      if (rows < most || offset >= this.length) return offset;
    }
  }
}
