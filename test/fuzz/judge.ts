import * as fs from "node:fs";
import * as path from "node:path";
import { isWorkbookError } from "../../src/core/errors";

/** What one case may take: seconds of processor time, and bytes of memory beyond what was held before. */
export const LIMITS = { seconds: 5, bytes: 1.2e9 } as const;
/** Longest message: WorkbookError cuts at 4000. */
const LONGEST = 4100;
const NATURE = Object.getOwnPropertyNames(Object.prototype).length + Object.getOwnPropertyNames(Array.prototype).length;

const rejections: unknown[] = [];
process.on("unhandledRejection", (reason) => rejections.push(reason));

/** Folders of one child: `case` is read, nothing may appear in the others or beside them. */
export interface Ground {
  readonly root: string;
  readonly input: string;
  readonly elsewhere: readonly string[];
}

/** Lays out the folders, goes to one of them, and takes another for temporary files and for home. */
export function layGround(root: string): Ground {
  const elsewhere = ["here", "home", "temporary"].map((name) => path.join(root, name));
  for (const dir of elsewhere) fs.mkdirSync(dir, { recursive: true });
  process.chdir(elsewhere[0]!);
  process.env["HOME"] = elsewhere[1]!;
  for (const name of ["TMPDIR", "TMP", "TEMP"]) process.env[name] = elsewhere[2]!;
  return { root, input: path.join(root, "case"), elsewhere };
}

/**
 * Runs one case to its end and fails unless it came to a value or a WorkbookError with a message, in bounded time and memory, without a
 * write anywhere, a rejection that nobody took, or a change of the language's own prototypes.
 */
export async function judge(ground: Ground, work: () => Promise<unknown>): Promise<void> {
  const [cpu, rss, peak, input] = [process.cpuUsage(), process.memoryUsage.rss(), process.resourceUsage().maxRSS, listing(ground.input)];
  try {
    await work();
  } catch (error) {
    if (!isWorkbookError(error)) throw new Error(`a WorkbookError required, got ${error instanceof Error ? error.stack : String(error)}`);
    if (error.message.length < 20 || error.message.length > LONGEST || /[\u0000-\u0008\u000b-\u001f]/.test(error.message)) throw new Error(`a message to print required, got ${JSON.stringify(error.message.slice(0, 200))}`);
  }
  await new Promise((resolve) => setImmediate(resolve));
  if (rejections.length > 0) throw new Error(`an unhandled rejection: ${String((rejections.splice(0)[0] as Error)?.stack)}`);
  const { user, system } = process.cpuUsage(cpu);
  if ((user + system) / 1e6 > LIMITS.seconds) throw new Error(`${((user + system) / 1e6).toFixed(1)} s of processor time`);
  const now = process.resourceUsage().maxRSS;
  if (now > peak && now * 1024 - rss > LIMITS.bytes) throw new Error(`${((now * 1024 - rss) / 1e9).toFixed(2)} GB of memory`);
  if (Object.getOwnPropertyNames(Object.prototype).length + Object.getOwnPropertyNames(Array.prototype).length !== NATURE) throw new Error("a prototype was changed");
  const strays = [...ground.elsewhere.flatMap((dir) => fs.readdirSync(dir).map((name) => path.join(dir, name))), ...fs.readdirSync(ground.root).filter((name) => !["case", "here", "home", "temporary", "seeds"].includes(name))];
  if (strays.length > 0) throw new Error(`written outside: ${strays.join(", ")}`);
  const after = listing(ground.input);
  if (after !== input) throw new Error(`written into the input: ${after}`);
}

function listing(dir: string): string {
  return fs.readdirSync(dir, { recursive: true, encoding: "utf8" }).sort().join("\n");
}
