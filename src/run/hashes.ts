import * as crypto from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { WorkbookError } from "../core/errors";
import { sha256 } from "../core/files";
import { isObject, readJsonObject, writeJson } from "../core/json";
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

/** Those that are there when a run begins and stay as they are. */
const BEGUN = ["standardiser.json", "split.json", "dataset.json"] as const;
/** What scoring a run writes into it: nothing is predicted by it. */
const SCORED = ["metrics.json", "predictions.parquet", "evaluation.json"];

/** SHA-256 of what of a run's header decides its predictions. @example configHash(readHeader("data/runs/tamrl")) */
export function configHash({ config, channels, preparation }: Pick<RunHeader, "config" | "channels" | "preparation">): string {
  return crypto.createHash("sha256").update(JSON.stringify([config, channels, preparation ?? null])).digest("hex");
}

/** As `configHash`, of `config.json` as it lies there: keys that a newer workbook adds with their defaults are none of the run's own. */
export function writtenConfigHash(dir: string): string {
  const { config, channels, preparation } = readJsonObject<RunHeader>(runPaths(dir).header, "readHashes");
  return configHash({ config, channels, ...(preparation === undefined ? {} : { preparation }) });
}

/**
 * The recorded hashes, or null for a run that has none: one of an older workbook.
 * @throws WorkbookError BadFile for a record that is not whole
 */
export function readHashes(dir: string): RunHashes | null {
  const file = runPaths(dir).hashes;
  if (!fs.existsSync(file)) return null;
  const found = readJsonObject<RunHashes>(file, "readHashes");
  if (typeof found.config !== "string" || !isObject(found.files) || !Object.values(found.files).every((hash) => typeof hash === "string")) {
    throw new WorkbookError("BadFile", `readHashes: ${file}: a SHA-256 of the configuration and of each file is required, found others; copy the run again, or train it again`, { file });
  }
  return found;
}

/**
 * Compares all that a finished run's predictions hang on with what the run recorded, so that no number comes from what was changed or
 * damaged since. Called once it was read, for whoever reads a file knows better what is wrong with it.
 * @param parts "description": all but the weights, which are not read yet
 * @throws WorkbookError BadFile naming the first file that is another or gone
 * @example checkRecorded("data/runs/tamrl")
 */
export function checkRecorded(dir: string, parts: "all" | "description" = "all"): void {
  const recorded = recordOf(dir);
  if (recorded === null) return;
  for (const name of Object.keys(recorded.files).filter((of) => !SCORED.includes(of) && (parts === "all" || !of.startsWith("weights/")))) {
    const file = path.join(dir, name);
    if (!fs.existsSync(file)) throw new WorkbookError("BadFile", `run: ${file}: a file that the run recorded is required, it is gone; copy the run again, or train it again`, { file });
    compare(dir, name, recorded);
  }
}

/**
 * As `checkRecorded`, of what a run began with: of one that is to go on.
 * @throws WorkbookError BadFile
 */
export function checkBeginning(dir: string): void {
  const recorded = recordOf(dir);
  if (recorded !== null) for (const name of BEGUN) compare(dir, name, recorded);
}

/**
 * Looks whether one file of a run is as the run recorded it; one that it recorded nothing of is taken as it is.
 * @throws WorkbookError BadFile
 */
export function checkRecordedFile(dir: string, name: string): void {
  const recorded = readHashes(dir);
  if (recorded !== null) compare(dir, name, recorded);
}

/** The record of a run, once its configuration is seen to be the recorded one; null where it has none. */
function recordOf(dir: string): RunHashes | null {
  const recorded = readHashes(dir);
  if (recorded !== null && writtenConfigHash(dir) !== recorded.config) throw notAsRecorded(runPaths(dir).header);
  return recorded;
}

function compare(dir: string, name: string, { files }: RunHashes): void {
  const [hash, file] = [files[name], path.join(dir, name)];
  if (hash !== undefined && fs.existsSync(file) && hashNow(dir, name) !== hash) throw notAsRecorded(file);
}

function notAsRecorded(file: string): WorkbookError {
  return new WorkbookError("BadFile", `run: ${file}: the file as the run recorded it is required, its checksum in hashes.json says that it was changed or damaged; copy the run again, or remove it and make it again`, { file });
}

/** Records what a run begins with, so that it is not resumed with anything else. */
export function recordBeginning(dir: string, header: RunHeader): void {
  const names = BEGUN.filter((name) => fs.existsSync(path.join(dir, name)));
  writeJson(runPaths(dir).hashes, { config: configHash(header), files: hashesOf(dir, names) } satisfies RunHashes);
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
  const plain = [...names].sort().map((name) => name.split(path.sep).join("/"));
  return Object.fromEntries(plain.map((name) => [name, hashNow(dir, name)]));
}

/** The SHA-256 of a file of a run; of a member's own record without what scoring that member by itself added to it. */
export function hashNow(dir: string, name: string): string {
  const file = path.join(dir, name);
  if (!name.startsWith("members/")) return sha256(file);
  const { config, files } = readHashes(path.dirname(file))!;
  const own = Object.fromEntries(Object.entries(files).filter(([of]) => !SCORED.includes(of)));
  return crypto.createHash("sha256").update(`${JSON.stringify({ config, files: own }, null, 2)}\n`).digest("hex");
}
