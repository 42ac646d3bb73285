import { TEXT, type TextSlot } from "./fast-rows";
import type { Scanner } from "./scan";
import { lengthOf } from "./whole-lines";

/** Reads a file's pieces into a scanner with the help of threads: parts of whole lines wait in slots, whoever reads them, and are joined in the order of the file. */
export class ScanAhead {
  private readonly under: TextSlot[] = [];
  private next = 0;
  /** bytes of the file that the scanner's rows come from */
  settled = 0;

  /**
   * @param slots at least one, of no one else's until `close`
   * @param leave gives the slots back
   */
  constructor(private readonly scanner: Scanner, private readonly slots: readonly TextSlot[], private readonly leave: () => void) {}

  /** Reads a piece; its bytes may be overwritten after it. */
  push(piece: Buffer): void {
    for (const part of this.scanner.cut(piece)) this.begin(part);
  }

  /** Reads what waits; the last line, where no line feed ends it, is left to the scanner. */
  end(): void {
    while (this.under.length > 0) this.finish();
  }

  /** Gives the slots back, whatever has happened. */
  close(): void {
    for (const slot of this.under.splice(0)) slot.withdraw();
    this.leave();
  }

  private begin(part: readonly Buffer[]): void {
    const bytes = lengthOf(part);
    if (bytes > TEXT) {
      this.end();
      this.scanner.settle(part);
      this.settled += bytes;
      return;
    }
    // The slot that is next in turn is the one begun longest ago.
    if (this.under.length === this.slots.length) this.finish();
    const slot = this.slots[this.next++ % this.slots.length]!;
    slot.load(part);
    slot.offer();
    this.under.push(slot);
  }

  private finish(): void {
    const slot = this.under[0]!;
    this.scanner.finish(slot);
    this.under.shift();
    this.settled += slot.length;
  }
}
