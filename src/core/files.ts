import * as crypto from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";

/** The folder that holds package.json, wherever the process was started. */
export function projectRoot(): string {
  return path.resolve(__dirname, "..", "..");
}

/**
 * Writes whole or not at all: to a temporary name beside the target, then renamed.
 * @example writeAtomic("out/table.csv", "site,r2\n")
 */
export function writeAtomic(file: string, content: string | Uint8Array): void {
  replaceAtomic(file, (temporary) => fs.writeFileSync(temporary, content));
}

/** As `writeAtomic`, where `make` writes the temporary file itself (it may be asynchronous). */
export function replaceAtomic(file: string, make: (temporary: string) => Promise<void>): Promise<void>;
export function replaceAtomic(file: string, make: (temporary: string) => void): void;
export function replaceAtomic(file: string, make: (temporary: string) => void | Promise<void>): void | Promise<void> {
  fs.mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
  const temporary = `${file}.tmp-${process.pid}`;
  const clean = (error: unknown): never => {
    fs.rmSync(temporary, { force: true });
    throw error;
  };
  try {
    const made = make(temporary);
    if (made instanceof Promise) return made.then(() => fs.renameSync(temporary, file)).catch(clean);
    fs.renameSync(temporary, file);
  } catch (error) {
    clean(error);
  }
}

/** SHA-256 of a file's bytes, hex, read in pieces. @example sha256("T.parquet") */
export function sha256(file: string): string {
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
