import * as buffer from "node:buffer";
import * as zlib from "node:zlib";
import { WorkbookError, isWorkbookError } from "../../core/errors";
import { readBytes } from "../../core/files";

const MIB = 2 ** 20;
/** Tower files of text pack 4 to 30 times; a file of one repeated line 200 times and more. */
export const MAX_RATIO = 200;
/** Below this no ratio is asked: nothing so small can do harm. */
export const SMALL = 64 * MIB;
/** What one archive may unfold to, the archives in it included. */
export const MAX_TOTAL = 64 * 1024 * MIB;

/** Bytes that `packed` bytes may unfold to. @example mayUnfoldTo(1000) // 67108864 */
export function mayUnfoldTo(packed: number): number {
  return Math.max(SMALL, MAX_RATIO * packed);
}

/**
 * Gunzips what begins like gzip, whatever it is called; `limit` asks for no more than the beginning, decompressed as far as it goes.
 * @throws WorkbookError BadFile for a file cut off, a name `.gz` without gzip in it, and a bomb: more than 64 MiB and more than 200 times what is packed
 * @example await gunzip("a.csv.gz", fs.readFileSync("a.csv.gz"))
 */
export async function gunzip(shown: string, raw: Buffer, limit?: number): Promise<Buffer> {
  if (raw.length < 2 || raw[0] !== 0x1f || raw[1] !== 0x8b) {
    if (/\.gz$/i.test(shown) && raw.length > 0) throw broken(shown, "gzip", new Error("the first bytes are not gzip's"));
    return raw;
  }
  const most = Math.min(mayUnfoldTo(raw.length), buffer.constants.MAX_LENGTH);
  const options: zlib.ZlibOptions = limit === undefined ? { maxOutputLength: most } : { finishFlush: zlib.constants.Z_SYNC_FLUSH };
  return new Promise((resolve, reject) => {
    zlib.gunzip(raw, options, (error, bytes) => {
      if (!error) resolve(limit === undefined ? bytes : bytes.subarray(0, limit));
      else if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") reject(tooLarge(shown, raw.length, most));
      else reject(broken(shown, "a whole gzip file", error));
    });
  });
}

function tooLarge(file: string, packed: number, most: number): WorkbookError {
  const [required, cure] = most < mayUnfoldTo(packed) ? [`at most ${Math.round(most / MIB)} MiB once decompressed`, "split the file"] : [`at most ${Math.round(most / MIB)} MiB (${MAX_RATIO} times what is packed)`, "it is no measured record: remove it"];
  return new WorkbookError("BadFile", `ingest: ${file}: ${required} required, found more in ${packed} bytes of gzip; ${cure}`, { file });
}

/**
 * A file as `gunzip` would give it, at once, for lists that are read whole.
 * @throws what `readBytes` throws; Error from zlib when it is not whole or unfolds to more than `mayUnfoldTo`
 * @example gunzipped("sites.csv.gz")
 */
export function gunzipped(file: string): Buffer {
  const raw = readBytes(file);
  return raw[0] === 0x1f && raw[1] === 0x8b ? zlib.gunzipSync(raw, { maxOutputLength: mayUnfoldTo(raw.length) }) : raw;
}

/** The error of a file that cannot be read as what it should be; an error of ours is passed on as it is. */
export function broken(file: string, required: string, cause: unknown): WorkbookError {
  if (isWorkbookError(cause)) return cause;
  const found = (cause as Error).message === "unexpected end of file" ? "one that ends too early (truncated)" : (cause as Error).message;
  return new WorkbookError("BadFile", `ingest: ${file}: ${required} required, found: ${found}; copy or download the file again`, { file, cause });
}
