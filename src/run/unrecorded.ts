import * as fs from "node:fs";
import * as path from "node:path";
import { isEnsemble, memberDirs } from "./ensemble";
import { readHashes } from "./hashes";
import { readFinished, runPaths } from "./run-directory";
import type { Check } from "./verify";

/** Read by other means than the record: the configuration has a hash of its own, the table's place may change, and the record cannot hold itself. */
const APART = ["config.json", "table.json", "hashes.json"];

/**
 * What lies where a run keeps what it is, but is not in its record: a file put there later, or one whose line was taken out so that nothing
 * would be compared. Logs, checkpoints and folders of one's own are no part of what a run is. Empty for a run that recorded nothing.
 * @throws WorkbookError BadRun for a folder that is no finished run
 * @example unrecorded("data/runs/tamrl").length // 0
 */
export function unrecorded(dir: string): Check[] {
  const files = readHashes(dir)?.files;
  if (files === undefined) return [];
  const { config } = readFinished(dir);
  const folder = runPaths(dir).weights;
  const weights = fs.existsSync(folder) ? fs.readdirSync(folder).map((name) => `${path.basename(folder)}/${name}`) : [];
  const top = fs.readdirSync(dir).filter((name) => /\.(json|parquet)$/.test(name) && !APART.includes(name));
  const members = isEnsemble(config) ? memberDirs(dir, config).map((member) => path.relative(dir, runPaths(member).hashes).split(path.sep).join("/")) : [];
  const lacking = [...top, ...weights, ...members].filter((name) => !Object.hasOwn(files, name));
  const bare = members.length === 0 && weights.length === 0 && !Object.keys(files).some((name) => name.startsWith(`${path.basename(folder)}/`));
  return [...lacking, ...(bare ? ["weights"] : [])].sort().map((what) => ({ what, state: "unknown", detail: "hashes.json does not name it: it came later, or its line was taken out; compare with another copy, or make it again" }));
}
