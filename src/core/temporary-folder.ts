import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { temporaryName } from "./files";
import { removeLeftoversOf } from "./leftovers";

/**
 * A new folder of this process's own where the system keeps temporary files; the caller removes it. What killed processes left for the
 * same purpose goes.
 * @example const folder = temporaryFolder("partition")
 */
export function temporaryFolder(purpose: string): string {
  const place = path.join(os.tmpdir(), `tamrl-${purpose}`);
  removeLeftoversOf(place);
  return fs.mkdtempSync(`${temporaryName(place)}.`);
}
