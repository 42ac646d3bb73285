/** Room for rows of half-hours: stamps, lines and number columns lie in one piece of memory, so that it can be used again as a whole. */
export class RowRoom {
  /** minutes since 1970-01-01 `[row]` */
  readonly stamp: Float64Array;
  readonly line: Int32Array;
  /** `[row]` each */
  readonly columns: readonly Float32Array[];

  /** @param capacity rows that `memory` holds, see `bytes` */
  constructor(memory: ArrayBuffer, readonly capacity: number, columns: number) {
    this.stamp = new Float64Array(memory, 0, capacity);
    this.line = new Int32Array(memory, 8 * capacity, capacity);
    this.columns = Array.from({ length: columns }, (_, k) => new Float32Array(memory, (12 + 4 * k) * capacity, capacity));
  }

  /** Bytes of memory that so many rows take. */
  static bytes(capacity: number, columns: number): number {
    return capacity * (12 + 4 * columns);
  }

  /** Takes over the first `n` rows of another room. */
  take(old: RowRoom, n: number): void {
    this.stamp.set(old.stamp.subarray(0, n));
    this.line.set(old.line.subarray(0, n));
    this.columns.forEach((values, k) => values.set(old.columns[k]!.subarray(0, n)));
  }
}

/** Memory is lent in multiples of so many bytes, so that files of about the same length can use the same piece. */
const GRAIN = 1 << 21;

/** Gives memory of at least so many bytes; what was given before may be given to others once the caller has moved out of it. */
export type Memory = (bytes: number) => ArrayBuffer;

/** New memory, as it is found: rows are written before they are read. */
export const newMemory: Memory = (bytes) => Buffer.allocUnsafeSlow(bytes).buffer as ArrayBuffer;

/**
 * Memory of files that are read one after the other. New memory costs twice: the system clears it page by page, and the garbage collector
 * hurries to find what is no longer used.
 */
export class MemoryPool {
  private readonly free: ArrayBuffer[] = [];
  private readonly lent = new Map<object, ArrayBuffer>();

  /** @param most pieces that are kept for later */
  constructor(private readonly most: number) {}

  /** Memory for a borrower, one piece at a time: the one before is given back, but never at once to the same borrower, who moves out of it. */
  lend(borrower: object): Memory {
    return (bytes) => {
      const fits = this.free.findIndex((memory) => memory.byteLength >= bytes);
      const memory = fits < 0 ? newMemory(GRAIN * Math.ceil(bytes / GRAIN)) : this.free.splice(fits, 1)[0]!;
      this.takeBack(borrower);
      this.lent.set(borrower, memory);
      return memory;
    };
  }

  /** What a borrower has may be given to others: nothing may look at its rows any more. */
  takeBack(borrower: object): void {
    const memory = this.lent.get(borrower);
    if (memory === undefined) return;
    this.lent.delete(borrower);
    this.free.push(memory);
    this.free.sort((a, b) => a.byteLength - b.byteLength).splice(0, this.free.length - this.most);
  }
}
