import * as os from "node:os";
import { WorkbookError } from "./errors";

/**
 * Threads to compute with: as asked, else TAMRL_THREADS, else one for each processor this process may use.
 * @throws WorkbookError BadConfig for anything but a whole number from 1 to 1024
 * @example threadCount() // 8
 */
export function threadCount(option?: number): number {
  const text = option ?? process.env["TAMRL_THREADS"];
  if (text === undefined || text === "") return os.availableParallelism();
  const n = Number(text);
  if (Number.isInteger(n) && n >= 1 && n <= 1024) return n;
  throw new WorkbookError("BadConfig", `threads: TAMRL_THREADS must be a whole number from 1 to 1024, got "${text}"; correct or unset it`);
}
