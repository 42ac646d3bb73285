import * as fs from "node:fs";
import * as yauzl from "yauzl";
import { WorkbookError } from "../../core/errors";
import { refuseEndless } from "../../core/files";
import { MAX_RATIO, MAX_TOTAL, broken, mayUnfoldTo } from "./decompress";

/** A zip archive: a file on disk, or an entry of another archive. */
export interface Archive {
  /** as named to the user */
  readonly shown: string;
  /** what `zipEntries` found, by name: an entry is not looked for again through all of them */
  readonly found: Map<string, yauzl.Entry>;
  open(): Promise<yauzl.ZipFile>;
}

/** What an archive says of one file in it. */
export interface ArchiveEntry {
  readonly name: string;
  /** bytes once decompressed, as the archive says and yauzl holds it to */
  readonly size: number;
}

/** Takes what an archive on disk, with all archives in it, unfolds to, and refuses the rest. */
export type Budget = (archive: Archive, entries: readonly ArchiveEntry[]) => void;

/** An archive that is a file. @example await zipEntries(zipOnDisk("FLX_DE-Hai.zip")) */
export function zipOnDisk(file: string): Archive {
  return {
    shown: file, found: new Map(),
    async open() {
      refuseEndless(file);
      return new Promise((resolve, reject) => yauzl.open(file, { lazyEntries: true, autoClose: false }, (error, zip) => (error ? reject(error) : resolve(zip))));
    },
  };
}

/** An archive whose bytes come from another. */
export function zipInMemory(shown: string, bytes: () => Promise<Buffer>): Archive {
  return {
    shown, found: new Map(),
    async open() {
      const held = await bytes();
      return new Promise((resolve, reject) => yauzl.fromBuffer(held, { lazyEntries: true }, (error, zip) => (error ? reject(error) : resolve(zip))));
    },
  };
}

/**
 * A budget for one archive on disk: all in it together may unfold to 200 times its size (64 MiB are always allowed) and to 64 GiB.
 * Sizes that an archive states too low are found when the entry is read.
 * @throws WorkbookError BadFile naming the archive and what it would unfold to
 */
export function zipBudget(file: string): Budget {
  const packed = fs.statSync(file).size;
  let total = 0;
  return (archive, entries) => {
    for (const entry of entries) total += entry.size;
    const most = Math.min(mayUnfoldTo(packed), MAX_TOTAL);
    if (total <= most) return;
    const largest = entries.reduce((a, b) => (b.size > a.size ? b : a));
    const why = most === MAX_TOTAL ? "split it" : `more than ${MAX_RATIO} times its size is no measured record (a zip bomb): remove it`;
    throw new WorkbookError("BadFile", `ingest: ${archive.shown}: at most ${mib(most)} MiB once decompressed required, found ${mib(total)} MiB in ${packed} bytes of ${file} (largest ${largest.name}); ${why}`, { file: archive.shown });
  };
}

const mib = (bytes: number): number => Math.round(bytes / 2 ** 20);

/**
 * Files in an archive in order of name. No entry may lie outside the archive's own folder.
 * @throws WorkbookError BadFile for an archive that is not whole, and for a name with `..`, an absolute path or a backslash, which is named
 */
export async function zipEntries(archive: Archive): Promise<ArchiveEntry[]> {
  const entries: ArchiveEntry[] = [];
  try {
    await eachEntry(archive, (entry) => {
      if (entry.fileName.endsWith("/")) return;
      entries.push({ name: entry.fileName, size: entry.uncompressedSize });
      if (!archive.found.has(entry.fileName)) archive.found.set(entry.fileName, entry);
    });
  } catch (cause) {
    const outside = /^(?:invalid relative path|absolute path|invalid characters in fileName): (.*)$/s.exec((cause as Error).message)?.[1];
    if (outside === undefined) throw broken(archive.shown, "a whole zip archive", cause);
    throw new WorkbookError("BadFile", `ingest: ${archive.shown}: entries inside the archive's own folder required, found ${JSON.stringify(outside)}; such an archive is not from a network: get it again from there`, { file: archive.shown, cause });
  }
  return entries.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/**
 * An entry's bytes, or with `limit` its beginning, without unpacking to disk.
 * @throws WorkbookError BadFile, also for an entry that unfolds to another size than stated
 */
export async function zipBytes(archive: Archive, name: string, limit?: number): Promise<Buffer> {
  const shown = `${archive.shown}/${name}`;
  try {
    const entry = archive.found.get(name);
    if (entry === undefined) throw new Error("the entry is gone");
    const zip = await archive.open();
    try {
      return await entryBytes(entry, zip, limit);
    } finally {
      zip.close();
    }
  } catch (cause) {
    throw broken(shown, "a whole entry of the archive", cause);
  }
}

/** Goes through the archive's entries once. */
async function eachEntry(archive: Archive, visit: (entry: yauzl.Entry) => void): Promise<void> {
  const zip = await archive.open();
  try {
    await new Promise<void>((resolve, reject) => {
      zip.on("error", reject);
      zip.on("end", resolve);
      zip.on("entry", (entry: yauzl.Entry) => {
        visit(entry);
        zip.readEntry();
      });
      zip.readEntry();
    });
  } finally {
    zip.close();
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
