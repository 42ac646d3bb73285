import { randomUUID } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import type { WorkbookError } from "../../core/errors";
import { unwritable as unwritableFile } from "../../core/storage-fault";
import { lockFolder, type Holder } from "../../engine/lock";

const ENDING = ".partial";

/**
 * Files of a Zarr store under `root`, each of which appears whole or not at all: written to a name of its own ending in `.partial`, then
 * renamed. What a piece held before is never asked for, because whoever writes a piece owns all of it.
 * @throws WorkbookError BadFile from `set` where the disk is full or may not be written
 * @example const root = zarr.root(atomicFiles("O.zarr"))
 */
export function atomicFiles(root: string): { get(key: string): Promise<Uint8Array | undefined>; set(key: string, value: Uint8Array): Promise<void>; drop(key: string): Promise<void> } {
  const place = (key: string): string => path.join(root, ...key.split("/"));
  return {
    async get(key) {
      return key.endsWith("zarr.json") && fs.existsSync(place(key)) ? fs.promises.readFile(place(key)) : undefined;
    },
    async set(key, value) {
      const file = place(key);
      // the name is random: workers on several machines may share process ids
      const temporary = `${file}.${randomUUID().slice(0, 8)}${ENDING}`;
      try {
        await fs.promises.mkdir(path.dirname(file), { recursive: true });
        await fs.promises.writeFile(temporary, value);
        await fs.promises.rename(temporary, file);
      } catch (error) {
        await fs.promises.rm(temporary, { force: true }).catch(() => undefined);
        throw unwritable(file, error);
      }
    },
    async drop(key) {
      await fs.promises.rm(place(key), { force: true }).catch((error) => {
        throw unwritable(place(key), error);
      });
    },
  };
}

/**
 * Removes what a killed writer left half-written. Only the one who starts a run may call it, before any worker writes.
 * @returns how many files went
 * @example removePartials("O.zarr") // 0
 */
export function removePartials(root: string): number {
  const left = fs.readdirSync(root, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(ENDING));
  for (const name of left) fs.rmSync(path.join(root, name), { force: true });
  return left.length;
}

/**
 * Holds the folder of the work on a store for this process; returns what releases it.
 * @param tookOver told whose lock it was, where its process had gone
 * @throws WorkbookError BadRun when another process holds it, BadFile where it cannot be written
 * @example const release = holdWork("O.zarr.upscale")
 */
export function holdWork(dir: string, tookOver?: (former: Holder) => void): () => void {
  return lockFolder(dir, "engine", tookOver);
}

/** The error of a grid's file that could not be written, with what to do. */
export function unwritable(file: string, error: unknown): WorkbookError {
  return unwritableFile("grid", file, error);
}
