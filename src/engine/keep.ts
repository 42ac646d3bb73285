/**
 * Hands out what `key` names, made by `make` the first time a process asks; `release` is called when the process ends with no task
 * under way. What could not be made is made again when next asked for.
 */
export type Keep = <T>(key: string, make: () => T | Promise<T>, release?: (value: T) => void | Promise<void>) => Promise<T>;

interface Kept {
  readonly value: Promise<unknown>;
  readonly release: (() => Promise<void>) | null;
}

/** What one process has opened for its tasks: grids, tables, models with their tensors. */
export class KeptThings {
  private readonly things = new Map<string, Kept>();

  readonly keep: Keep = (key, make, release) => {
    const there = this.things.get(key);
    if (there) return there.value as Promise<never>;
    const value = Promise.resolve().then(make);
    this.things.set(key, { value, release: release ? async () => release(await value) : null });
    value.catch(() => this.things.delete(key));
    return value;
  };

  /** Releases all, the last made first; one that fails to is passed over, for the process ends. */
  async release(): Promise<void> {
    const kept = [...this.things.values()].reverse();
    this.things.clear();
    for (const { release } of kept) await release?.().catch(() => undefined);
  }
}
