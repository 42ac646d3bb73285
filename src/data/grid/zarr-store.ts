import * as fs from "node:fs";
import * as path from "node:path";
import type { AsyncReadable, RangeQuery } from "@zarrita/storage";
import { refuseEndless } from "../../core/files";

/**
 * Files under `root` for zarrita to read. A part that a file is too short for is an error, where the package's own store gives zeros.
 * @example const root = zarr.root(wholeFiles("NEE.zarr"))
 */
export function wholeFiles(root: string): AsyncReadable {
  const place = (key: string): string => {
    // what stands between the numbers of a chunk is written in the store itself
    if (/(^|[\\/])\.\.([\\/]|$)/.test(key)) throw new Error(`the key ${key}, which leads out of the store`);
    const file = path.join(root, ...key.split("/"));
    refuseEndless(file);
    return file;
  };
  return {
    get: (key) => orNothing(async () => fs.promises.readFile(place(key))),
    getRange: (key, range) => orNothing(async () => readRange(place(key), range)),
  };
}

async function readRange(file: string, range: RangeQuery): Promise<Uint8Array> {
  const handle = await fs.promises.open(file, "r");
  try {
    const { size } = await handle.stat();
    const length = "suffixLength" in range ? range.suffixLength : range.length;
    const offset = "suffixLength" in range ? size - range.suffixLength : range.offset;
    if (offset < 0 || offset + length > size) throw new Error(`bytes ${offset} to ${offset + length} of a file of ${size}`);
    const bytes = new Uint8Array(length);
    const { bytesRead } = await handle.read(bytes, 0, length, offset);
    if (bytesRead !== length) throw new Error(`${bytesRead} of ${length} bytes`);
    return bytes;
  } finally {
    await handle.close();
  }
}

/** A file that is not there is a chunk nobody wrote: it holds the fill value. */
async function orNothing(read: () => Promise<Uint8Array>): Promise<Uint8Array | undefined> {
  try {
    return await read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
