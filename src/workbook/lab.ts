import { execFileSync, spawn } from "node:child_process";
import * as path from "node:path";
import { projectRoot } from "../core/files";
import { notebookFile, notebookNames } from "./notebooks";
import { whyNoDesktop } from "./plotly";
import { jupyterEnvironment, venvProgram } from "./venv";

/**
 * Opens JupyterLab on the notebooks and resolves to its exit code when it ends. It listens on this machine only and asks
 * for the token that it prints; without a desktop it prints the address and opens no browser.
 * @throws WorkbookError MissingPart without .venv
 * @example process.exitCode = await lab()
 */
export function lab(extra: readonly string[] = []): Promise<number> {
  const args = [
    "--ServerApp.ip=127.0.0.1",
    `--ServerApp.root_dir=${projectRoot()}`,
    "--LabApp.default_url=/lab/tree/notebooks",
    "--MultiKernelManager.default_kernel_name=tslab",
    // without these settings it asks whether it may fetch news
    `--LabApp.app_settings_dir=${path.join(projectRoot(), "src", "workbook", "lab-settings")}`,
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.handlers.announcements.NeverCheckForUpdate",
    ...(process.getuid?.() === 0 ? ["--allow-root"] : []),
    ...(whyNoDesktop() === null ? [] : ["--no-browser"]),
    ...extra,
  ];
  const program = venvProgram("jupyter-lab");
  trustAsCommitted();
  const child = spawn(program, args, { cwd: projectRoot(), env: jupyterEnvironment(), stdio: "inherit" });
  // Ctrl-C reaches JupyterLab itself, which asks before it stops; we stay until it ends
  const stay = (): void => undefined;
  const pass = (): void => void child.kill("SIGTERM");
  process.on("SIGINT", stay).on("SIGTERM", pass);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      process.off("SIGINT", stay).off("SIGTERM", pass);
      resolve(code ?? 1);
    });
  });
}

/**
 * Signs the notebooks that are as they were committed, for JupyterLab shows no figure of one that nobody has signed until it is run. What has
 * been changed, or put there by somebody, stays unsigned; so does everything where there is no git.
 */
function trustAsCommitted(): void {
  try {
    const git = (...args: string[]): string => execFileSync("git", ["-C", projectRoot(), ...args, "--", "notebooks"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    const changed = git("status", "--porcelain");
    const kept = git("ls-files");
    const files = notebookNames().filter((name) => kept.includes(`notebooks/${name}.ipynb`) && !changed.includes(`${name}.ipynb`)).map((name) => notebookFile(name));
    // beside JupyterLab, which takes longer to start
    if (files.length > 0) spawn(venvProgram("jupyter-trust"), files, { cwd: projectRoot(), env: jupyterEnvironment(), stdio: "ignore" }).on("error", () => undefined);
  } catch {
    // without git nobody can say that they are the project's
  }
}
