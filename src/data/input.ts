import * as fs from "node:fs";
import * as path from "node:path";
import * as zlib from "node:zlib";
import * as yauzl from "yauzl";
import { WorkbookError } from "../core/errors";

/** One file to look at: on disk, or an entry of a zip archive. */
export interface InputFile {
  /** as named to the user; an entry of an archive is `archive.zip/entry.csv` */
  readonly path: string;
  /** last part of the path, without `.gz` */
  readonly name: string;
  /** found in a folder or an archive, not named by the user */
  readonly walked: boolean;
  /** the file itself where it lies on disk uncompressed by us (Parquet is read there) */
  readonly disk: string | null;
  /** the bytes, decompressed; `limit` asks for no more than the beginning. @throws WorkbookError BadFile */
  bytes(limit?: number): Promise<Buffer>;
}

/** A path that cannot even be listed, and why. */
export interface BadInput {
  readonly path: string;
  readonly error: WorkbookError;
}

/**
 * Files under the given paths: folders recursively in order of name, zip archives entry by entry without unpacking them to disk.
 * @throws WorkbookError BadFile for a path that does not exist
 * @example await listInputs(["data/raw"])
 */
export async function listInputs(paths: readonly string[]): Promise<(InputFile | BadInput)[]> {
  const out: (InputFile | BadInput)[] = [];
  for (const given of paths) {
    if (!fs.existsSync(given)) throw new WorkbookError("BadFile", `ingest: ${given}: a file or folder required, found nothing there; check the path`, { file: given });
    for (const { file, walked } of walk(given)) {
      if (!/\.zip$/i.test(file)) {
        out.push(onDisk(file, walked));
        continue;
      }
      try {
        for (const entry of await zipEntries(file)) out.push(inZip(file, entry));
      } catch (cause) {
        out.push({ path: file, error: broken(file, "a whole zip archive", cause) });
      }
    }
  }
  return out;
}

function* walk(given: string, walked = false): Generator<{ file: string; walked: boolean }> {
  if (!fs.statSync(given, { throwIfNoEntry: false })?.isDirectory()) {
    yield { file: given, walked };
    return;
  }
  for (const name of fs.readdirSync(given).sort()) yield* walk(path.join(given, name), true);
}

const bareName = (file: string): string => path.basename(file).replace(/\.gz$/i, "");

function onDisk(file: string, walked: boolean): InputFile {
  return { path: file, name: bareName(file), walked, disk: file, bytes: async (limit) => decompress(file, readDisk(file, limit), limit) };
}

function inZip(archive: string, entry: string): InputFile {
  const shown = `${archive}/${entry}`;
  return { path: shown, name: bareName(entry), walked: true, disk: null, bytes: async (limit) => decompress(shown, await zipBytes(archive, entry, shown, limit), limit) };
}

function readDisk(file: string, limit?: number): Buffer {
  try {
    if (limit === undefined) return fs.readFileSync(file);
    const fd = fs.openSync(file, "r");
    try {
      const buffer = Buffer.alloc(limit);
      return buffer.subarray(0, fs.readSync(fd, buffer, 0, limit, 0));
    } finally {
      fs.closeSync(fd);
    }
  } catch (cause) {
    throw broken(file, "a readable file of at most 2 GiB", cause);
  }
}

/** Gunzips what begins like gzip, whatever it is called. A beginning is decompressed as far as it goes. */
async function decompress(shown: string, raw: Buffer, limit?: number): Promise<Buffer> {
  if (raw.length < 2 || raw[0] !== 0x1f || raw[1] !== 0x8b) {
    if (/\.gz$/i.test(shown) && raw.length > 0) throw broken(shown, "gzip", new Error("the first bytes are not gzip's"));
    return raw;
  }
  const options: zlib.ZlibOptions = limit === undefined ? {} : { finishFlush: zlib.constants.Z_SYNC_FLUSH };
  return new Promise((resolve, reject) => {
    zlib.gunzip(raw, options, (error, bytes) => {
      if (error) reject(broken(shown, "a whole gzip file", error));
      else resolve(limit === undefined ? bytes : bytes.subarray(0, limit));
    });
  });
}

function broken(file: string, required: string, cause: unknown): WorkbookError {
  const found = (cause as Error).message === "unexpected end of file" ? "one that ends too early (truncated)" : (cause as Error).message;
  return new WorkbookError("BadFile", `ingest: ${file}: ${required} required, found: ${found}; copy or download the file again`, { file, cause });
}

function openZip(archive: string): Promise<yauzl.ZipFile> {
  return new Promise((resolve, reject) => yauzl.open(archive, { lazyEntries: true, autoClose: false }, (error, zip) => (error ? reject(error) : resolve(zip))));
}

/** Goes through the archive's entries until `visit` gives something. */
async function eachEntry<T>(archive: string, visit: (entry: yauzl.Entry, zip: yauzl.ZipFile) => Promise<T> | undefined): Promise<T | undefined> {
  const zip = await openZip(archive);
  try {
    return await new Promise<T | undefined>((resolve, reject) => {
      zip.on("error", reject);
      zip.on("end", () => resolve(undefined));
      zip.on("entry", (entry: yauzl.Entry) => {
        const got = visit(entry, zip);
        if (got === undefined) zip.readEntry();
        else got.then(resolve, reject);
      });
      zip.readEntry();
    });
  } finally {
    zip.close();
  }
}

async function zipEntries(archive: string): Promise<string[]> {
  const names: string[] = [];
  await eachEntry(archive, (entry) => {
    if (!entry.fileName.endsWith("/")) names.push(entry.fileName);
    return undefined;
  });
  return names.sort();
}

async function zipBytes(archive: string, name: string, shown: string, limit?: number): Promise<Buffer> {
  try {
    const bytes = await eachEntry(archive, (entry, zip) => (entry.fileName === name ? entryBytes(entry, zip, limit) : undefined));
    if (bytes === undefined) throw new Error("the entry is gone");
    return bytes;
  } catch (cause) {
    throw broken(shown, "a whole entry of the archive", cause);
  }
}

function entryBytes(entry: yauzl.Entry, zip: yauzl.ZipFile, limit?: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => {
      if (error) return reject(error);
      const parts: Buffer[] = [];
      let length = 0;
      stream.on("error", reject);
      stream.on("data", (part: Buffer) => {
        parts.push(part);
        length += part.length;
        if (limit !== undefined && length >= limit) {
          stream.destroy();
          resolve(Buffer.concat(parts).subarray(0, limit));
        }
      });
      stream.on("end", () => resolve(Buffer.concat(parts)));
    });
  });
}
