import * as fs from "node:fs";
import * as path from "node:path";
import { WorkbookError } from "../core/errors";

/**
 * Holds a folder for this process, so that two engines never write one run; returns what releases it. A lock whose process has gone
 * is taken over.
 * @throws WorkbookError BadRun when another process holds it
 */
export function lockFolder(dir: string): () => void {
  fs.mkdirSync(dir, { recursive: true });
  const file = path.join(dir, "engine.lock");
  for (;;) {
    try {
      fs.writeFileSync(file, String(process.pid), { flag: "wx" });
      return () => fs.rmSync(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const pid = Number(fs.readFileSync(file, "utf8"));
    if (pid > 0 && alive(pid)) throw new WorkbookError("BadRun", `engine: ${dir}: a folder of its own is required, process ${pid} is working in it; wait for it, or name another folder`, { file: dir });
    fs.rmSync(file, { force: true });
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
