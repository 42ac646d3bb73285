import { WorkbookError } from "../core/errors";

/** How each backend says that memory has run out: libtensorflow, JavaScript's arrays, wasm (whose failed allocations show as stray reads or an abort). */
const SIGNS = /TF_Status: 8\b|\bOOM\b|resource exhausted|out of memory|bad_alloc|invalid typed array length|array buffer allocation failed|cannot enlarge memory|\bAborted\(\)|memory\.grow|(memory access|table index is) out of bounds/i;

/**
 * The error of a computation as one that names its cure when memory ran out, else null.
 * @example throw outOfMemory(error, "train: RUN", "lower batch") ?? error
 */
export function outOfMemory(error: unknown, where: string, cure: string): WorkbookError | null {
  if (!(error instanceof Error)) return null;
  const heap = error.name === "WorkbookError" && /^wasm: .*heap/.test(error.message); // it knows neither the run nor what to lower
  if (!heap && (error.name === "WorkbookError" || !SIGNS.test(error.message))) return null;
  const said = error.message.replace(/^Invalid TF_Status: \d+\s*Message: /, "").split(heap ? ";" : "\n")[0]!;
  return new WorkbookError("OutOfMemory", `${where}: more memory is required than there is (${said}); ${cure}`, { cause: error });
}
