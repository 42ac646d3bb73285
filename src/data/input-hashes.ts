import * as fs from "node:fs";
import * as path from "node:path";
import { WorkbookError } from "../core/errors";
import { sha256 } from "../core/files";
import { isObject, parseJson } from "../core/json";
import { printable } from "../core/printable";

/** A file that a table was made from; a type, so that it is JSON. */
export type InputHash = {
  /** its path below the folder that was named to `ingest`, with `/`: the same wherever that folder lies */
  readonly name: string;
  readonly bytes: number;
  /** SHA-256, hex */
  readonly sha256: string;
};

/** What becomes a table's list of inputs while they are read. */
export interface InputRecord {
  /** a file may be read */
  see(file: string): void;
  /** a file is about to be read, or has been since it was seen */
  use(file: string): void;
  /** the files used, in order of name. @throws WorkbookError BadFile for one that was written anew since it was seen, or has gone */
  hashes(): InputHash[];
}

/**
 * A record of the files that are read under the given paths.
 * @example const record = inputRecord(["data/raw"]); record.use("data/raw/a.csv"); record.hashes()[0].name // "a.csv"
 */
export function inputRecord(given: readonly string[]): InputRecord {
  const seen = new Map<string, string>();
  const used = new Set<string>();
  const stamp = (file: string): string => {
    const found = fs.statSync(file, { throwIfNoEntry: false });
    return found === undefined ? "gone" : `${found.size} bytes of ${found.mtime.toISOString()}`;
  };
  const see = (file: string): void => void (seen.has(file) || seen.set(file, stamp(file)));
  return {
    see,
    use(file) {
      see(file);
      used.add(file);
    },
    hashes: () => [...used].map((file): InputHash => {
      const before = seen.get(file)!;
      const hash = stamp(file) === "gone" ? "" : sha256(file);
      const now = stamp(file);
      if (now !== before || now === "gone") throw new WorkbookError("BadFile", `ingest: ${file}: a file that stays as it is while it is read required, found ${before}, then ${now}; ingest again`, { file });
      return { name: nameBelow(given, file), bytes: fs.statSync(file).size, sha256: hash };
    }).sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.sha256 < b.sha256 ? -1 : 1)),
  };
}

function nameBelow(given: readonly string[], file: string): string {
  const below = given.map((folder) => path.relative(folder, file)).filter((name) => name !== "" && inside(name)).sort((a, b) => a.length - b.length);
  return (below[0] ?? path.basename(file)).split(path.sep).join("/");
}

const inside = (name: string): boolean => !path.isAbsolute(name) && !name.split(/[\\/]/).includes("..");

/**
 * A table's list of inputs as its file keeps it.
 * @param where names the file, for the message
 * @throws WorkbookError BadFile for anything else
 * @example parseInputHashes('[{"name":"a.csv","bytes":3,"sha256":"…"}]', "readTable: T.parquet")
 */
export function parseInputHashes(text: string, where: string): InputHash[] {
  try {
    const list = parseJson(text);
    if (Array.isArray(list) && list.every(isInputHash)) return list.map(({ name, bytes, sha256: hash }) => ({ name, bytes, sha256: hash }));
  } catch {
    // said below, with what is required
  }
  throw new WorkbookError("BadFile", `${where}: inputs as a list of name, bytes and sha256 required, found ${printable(text, 40)}; make the table with ingest`, {});
}

function isInputHash(entry: unknown): entry is InputHash {
  return isObject(entry) && typeof entry["name"] === "string" && inside(entry["name"]) && typeof entry["bytes"] === "number" && /^[0-9a-f]{64}$/.test(String(entry["sha256"]));
}

/**
 * The file of an input under the given folders or among the given files; null where none has its name. One with its content goes first.
 * @example findInput(["data/raw"], table.inputs[0])
 */
export function findInput(places: readonly string[], { name, sha256: hash }: InputHash): { readonly file: string; readonly sha256: string } | null {
  const found = places
    .map((place) => (fs.statSync(place, { throwIfNoEntry: false })?.isDirectory() ? path.join(place, name) : path.basename(place) === path.basename(name) ? place : null))
    .filter((file): file is string => file !== null && fs.statSync(file, { throwIfNoEntry: false })?.isFile() === true)
    .map((file) => ({ file, sha256: sha256(file) }));
  return found.find((f) => f.sha256 === hash) ?? found[0] ?? null;
}
