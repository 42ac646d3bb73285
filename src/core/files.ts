import * as buffer from "node:buffer";
import * as crypto from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { WorkbookError } from "./errors";
import { removeLeftoversOf } from "./leftovers";
import { processMark, thisProcess } from "./processes";
import { storageFault, unwritable } from "./storage-fault";

/** The folder that holds package.json, wherever the process was started. */
export function projectRoot(): string {
  return path.resolve(__dirname, "..", "..");
}

/**
 * Makes a folder and those above it.
 * @throws WorkbookError BadFile where the disk is full, it may not be made, or a file is in its place
 */
export function makeFolder(folder: string): void {
  try {
    fs.mkdirSync(folder, { recursive: true });
  } catch (error) {
    const why = whyNot(path.resolve(folder)) ?? error;
    const { code } = why as NodeJS.ErrnoException;
    throw unwritable("write", folder, code === "EEXIST" || code === "ENOTDIR" ? new Error("a file, or a link that leads nowhere, in the folder's place") : why);
  }
}

/** Why a folder cannot be made: of folders above it that are missing Node says only that they are missing, not why it could not make them. */
function whyNot(folder: string): unknown {
  let missing = folder;
  while (!fs.existsSync(path.dirname(missing))) missing = path.dirname(missing);
  try {
    fs.mkdirSync(missing);
    return null;
  } catch (error) {
    return error;
  }
}

/** A name beside `file` for what is not whole yet; it says whose it is, so that `removeLeftovers` can tell when its process has gone. */
export function temporaryName(file: string): string {
  return `${file}.tmp-${processMark(thisProcess())}`;
}

/**
 * Writes whole or not at all: to a temporary name beside the target, then renamed. What killed processes left of the same file goes.
 * @throws WorkbookError BadFile where the disk is full or the file may not be written
 * @example writeAtomic("out/table.csv", "site,r2\n")
 */
export function writeAtomic(file: string, content: string | Uint8Array): void {
  replaceAtomic(file, (temporary) => fs.writeFileSync(temporary, content));
}

/** As `writeAtomic`, where `make` writes the temporary file itself (it may be asynchronous). */
export function replaceAtomic(file: string, make: (temporary: string) => Promise<void>): Promise<void>;
export function replaceAtomic(file: string, make: (temporary: string) => void): void;
export function replaceAtomic(file: string, make: (temporary: string) => void | Promise<void>): void | Promise<void> {
  makeFolder(path.dirname(path.resolve(file)));
  removeLeftoversOf(file);
  const temporary = temporaryName(file);
  const clean = (error: unknown): never => {
    fs.rmSync(temporary, { force: true });
    throw storageFault(error, path.dirname(path.resolve(file))) === null ? error : unwritable("write", file, error);
  };
  try {
    const made = make(temporary);
    if (made instanceof Promise) return made.then(() => fs.renameSync(temporary, file)).catch(clean);
    fs.renameSync(temporary, file);
  } catch (error) {
    clean(error);
  }
}

/**
 * Appends a line. One before it that a full disk or a power cut broke off is ended first, so that it spoils no other.
 * @throws WorkbookError BadFile where the disk is full or the file may not be written
 * @example appendLine("log.jsonl", "{}")
 */
export function appendLine(file: string, line: string): void {
  makeFolder(path.dirname(path.resolve(file)));
  try {
    const fd = fs.openSync(file, "a+");
    try {
      const last = Buffer.alloc(1);
      const { size } = fs.fstatSync(fd);
      const torn = size > 0 && fs.readSync(fd, last, 0, 1, size - 1) === 1 && last[0] !== 10;
      fs.writeSync(fd, `${torn ? "\n" : ""}${line}\n`);
    } finally {
      fs.closeSync(fd);
    }
  } catch (error) {
    throw unwritable("write", file, error);
  }
}

/** How deep folders of others may lie in each other: walking them takes the stack. */
export const MAX_FOLDERS = 200;

/**
 * Refuses what has no end to be read to: opening a pipe waits for whoever writes into it, and a device goes on for ever. Either may lie, or be
 * linked to, in a folder that others made.
 * @returns what is there
 * @throws WorkbookError BadFile; ENOENT where nothing is there
 * @example refuseEndless("run/config.json")
 */
export function refuseEndless(file: string): fs.Stats {
  const found = fs.statSync(file);
  if (found.isFile() || found.isDirectory()) return found;
  throw new WorkbookError("BadFile", `read: ${file}: a plain file required, found a pipe, socket or device; remove it, or put the file itself there`, { file });
}

/** The bytes of a file that others may have put there. @throws what `refuseEndless` and Node throw @example readBytes("run/log.jsonl").toString("utf8") */
export function readBytes(file: string): Buffer {
  refuseEndless(file);
  return fs.readFileSync(file);
}

/** What one text can hold, in bytes of plain letters: reading more would fill the memory and then fail. */
const LONGEST_TEXT = buffer.constants.MAX_STRING_LENGTH;

/**
 * The text of a file that others may have put there.
 * @throws what `readBytes` throws; WorkbookError BadFile for a file that is longer than any text
 * @example readText("run/log.jsonl").split("\n")
 */
export function readText(file: string): string {
  const { size } = refuseEndless(file);
  if (size > LONGEST_TEXT) throw new WorkbookError("BadFile", `read: ${file}: a text of at most ${LONGEST_TEXT} bytes required, found ${size}; copy the file again, or remove it`, { file });
  return fs.readFileSync(file, "utf8");
}

/** SHA-256 of a file's bytes, hex, read in pieces. @throws what `refuseEndless` and Node throw @example sha256("T.parquet") */
export function sha256(file: string): string {
  refuseEndless(file);
  const hash = crypto.createHash("sha256");
  const fd = fs.openSync(file, "r");
  try {
    const buffer = Buffer.allocUnsafe(1 << 20);
    for (let n = fs.readSync(fd, buffer); n > 0; n = fs.readSync(fd, buffer)) hash.update(buffer.subarray(0, n));
  } finally {
    fs.closeSync(fd);
  }
  return hash.digest("hex");
}
