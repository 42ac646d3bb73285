import * as fs from "node:fs";
import * as path from "node:path";
import { sha256 } from "../core/files";
import { readJsonObject } from "../core/json";
import { hashNow, readHashes, writtenConfigHash } from "./hashes";
import { readProvenance } from "./provenance";
import { readFinished } from "./run-directory";

/** One thing a run says of itself, looked at again; `unknown` where it can no longer be told. */
export interface Check {
  readonly what: string;
  readonly state: "holds" | "broken" | "unknown";
  /** what was compared, or why nothing could be */
  readonly detail: string;
}

/** Where the table of a run lies: as told, else where it lay when the run began; null for a table in memory. */
export function tableFile(dir: string, told?: string): string | null {
  const file = path.join(dir, "table.json");
  return told ?? (fs.existsSync(file) ? readJsonObject<{ path: string }>(file, "verify").path : null);
}

/**
 * Recomputes every hash that a finished run recorded: its configuration, the table it learned from, its weights and other files. Nothing
 * is written.
 * @param table the run's table, where it has moved
 * @throws WorkbookError BadRun for a folder that is no finished run
 * @example verifyHashes("data/runs/tamrl").every((check) => check.state === "holds")
 */
export function verifyHashes(dir: string, table?: string): Check[] {
  readFinished(dir);
  const recorded = readHashes(dir);
  if (recorded === null) return [{ what: "hashes", state: "unknown", detail: "the run recorded none: it is of an older workbook, or hashes.json was removed; train it again" }, tableCheck(dir, table)];
  return [
    compared("configuration", recorded.config, writtenConfigHash(dir)),
    tableCheck(dir, table),
    ...Object.entries(recorded.files).map(([name, hash]) => {
      const file = path.join(dir, name);
      return fs.existsSync(file) ? compared(name, hash, hashNow(dir, name)) : { what: name, state: "broken" as const, detail: "it is gone" };
    }),
  ];
}

function tableCheck(dir: string, told?: string): Check {
  const made = readProvenance(dir, "verify").table;
  const file = tableFile(dir, told);
  const what = `table ${made.name}`;
  if (file === null) return { what, state: "unknown", detail: "it was never a file" };
  if (!fs.existsSync(file)) return { what, state: "unknown", detail: `${file} is not there; say where it is now with --table` };
  return compared(what, made.sha256, sha256(file));
}

/** A recorded hash beside that of now. */
export function compared(what: string, recorded: string, now: string): Check {
  const short = (hash: string): string => `${hash.slice(0, 12)}…`;
  if (recorded === now) return { what, state: "holds", detail: `SHA-256 ${short(now)}` };
  return { what, state: "broken", detail: `SHA-256 ${short(recorded)} recorded, ${short(now)} found` };
}
