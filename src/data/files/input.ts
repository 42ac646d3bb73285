import * as fs from "node:fs";
import * as path from "node:path";
import { WorkbookError, isWorkbookError } from "../../core/errors";
import { MAX_FOLDERS, refuseEndless } from "../../core/files";
import { broken, gunzip } from "./decompress";
import { zipBudget, zipBytes, zipEntries, zipInMemory, zipOnDisk, type Archive, type Budget } from "./zip";

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
  /** the file on disk that holds it: itself, or the archive */
  readonly holder: string;
  /** the bytes, decompressed; `limit` asks for no more than the beginning. @throws WorkbookError BadFile */
  bytes(limit?: number): Promise<Buffer>;
  /** the file of that name (with or without `.gz`) in the same folder, or of the same archive; null where there is none */
  sibling(name: string): InputFile | null;
}

/** A path that cannot even be listed, and why. */
export interface BadInput {
  readonly path: string;
  readonly error: WorkbookError;
}

/** How deep archives may lie in each other. */
const MAX_DEPTH = 3;

/**
 * Files under the given paths: folders recursively in order of name, zip archives (and those in them) entry by entry without unpacking to disk.
 * @param reading is told of each file on disk before all of it is read by `bytes`
 * @throws WorkbookError BadFile for a path that does not exist
 * @example await listInputs(["data/raw"])
 */
export async function listInputs(paths: readonly string[], reading: (file: string) => void = () => undefined): Promise<(InputFile | BadInput)[]> {
  const out: (InputFile | BadInput)[] = [];
  const inner = innerBytes();
  for (const given of paths) {
    if (!fs.existsSync(given)) throw new WorkbookError("BadFile", `ingest: ${given}: a file or folder required, found nothing there; check the path`, { file: given });
    for (const { file, walked, error } of walk(given, new Set())) {
      if (error !== undefined) {
        out.push({ path: file, error });
        continue;
      }
      if (/\.zip$/i.test(file)) out.push(...(await inArchive(zipOnDisk(file), 1, { holder: file, reading, budget: zipBudget(file), inner })));
      else out.push(onDisk(file, walked, reading));
    }
  }
  return out;
}

interface Walked {
  readonly file: string;
  readonly walked: boolean;
  readonly error?: WorkbookError;
}

/** Files under a path. A folder that links lead to again is walked once: they may turn in a circle. */
function* walk(given: string, seen: Set<string>, depth = 0): Generator<Walked> {
  const walked = depth > 0;
  let names: string[];
  try {
    if (!fs.statSync(given, { throwIfNoEntry: false })?.isDirectory()) {
      yield { file: given, walked };
      return;
    }
    if (depth === MAX_FOLDERS) throw new Error(`folders more than ${MAX_FOLDERS} deep in each other`);
    const real = fs.realpathSync(given);
    if (seen.has(real)) return;
    seen.add(real);
    names = fs.readdirSync(given).sort();
  } catch (cause) {
    yield { file: given, walked, error: broken(given, "a readable file or folder", cause) };
    return;
  }
  for (const name of names) yield* walk(path.join(given, name), seen, depth + 1);
}

const bareName = (file: string): string => path.basename(file).replace(/\.gz$/i, "");

function onDisk(file: string, walked: boolean, reading: (file: string) => void): InputFile {
  return {
    path: file, name: bareName(file), walked, disk: file, holder: file,
    async bytes(limit) {
      if (limit === undefined) reading(file);
      return gunzip(file, readDisk(file, limit), limit);
    },
    sibling(name) {
      const found = [name, `${name}.gz`].map((n) => path.join(path.dirname(file), n)).find((f) => fs.statSync(f, { throwIfNoEntry: false })?.isFile());
      return found === undefined ? null : onDisk(found, true, reading);
    },
  };
}

/** Reads the bytes of an inner archive; of each depth the last one is kept, as its entries are read one after the other. */
type InnerBytes = (depth: number, shown: string, read: () => Promise<Buffer>) => Promise<Buffer>;

function innerBytes(): InnerBytes {
  const held = new Map<number, { readonly shown: string; readonly bytes: Promise<Buffer> }>();
  return (depth, shown, read) => {
    const last = held.get(depth);
    if (last?.shown === shown) return last.bytes;
    const bytes = read();
    held.set(depth, { shown, bytes });
    return bytes;
  };
}

/** What archives in each other share. */
interface OfArchive {
  /** the outermost, on disk */
  readonly holder: string;
  readonly reading: (file: string) => void;
  readonly budget: Budget;
  readonly inner: InnerBytes;
}

/** An archive's files, those of archives in it among them; an archive that is refused gives one bad input. */
async function inArchive(archive: Archive, depth: number, shared: OfArchive): Promise<(InputFile | BadInput)[]> {
  try {
    const entries = await zipEntries(archive);
    shared.budget(archive, entries);
    const own: InputFile[] = [];
    const out: (InputFile | BadInput)[] = [];
    for (const { name } of entries) {
      const shown = `${archive.shown}/${name}`;
      if (!/\.zip$/i.test(name)) {
        own.push(inZip(archive, name, own, shared));
        out.push(own[own.length - 1]!);
      } else if (depth === MAX_DEPTH) {
        out.push({ path: shown, error: new WorkbookError("BadFile", `ingest: ${shown}: at most ${MAX_DEPTH} archives in each other required, found one deeper; unpack it`, { file: shown }) });
      } else {
        out.push(...(await inArchive(zipInMemory(shown, () => shared.inner(depth, shown, () => zipBytes(archive, name))), depth + 1, shared)));
      }
    }
    return out;
  } catch (error) {
    if (!isWorkbookError(error)) throw error;
    return [{ path: archive.shown, error }];
  }
}

function inZip(archive: Archive, entry: string, all: readonly InputFile[], { holder, reading }: OfArchive): InputFile {
  const shown = `${archive.shown}/${entry}`;
  return {
    path: shown, name: bareName(entry), walked: true, disk: null, holder,
    async bytes(limit) {
      if (limit === undefined) reading(holder);
      return gunzip(shown, await zipBytes(archive, entry, limit), limit);
    },
    sibling: (name) => all.find((other) => other.name === bareName(name) && path.dirname(other.path) === path.dirname(shown)) ?? null,
  };
}

function readDisk(file: string, limit?: number): Buffer {
  try {
    refuseEndless(file);
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
