import type { InputFile } from "../files/input";
import { LAYOUTS, type Layout, type ReadContext } from "../towers/layouts";
import type { Recognised } from "./ingest-input";

type Read = ReturnType<Layout["read"]>;

/**
 * Half-hourly files are read before their turn, some at a time: while threads scan one, the rows of another are made to days. What each
 * gives, and which error comes first, does not depend on it.
 */
export class ReadAhead {
  private readonly begun = new Map<InputFile, Read>();
  private next = 0;

  /**
   * @param order the files in the order in which they are asked for
   * @param most how many are read side by side
   */
  constructor(private readonly order: readonly Recognised[], private readonly context: ReadContext, private readonly most: number) {}

  /** The file as its layout reads it. */
  async read(input: InputFile, layout: Layout, context: ReadContext): Read {
    this.begin();
    const begun = this.begun.get(input);
    if (begun === undefined) return layout.read(input, context);
    try {
      return await begun;
    } finally {
      this.begun.delete(input);
    }
  }

  /** Waits for what is under way, whatever comes of it. */
  async end(): Promise<void> {
    this.next = this.order.length;
    await Promise.allSettled(this.begun.values());
  }

  private begin(): void {
    for (; this.next < this.order.length && this.begun.size < this.most; this.next++) {
      const { input, found } = this.order[this.next]!;
      const layout = LAYOUTS.find((l) => l.kind === found?.kind);
      if ("error" in input || found?.status !== "read" || layout?.alone !== true) continue;
      const read = layout.read(input, this.context);
      read.catch(() => undefined); // told when the file's turn comes
      this.begun.set(input, read);
    }
  }
}
