import * as fs from "node:fs";

/** What the built scanner offers, see ../wasm/scan.ts. */
interface ScanExports {
  readonly memory: WebAssembly.Memory;
  readonly stopped: WebAssembly.Global;
  reserve(bytes: number): void;
  scan(at: number, end: number, kinds: number, width: number, stamps: number, values: number, most: number, powers: number, missing: number): number;
}

/** Where rows read go. */
export interface RowSink {
  /** rows: their stamps, and each column's values one after the other, `most` apart; both are overwritten by the next call */
  take(rows: number, stamps: Float64Array, values: Float32Array, most: number): void;
}

/** Rows of one call: what they fill stays in a processor's second cache. */
const MOST = 1 << 13;
/** Bytes of text that lie in the module's memory at a time. */
const TEXT = 1 << 22;
const LF = 10;
const ALIGNED = 1024;

/** The part of the scanner that reads plain lines, in WebAssembly; `Scanner` reads all others, and every line where it is not built. */
export class FastRows {
  private readonly text: number;
  private readonly stamps: Float64Array;
  private readonly values: Float32Array;
  private readonly bytes: Uint8Array;

  private constructor(private readonly exports: ScanExports, private readonly width: number, columns: number, private readonly at: { readonly powers: number; readonly kinds: number; readonly stamps: number; readonly values: number }, private readonly missing: number) {
    this.text = at.values + 4 * MOST * columns;
    exports.reserve(this.text + TEXT + ALIGNED);
    const { buffer } = exports.memory;
    this.stamps = new Float64Array(buffer, at.stamps, MOST);
    this.values = new Float32Array(buffer, at.values, MOST * columns);
    this.bytes = new Uint8Array(buffer);
  }

  /**
   * Opens it for lines of such fields; null where set-up has not built it.
   * @param kinds what each field is read as `[field]`
   * @example FastRows.open(Int32Array.of(-2, 0), 1, -9999, powers)
   */
  static open(kinds: Int32Array, columns: number, missing: number, powers: Float64Array): FastRows | null {
    const { builtScan } = require("../wasm/build.cjs") as { builtScan(): string | null };
    const file = builtScan();
    if (file === null) return null;
    const module = new WebAssembly.Module(fs.readFileSync(file));
    const instance = new WebAssembly.Instance(module, { env: { abort: () => undefined } });
    const fields = ALIGNED + powers.byteLength;
    const stamps = ALIGNED * Math.ceil((fields + kinds.byteLength) / ALIGNED);
    const made = new FastRows(instance.exports as unknown as ScanExports, kinds.length, columns, { powers: ALIGNED, kinds: fields, stamps, values: stamps + 8 * MOST }, missing);
    new Float64Array(made.bytes.buffer, ALIGNED, powers.length).set(powers);
    new Int32Array(made.bytes.buffer, fields, kinds.length).set(kinds);
    return made;
  }

  /** Takes whole lines from `at` on, as many as there is room for; returns where they end, `at` itself where one line is too long. */
  load(bytes: Buffer, at: number, end: number): number {
    const stop = end - at <= TEXT ? end : bytes.lastIndexOf(LF, at + TEXT - 1) + 1;
    if (stop > at) this.bytes.set(bytes.subarray(at, stop), this.text);
    return Math.max(at, stop);
  }

  /** Reads loaded lines from offset `from`; returns the offset of the first line it does not read, or `to`. */
  read(from: number, to: number, sink: RowSink): number {
    const { exports, text, at } = this;
    for (let offset = from; ; ) {
      const rows = exports.scan(text + offset, text + to, at.kinds, this.width, at.stamps, at.values, MOST, at.powers, this.missing);
      offset = (exports.stopped.value as number) - text;
      if (rows > 0) sink.take(rows, this.stamps, this.values, MOST);
      if (rows < MOST || offset >= to) return offset;
    }
  }
}
