import * as fs from "node:fs";
import * as path from "node:path";
import { WorkbookError } from "../core/errors";
import { projectRoot } from "../core/files";
import { venvFile } from "../core/venv";

/**
 * A program of the project's virtual environment.
 * @throws WorkbookError MissingPart where it is not there
 * @example venvProgram("python")
 */
export function venvProgram(name: string): string {
  const file = venvFile(name);
  if (fs.existsSync(file)) return file;
  throw new WorkbookError("MissingPart", `venvProgram: ${name} of the project's .venv is required for notebooks, it is not there; run npm run setup and read its messages`, { file });
}

/** Whether notebooks can run here. */
export function hasNotebooks(): boolean {
  return fs.existsSync(path.join(projectRoot(), ".venv", "share", "jupyter", "kernels", "tslab", "kernel.json"));
}

/** Environment in which Jupyter sees the project's own kernel and settings only, and starts it on this very Node. */
export function jupyterEnvironment(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const share = path.join(projectRoot(), ".venv", "share", "jupyter");
  return {
    ...env,
    PATH: [path.dirname(process.execPath), env["PATH"] ?? ""].join(path.delimiter),
    JUPYTER_PREFER_ENV_PATH: "1",
    JUPYTER_PATH: "",
    JUPYTER_CONFIG_PATH: "",
    JUPYTER_DATA_DIR: share,
    JUPYTER_RUNTIME_DIR: path.join(share, "runtime"),
    JUPYTER_CONFIG_DIR: path.join(projectRoot(), ".venv", "etc", "jupyter"),
    PYTHONNOUSERSITE: "1",
    PYTHONPATH: "",
  };
}
