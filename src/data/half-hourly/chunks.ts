import * as fs from "node:fs";
import * as zlib from "node:zlib";
import { WorkbookError } from "../../core/errors";
import { broken, mayUnfoldTo } from "../files/decompress";
import type { InputFile } from "../files/input";

/** A piece of a file's text and how far the file is read, as a share of 1. The bytes may be overwritten once the next piece is asked for. */
export interface Chunk {
  readonly bytes: Buffer;
  readonly share: number;
}

/** A little less than a slot of text holds, so that with the line cut at the end of the piece before it fills one. */
const PIECE = 15 << 14;
/** Of a gzip a piece costs a way to another thread and back. */
const UNPACKED = 15 << 16;

/**
 * A file's bytes, decompressed, in pieces: files on disk never lie in memory whole.
 * @throws WorkbookError BadFile for a file that cannot be read, is cut off, or unfolds beyond reason
 * @example for await (const { bytes } of chunksOf(input)) scanner.push(bytes)
 */
export async function* chunksOf(input: InputFile): AsyncGenerator<Chunk> {
  if (input.disk === null) yield { bytes: await input.bytes(), share: 1 };
  else if (isGzip(input.disk)) yield* gunzipped(input.disk);
  else yield* plain(input.disk);
}

function isGzip(file: string): boolean {
  const fd = fs.openSync(file, "r");
  try {
    const magic = Buffer.alloc(2);
    return fs.readSync(fd, magic, 0, 2, 0) === 2 && magic[0] === 0x1f && magic[1] === 0x8b;
  } finally {
    fs.closeSync(fd);
  }
}

function* plain(file: string): Generator<Chunk> {
  const fd = fs.openSync(file, "r");
  try {
    const size = fs.fstatSync(fd).size;
    const buffer = Buffer.allocUnsafe(Math.min(PIECE, Math.max(1, size)));
    for (let done = 0, n = fs.readSync(fd, buffer); n > 0; n = fs.readSync(fd, buffer)) {
      done += n;
      yield { bytes: buffer.subarray(0, n), share: done / size };
    }
  } finally {
    fs.closeSync(fd);
  }
}

async function* gunzipped(file: string): AsyncGenerator<Chunk> {
  const size = fs.statSync(file).size;
  const packed = fs.createReadStream(file, { highWaterMark: 1 << 20 });
  const text = zlib.createGunzip({ chunkSize: UNPACKED });
  packed.on("error", (error) => text.destroy(error));
  packed.pipe(text);
  let total = 0;
  try {
    for await (const bytes of text as AsyncIterable<Buffer>) {
      total += bytes.length;
      if (total > mayUnfoldTo(size)) {
        throw new WorkbookError("BadFile", `ingest: ${file}: at most ${Math.round(mayUnfoldTo(size) / 2 ** 20)} MiB once decompressed required, found more in ${size} bytes of gzip; it is no measured record: remove it`, { file });
      }
      yield { bytes, share: text.bytesWritten / size };
    }
  } catch (cause) {
    throw broken(file, "a whole gzip file", cause);
  } finally {
    packed.destroy();
    text.destroy();
  }
}
