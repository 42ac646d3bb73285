import { execFileSync } from "node:child_process";
import * as crypto from "node:crypto";
import * as path from "node:path";
import { WorkbookError } from "../core/errors";
import { projectRoot, sha256 } from "../core/files";
import { isObject, readJson, readJsonObject } from "../core/json";
import { brief } from "../core/printable";
import { daysOf, texts, type DailyTable } from "../data/daily-table";
import type { InputHash } from "../data/input-hashes";
import type { Engine } from "./learner";
import { runPaths } from "./run-directory";

/** What an output was made from and with. */
export interface Provenance {
  readonly workbook: string;
  /** commit of the workbook, `-dirty` when files differ, null outside a checkout */
  readonly commit: string | null;
  readonly node: string;
  /** the table: its name, the SHA-256 of its file, or of its content when it was never a file, and what it was made from where it says */
  readonly table: { readonly name: string; readonly sha256: string; readonly inputs?: readonly InputHash[] };
  readonly seed: number | null;
  readonly device: string | null;
  readonly kernel: string | null;
  /** versions of what computed, as the backend reports them */
  readonly versions: Readonly<Record<string, string>>;
}

/**
 * The provenance that lies in a run directory.
 * @throws WorkbookError BadFile, BadRun when it is not whole
 * @example readProvenance("data/runs/tamrl", "verify").table.sha256
 */
export function readProvenance(dir: string, where: string): Provenance {
  const file = runPaths(dir).provenance;
  const found = readJsonObject<Provenance>(file, where);
  const { table } = found;
  const texts: readonly unknown[] = isObject(table) ? [found.workbook, found.node, table.name, table.sha256, found.commit ?? "", found.device ?? "", found.kernel ?? ""] : [null];
  if (!texts.every((text) => typeof text === "string") || !isObject(found.versions)) {
    throw new WorkbookError("BadRun", `${where}: ${file}: workbook, versions, and the table by its name and SHA-256 required, found ${brief(found)}; copy the run again, or train it again`, { file });
  }
  // what an older or another workbook did not say is not known
  return { ...found, commit: found.commit ?? null, device: found.device ?? null, kernel: found.kernel ?? null };
}

/** A table together with where it came from. */
export interface NamedTable {
  readonly table: DailyTable;
  readonly name: string;
  readonly sha256: string;
}

/** Names a table by its file, or by its content. @example nameTable(table, "T.parquet") */
export function nameTable(table: DailyTable, file: string | null, name = "table"): NamedTable {
  return file === null ? { table, name, sha256: contentHash(table) } : { table, name: path.basename(file), sha256: sha256(file) };
}

function contentHash(table: DailyTable): string {
  const hash = crypto.createHash("sha256");
  hash.update(JSON.stringify(table.sites)).update(texts(table, "site").join("\n")).update(daysOf(table));
  for (const name of table.rows.columnNames()) {
    const column = table.rows.column(name) as unknown;
    if (column instanceof Float32Array) hash.update(name).update(column);
  }
  return hash.digest("hex");
}

/** What anything made now is made with, whatever it is made from. @example provenanceHere(await openBackend()).commit */
export function provenanceHere(engine: Engine | null): Omit<Provenance, "table" | "seed"> {
  const version = readJson<{ version: string }>(path.join(projectRoot(), "package.json")).version;
  return { workbook: version, commit: commit(), node: process.version, device: engine?.device ?? null, kernel: engine?.kernel ?? null, versions: engine?.versions ?? {} };
}

/**
 * Provenance of an output made now.
 * @example provenanceOf(named, 1, await openBackend())
 */
export function provenanceOf(table: NamedTable, seed: number | null, engine: Engine | null): Provenance {
  const { workbook, commit, node, ...computed } = provenanceHere(engine);
  const inputs = table.table.inputs === undefined ? {} : { inputs: table.table.inputs };
  return { workbook, commit, node, table: { name: table.name, sha256: table.sha256, ...inputs }, seed, ...computed };
}

function commit(): string | null {
  try {
    const git = (...args: string[]): string => execFileSync("git", ["-C", projectRoot(), ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    return `${git("rev-parse", "HEAD")}${git("status", "--porcelain", "--untracked-files=no") ? "-dirty" : ""}`;
  } catch {
    return null;
  }
}
