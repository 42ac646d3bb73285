import * as path from "node:path";
import { projectRoot } from "./files";

/** Where a program of the project's virtual environment lies, whether it is there or not. @example venvFile("python") */
export function venvFile(name: string): string {
  const windows = process.platform === "win32";
  return path.join(projectRoot(), ".venv", windows ? "Scripts" : "bin", windows ? `${name}.exe` : name);
}
