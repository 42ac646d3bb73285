import { spawn } from "node:child_process";
import type { Layout, Plot } from "nodeplotlib";
import * as path from "node:path";
import { WorkbookError } from "../core/errors";
import { projectRoot } from "../core/files";
import { output } from "./output";

/** An open explorer window. */
export interface Explorer {
  readonly url: string;
  close(): void;
}

/** Why no window can be opened here, or null. @example whyNoDesktop({ CI: "true" }, "linux") // "CI is set" */
export function whyNoDesktop(env: NodeJS.ProcessEnv = process.env, platform: NodeJS.Platform = process.platform): string | null {
  if (env["CI"]) return "CI is set";
  if (platform === "linux" && !env["DISPLAY"] && !env["WAYLAND_DISPLAY"]) return "neither DISPLAY nor WAYLAND_DISPLAY is set";
  return null;
}

/**
 * Opens traces in the desktop's browser to zoom, turn and read values (nodeplotlib). The server is a process of its own,
 * bound to this machine, and ends with the window. Without a desktop a line says so and null comes back.
 * @throws WorkbookError MissingPart when the server does not start
 * @example await explore([{ x: days, y: gpp, type: "scattergl" }], { title: "GPP at DE-Hai" })
 */
export async function explore(traces: readonly Plot[], layout: Layout = {}, env: NodeJS.ProcessEnv = process.env): Promise<Explorer | null> {
  const why = whyNoDesktop(env);
  if (why !== null) {
    output().text(`explore: a desktop is required for the interactive window (${why}); the figures of show.figure need none`);
    return null;
  }
  const child = spawn(process.execPath, [path.join(projectRoot(), "src", "workbook", "explorer.cjs")], { stdio: ["ignore", "ignore", "ignore", "ipc"], env });
  const url = await new Promise<string>((resolve, reject) => {
    child.once("message", (message) => resolve((message as { url: string }).url));
    child.once("exit", (code) => reject(new WorkbookError("MissingPart", `explore: the plot server is required, it ended at once (code ${code}); run npm run setup`)));
    child.send({ traces, layout });
  });
  child.unref();
  child.channel?.unref();
  return { url, close: () => void child.kill() };
}
