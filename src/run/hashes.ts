import * as crypto from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { sha256 } from "../core/files";
import { readJson, writeJson } from "../core/json";
import { runPaths, type RunHeader } from "./run-directory";

/** What `hashes.json` of a run directory holds: SHA-256 of what the run was made by and of what it is. */
export interface RunHashes {
  /** of configuration, channels and how satellite channels were prepared */
  readonly config: string;
  /** of files, by their path inside the run directory */
  readonly files: Readonly<Record<string, string>>;
}

/** Files of a run that stay as they are once it is done; those of an evaluation are put there and taken away by it. */
const KEPT = ["standardiser.json", "split.json", "dataset.json", "applicability.json", "provenance.json"] as const;

/** SHA-256 of what of a run's header decides its predictions. @example configHash(readHeader("data/runs/tamrl")) */
export function configHash({ config, channels, preparation }: Pick<RunHeader, "config" | "channels" | "preparation">): string {
  return crypto.createHash("sha256").update(JSON.stringify([config, channels, preparation ?? null])).digest("hex");
}

/** The recorded hashes, or null for a run that has none: one that is not done, or of an older workbook. */
export function readHashes(dir: string): RunHashes | null {
  return fs.existsSync(runPaths(dir).hashes) ? readJson<RunHashes>(runPaths(dir).hashes, "readHashes") : null;
}

/**
 * Records what a run consists of now; of an ensemble also what its members recorded.
 * @param memberDirs run directories of an ensemble's members, inside `dir`
 */
export function recordHashes(dir: string, header: RunHeader, memberDirs: readonly string[] = []): void {
  const { weights } = runPaths(dir);
  const members = memberDirs.map((member) => path.relative(dir, runPaths(member).hashes));
  const inWeights = fs.existsSync(weights) ? fs.readdirSync(weights).map((name) => path.join(path.basename(weights), name)) : [];
  const later = Object.keys(readHashes(dir)?.files ?? {});
  const names = [...new Set([...KEPT, ...inWeights, ...members, ...later])].filter((name) => fs.existsSync(path.join(dir, name)));
  writeJson(runPaths(dir).hashes, { config: configHash(header), files: hashesOf(dir, names) } satisfies RunHashes);
}

/** Records further files of a run, or takes them out of the record before they are written anew. Nothing where the run has no record. */
export function recordFiles(dir: string, names: readonly string[], there: boolean): void {
  const recorded = readHashes(dir);
  if (recorded === null) return;
  const others = Object.fromEntries(Object.entries(recorded.files).filter(([name]) => !names.includes(name)));
  writeJson(runPaths(dir).hashes, { ...recorded, files: { ...others, ...(there ? hashesOf(dir, names) : {}) } } satisfies RunHashes);
}

function hashesOf(dir: string, names: readonly string[]): Record<string, string> {
  return Object.fromEntries([...names].sort().map((name) => [name.split(path.sep).join("/"), sha256(path.join(dir, name))]));
}
