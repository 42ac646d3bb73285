import * as fs from "node:fs";
import * as path from "node:path";
import { projectRoot } from "../../src/core/files";

/**
 * A path under the team's shared folder, or null where it is not there (a user's machine): such tests skip with a message.
 * In CI the folder is always there, so a missing file fails.
 */
export function sharedPath(relative: string): string | null {
  const file = path.join(projectRoot(), "..", "shared", relative);
  if (fs.existsSync(file)) return file;
  if (process.env["CI"]) throw new Error(`sharedPath: CI has the shared folder, but ${relative} is not in it`);
  return null;
}

/** The `skip` option of a test that needs `relative`. */
export function needsShared(relative: string): { skip: string | false } {
  return { skip: sharedPath(relative) === null ? `needs ../shared/${relative}, which is not on this machine` : false };
}
