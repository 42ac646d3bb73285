const LF = 10;
const NOTHING = Buffer.alloc(0);

/** Bytes of a part of whole lines. */
export function lengthOf(part: readonly Buffer[]): number {
  return part.reduce((sum, bytes) => sum + bytes.length, 0);
}

/** Cuts text that comes in pieces into parts of whole lines; a line cut at a piece's end waits for the next one. */
export class WholeLines {
  private carry = NOTHING;

  /** @param most bytes of a part, where no single line is longer */
  constructor(private readonly most: number) {}

  /** Parts of a piece, each as one or two buffers; they are of no use once the next piece is asked for. */
  *cut(piece: Buffer): Generator<readonly Buffer[]> {
    for (let from = 0; from < piece.length; ) {
      const until = Math.min(piece.length, from + this.most - this.carry.length);
      let end = until > from ? piece.lastIndexOf(LF, until - 1) + 1 : 0;
      if (end <= from) end = piece.indexOf(LF, from) + 1;
      if (end === 0) {
        this.carry = Buffer.concat([this.carry, piece.subarray(from)]);
        return;
      }
      const part = piece.subarray(from, end);
      yield this.carry.length > 0 ? [this.carry, part] : [part];
      this.carry = NOTHING;
      from = end;
    }
  }

  /** The last line where no line feed ends the file, with one; nothing else. */
  rest(): readonly Buffer[] {
    const { carry } = this;
    this.carry = NOTHING;
    return carry.length > 0 ? [carry, Buffer.of(LF)] : [];
  }
}
