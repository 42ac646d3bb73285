import * as path from "node:path";
import { isWorkbookError, WorkbookError } from "./errors";

const NAMES: Readonly<Record<string, string>> = {
  ENOSPC: "no space is left on the disk", EDQUOT: "the disk quota is used up", EROFS: "the file system is read-only", EFBIG: "the file is larger than is allowed here",
};
const FORBIDDEN = ["EACCES", "EPERM"];

/**
 * Why nothing can be written into `folder`, or null for any other error: a full disk or a forbidden folder fails every task alike, so
 * none of the others need be tried. Libraries wrap such errors or only repeat the system's words, so causes and texts are looked at too.
 * @example storageFault(Object.assign(new Error("write"), { code: "ENOSPC" }), "out") // "no space is left on the disk (ENOSPC)"
 */
export function storageFault(error: unknown, folder: string): string | null {
  for (let e = error; e instanceof Error; e = e.cause) {
    const { code, path: at, dest } = e as NodeJS.ErrnoException & { readonly dest?: string };
    if (code !== undefined && NAMES[code] !== undefined) return `${NAMES[code]} (${code})`;
    if (code !== undefined && FORBIDDEN.includes(code) && [at, dest].some((file) => file !== undefined && within(file, folder))) return `writing there is forbidden (${code})`;
    const told = /no space left on device|disk quota exceeded|read-only file system|file too large/i.exec(e.message);
    if (told) return told[0].toLowerCase();
  }
  return null;
}

function within(file: string, folder: string): boolean {
  const relative = path.relative(folder, file);
  return !path.isAbsolute(relative) && relative.split(path.sep)[0] !== "..";
}

/**
 * The error of a file or folder that could not be written, with what to do; one that says so already is passed on.
 * @example throw unwritable("write", "out/T.parquet", error)
 */
export function unwritable(where: string, file: string, error: unknown): WorkbookError {
  if (isWorkbookError(error)) return error;
  // whatever may not be touched here was to be written
  const found = storageFault(error, path.parse(path.resolve(file)).root) ?? (error as Error).message;
  return new WorkbookError("BadFile", `${where}: ${file}: a disk that takes the file is required, found: ${found}; make room, give leave to write or name another folder, and run again: what is whole is kept`, { file, cause: error });
}
