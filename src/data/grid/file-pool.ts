import type { GridFile } from "./grid";
import { openGrid } from "./open";

/** Most files that stay open: a grid may be a file a day, an operating system grants about a thousand. */
const MOST = 16;

/** Gridded files, opened when used; the one unused longest is closed when there are too many. */
export interface FilePool {
  /** Lends a file for the time of `work`. */
  use<T>(file: string, work: (grid: GridFile) => Promise<T>): Promise<T>;
  /** Closes those that nobody uses, now and from now on. */
  close(): void;
}

/** An empty pool. @example const pool = filePool(); await pool.use("a.nc", async (grid) => grid.names) */
export function filePool(most = MOST): FilePool {
  const held = new Map<string, { readonly opened: Promise<GridFile>; users: number }>();
  let keep = most;
  const trim = async (): Promise<void> => {
    for (const [file, { opened, users }] of [...held]) {
      if (held.size <= keep) return;
      if (users > 0) continue;
      held.delete(file);
      (await opened.catch(() => null))?.close();
    }
  };
  return {
    async use(file, work) {
      const entry = held.get(file) ?? { opened: openGrid(file), users: 0 };
      // last in the map's order: used most recently
      held.delete(file);
      held.set(file, entry);
      entry.users++;
      try {
        return await work(await entry.opened);
      } catch (error) {
        // a file that did not open is tried again by who asks next
        if (await entry.opened.then(() => false, () => true)) held.delete(file);
        throw error;
      } finally {
        entry.users--;
        await trim();
      }
    },
    close() {
      keep = 0;
      void trim();
    },
  };
}
