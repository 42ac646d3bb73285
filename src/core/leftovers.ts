import * as fs from "node:fs";
import * as path from "node:path";
import { lifeOfMark } from "./processes";

/** A temporary file of a process that cannot be seen (another machine's, or of another boot) is left by it when nobody wrote it for so long. */
const DESERTED_MS = 24 * 3600 * 1000;

/**
 * Removes temporary files that killed processes left in these folders (not in folders below); those of a living process stay.
 * @returns what was removed
 * @example removeLeftovers("data/runs/tamrl", "data/runs/tamrl/weights")
 */
export function removeLeftovers(...folders: readonly string[]): string[] {
  return [...new Set(folders)].flatMap((folder) => sweep(folder, ""));
}

/** As `removeLeftovers`, only of what was to become `file`: for an output in a folder of a person's own. @example removeLeftoversOf("T.parquet") */
export function removeLeftoversOf(file: string): string[] {
  return sweep(path.dirname(path.resolve(file)), `${path.basename(file)}.tmp-`);
}

function sweep(folder: string, beginning: string): string[] {
  const temporaries = entries(folder).filter((entry) => entry.startsWith(beginning) && entry.includes(".tmp-"));
  return temporaries.map((entry) => path.join(folder, entry)).filter(deserted).filter((file) => {
    try {
      fs.rmSync(file, { recursive: true, force: true });
      return true;
    } catch {
      // where nothing may be removed nothing can be written either, and that is said by whoever writes
      return false;
    }
  });
}

function entries(folder: string): string[] {
  try {
    return fs.readdirSync(folder);
  } catch {
    return [];
  }
}

/** Whether nobody is at a temporary file any more. */
function deserted(file: string): boolean {
  // a folder has a random ending behind its process
  const mark = file.slice(file.lastIndexOf(".tmp-") + ".tmp-".length).replace(/\.\w{6}$/, "");
  const life = lifeOfMark(mark);
  if (life !== "out of sight") return life === "gone";
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  // of a folder the time says nothing about the files deep in it
  return stat !== undefined && stat.isFile() && Date.now() - stat.mtimeMs > DESERTED_MS;
}
