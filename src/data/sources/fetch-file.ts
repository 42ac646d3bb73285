import * as fs from "node:fs";
import * as path from "node:path";
import { WorkbookError } from "../../core/errors";
import { sha256, writeAtomic } from "../../core/files";
import { counter, silent, type Progress } from "../../core/progress";
import { storageFault, unwritable } from "../../core/storage-fault";
import { request, Transient, type Answer } from "./fetch-http";

/** A file to fetch, as the catalogue names it. */
export interface RemoteFile {
  readonly name: string;
  readonly url: string;
  /** SHA-256 in hex, or its beginning of at least 32 digits where the provider publishes no more; null where none is known */
  readonly sha256: string | null;
  /** null where it is not known */
  readonly bytes: number | null;
}

/** How patient a fetch is. */
export interface FetchPatience {
  /** failures in a row, without a new byte, before it gives up */
  readonly attempts: number;
  /** waits so many seconds */
  readonly wait: (seconds: number) => Promise<void>;
  /** how long a connection may bring next to nothing, ms */
  readonly stalled?: number;
}

/** Longest pause that a server may ask for, s: beyond it a person should choose the time. */
const LONGEST_WAIT = 600;
/** Longest pause of our own, s. */
const LONGEST_PAUSE = 60;

export const PATIENCE: FetchPatience = { attempts: 6, wait: (seconds) => new Promise((done) => setTimeout(done, seconds * 1000)) };

/** What came. */
export interface Fetched {
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * Fetches one file to `target`: into `target.part` first, going on where an earlier attempt broke off, then length and hash are checked and
 * it is renamed. Broken connections are tried again with growing pauses. A wrong length or hash leaves nothing behind.
 * @throws WorkbookError BadFile naming the address, what was required and found; Interrupted
 * @example await fetchFile({ name: "a.nc", url, sha256: null, bytes: null }, "data/raw/a.nc")
 */
export async function fetchFile(file: RemoteFile, target: string, options: { readonly progress?: Progress; readonly signal?: AbortSignal; readonly patience?: FetchPatience } = {}): Promise<Fetched> {
  const patience = options.patience ?? PATIENCE;
  const part = `${target}.part`;
  for (let failures = 0; ; ) {
    const before = sizeOf(part);
    try {
      await attempt(file, part, options.progress ?? silent, options.signal, patience.stalled);
      break;
    } catch (error) {
      if (!(error instanceof Transient)) throw error;
      failures = sizeOf(part) > before && !error.trickle ? 1 : failures + 1;
      if (failures >= patience.attempts) {
        throw new WorkbookError("BadFile", `fetch: ${file.url}: a whole answer required, found after ${failures} attempts: ${error.message} (${sizeOf(part)} bytes are kept in ${part}); try again later, it goes on from there`, { file: target, cause: error });
      }
      if ((error.after ?? 0) > LONGEST_WAIT) {
        throw new WorkbookError("BadFile", `fetch: ${file.url}: an answer within ${LONGEST_WAIT / 60} minutes required, found a server that asks to wait ${Math.ceil(error.after! / 60)} minutes (${error.message}; ${sizeOf(part)} bytes are kept in ${part}); run the command again then, it goes on from there`, { file: target, cause: error });
      }
      await patience.wait(error.after ?? Math.min(LONGEST_PAUSE, 2 ** (failures - 1)));
    }
  }
  const found = { bytes: sizeOf(part), sha256: sha256(part) };
  if (file.sha256 !== null && !found.sha256.startsWith(file.sha256)) {
    discard(part);
    throw new WorkbookError("BadFile", `fetch: ${file.url}: SHA-256 ${file.sha256} required, found ${found.sha256.slice(0, file.sha256.length)} (${found.bytes} bytes); the file is not kept; try again, or download it by hand`, { file: target });
  }
  fs.renameSync(part, target);
  fs.rmSync(stateFile(part), { force: true });
  return found;
}

/** What an unfinished file is a part of. */
interface PartState {
  readonly url: string;
  readonly etag: string | null;
  readonly total: number | null;
}

const stateFile = (part: string): string => `${part}.json`;
const sizeOf = (file: string): number => fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0;

function discard(part: string): void {
  fs.rmSync(part, { force: true });
  fs.rmSync(stateFile(part), { force: true });
}

function readState(part: string, url: string): PartState | null {
  try {
    const state = JSON.parse(fs.readFileSync(stateFile(part), "utf8")) as PartState;
    return state.url === url ? state : null;
  } catch {
    return null;
  }
}

/** One connection: appends what comes, and returns when the file is whole. */
async function attempt(file: RemoteFile, part: string, progress: Progress, signal?: AbortSignal, stalled?: number): Promise<void> {
  const state = readState(part, file.url);
  if (state === null) discard(part);
  const have = sizeOf(part);
  if (state !== null && state.total !== null && have === state.total && have > 0) return;
  const answer = await request(file.url, have > 0 ? { range: `bytes=${have}-`, ...(state?.etag ? { "if-range": state.etag } : {}) } : {}, signal, stalled);
  if (answer.status === 416) {
    discard(part);
    throw new Transient("the server no longer has the rest of this file");
  }
  refuseOther(file, answer);
  const resumed = answer.status === 206;
  const from = resumed ? rangeStart(answer) : 0;
  if (resumed && from !== have) {
    discard(part);
    throw new Transient(`the server sent bytes from ${from}, ${have} were asked for`);
  }
  const total = totalOf(answer, from);
  if (resumed && state !== null && state.total !== null && total !== null && total !== state.total) {
    discard(part);
    throw new Transient(`the file has changed on the server (${state.total} bytes, now ${total})`);
  }
  if (file.bytes !== null && total !== null && total !== file.bytes) throw wrongLength(file, part, total);
  const expected = file.bytes ?? total ?? state?.total ?? null;
  writeAtomic(stateFile(part), JSON.stringify({ url: file.url, etag: answer.headers.get("etag"), total: expected } satisfies PartState));
  await append(file, part, resumed ? have : 0, expected, answer, progress);
}

async function append(file: RemoteFile, part: string, from: number, expected: number | null, answer: Answer, progress: Progress): Promise<void> {
  const fd = fs.openSync(part, from > 0 ? "a" : "w");
  let size = from;
  const step = counter(file.name, expected ?? Infinity, progress);
  try {
    for await (const piece of answer.body) {
      write(fd, piece, part);
      size += piece.length;
      if (expected !== null && size > expected) throw wrongLength(file, part, size);
      step(size);
    }
  } finally {
    fs.closeSync(fd);
  }
  if (expected !== null && size < expected) throw new Transient(`${size} of ${expected} bytes`);
}

/** A piece to the disk; one that is full is no fault of the server. */
function write(fd: number, piece: Uint8Array, part: string): void {
  try {
    for (let at = 0; at < piece.length; ) at += fs.writeSync(fd, piece, at);
  } catch (error) {
    throw storageFault(error, path.dirname(part)) === null ? error : unwritable("fetch", part, error);
  }
}

/** Answers that no patience turns into the file. */
function refuseOther(file: RemoteFile, { status, headers }: Answer): void {
  const fail = (found: string): never => {
    throw new WorkbookError("BadFile", `fetch: ${file.url}: the file ${file.name} required, found ${found}; download it by hand`, { file: file.name });
  };
  if (status === 401 || status === 403) fail(`status ${status}: the provider wants an account or a licence accepted in the browser`);
  if (status !== 200 && status !== 206) fail(`status ${status}`);
  if (/text\/html/i.test(headers.get("content-type") ?? "") && !/\.html?$/i.test(file.name)) fail("a web page");
}

function rangeStart({ headers }: Answer): number {
  return Number(/^bytes (\d+)-/.exec(headers.get("content-range") ?? "")?.[1] ?? NaN);
}

/** Length of the whole file as this answer tells it, or null. */
function totalOf({ status, headers }: Answer, from: number): number | null {
  const whole = /\/(\d+)$/.exec(headers.get("content-range") ?? "")?.[1];
  if (status === 206 && whole !== undefined) return Number(whole);
  const length = headers.get("content-length");
  return length === null || headers.get("content-encoding") !== null ? null : from + Number(length);
}

function wrongLength(file: RemoteFile, part: string, found: number): WorkbookError {
  discard(part);
  return new WorkbookError("BadFile", `fetch: ${file.url}: ${file.bytes ?? "the told number of"} bytes required, found ${found}; the file is not kept; download it by hand`, { file: file.name });
}
