import { spawn } from "node:child_process";
import * as readline from "node:readline";
import { WorkbookError } from "../core/errors";

/** How a contender is started: a program that speaks the line protocol of `serve.ts`. */
export interface ContenderSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** ratios are to this one */
  readonly peer?: boolean;
  /** added to this process's environment */
  readonly env?: Readonly<Record<string, string>>;
}

/** What a contender says when it is ready. */
export interface Ready {
  /** results on the shared weights and data, by which contenders are known to compute the same */
  readonly losses: readonly number[];
  /** what computes, e.g. versions and kernel */
  readonly about: Readonly<Record<string, string>>;
}

/** One turn: the time of each run, ms, and the peak memory so far, MB. */
export interface Turn {
  readonly ms: readonly number[];
  readonly rss_mb: number;
}

/** A contender that is alive and waits for its turn. */
export interface Contender {
  readonly name: string;
  readonly ready: Ready;
  /** @throws WorkbookError MissingPart, naming the contender, when it has died */
  run(times: number): Promise<Turn>;
  end(): Promise<void>;
}

/** Characters of a contender's stderr that are kept for the message when it dies. */
const TAIL = 4000;

/**
 * Starts a contender and waits until it is ready. It prints one JSON object a line, `{"ready": …}` then `{"turn": …}` for each line
 * `run N` that it reads; other lines of its output are ignored. It leaves at the end of its input.
 * @throws WorkbookError MissingPart, naming the contender and its last words, when it dies instead
 * @example const wasm = await startContender({ name: "wasm", command: "node", args: ["worker.cjs", "lstm", dir] })
 */
export async function startContender(spec: ContenderSpec): Promise<Contender> {
  const child = spawn(spec.command, [...spec.args], { stdio: ["pipe", "pipe", "pipe"], env: { ...process.env, ...spec.env } });
  let words = "";
  let dead: WorkbookError | null = null;
  let waiting: { key: string; resolve(value: unknown): void; reject(error: unknown): void } | null = null;
  child.stderr.on("data", (text) => (words = (words + String(text)).slice(-TAIL)));
  child.stdin.on("error", () => undefined); // a pipe to a dead child; its end is told below
  const gone = new Promise<void>((resolve) => {
    const die = (how: string): void => {
      dead ??= new WorkbookError("MissingPart", `bench: contender ${spec.name}: an answer is required, it ${how}${words.trim() === "" ? "" : `: ${lastLine(words)}`}; run it alone to see its messages: ${[spec.command, ...spec.args].join(" ")}`);
      waiting?.reject(dead);
      waiting = null;
      resolve();
    };
    child.once("error", (error) => die(`does not start (${error.message})`));
    child.once("close", (code, signal) => die(signal === "SIGKILL" ? "was killed (out of memory?)" : `ended (${signal ?? `exit ${code}`})`));
  });
  readline.createInterface({ input: child.stdout }).on("line", (line) => {
    const said = parse(line);
    if (waiting === null || said === null || !(waiting.key in said)) return;
    waiting.resolve(said[waiting.key]);
    waiting = null;
  });
  const answer = <T>(key: string, ask?: string): Promise<T> => {
    if (dead !== null) return Promise.reject(dead);
    return new Promise<T>((resolve, reject) => {
      waiting = { key, resolve: resolve as (value: unknown) => void, reject };
      if (ask !== undefined) child.stdin.write(`${ask}\n`);
    });
  };
  const ready = await answer<Ready>("ready");
  return {
    name: spec.name,
    ready,
    run: (times) => answer<Turn>("turn", `run ${times}`),
    end() {
      child.stdin.end();
      return gone;
    },
  };
}

function parse(line: string): Record<string, unknown> | null {
  if (!line.startsWith("{")) return null;
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return null;
  }
}

/** The last line that is not a stack frame. */
function lastLine(text: string): string {
  const lines = text.split("\n").map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("at ") && !/^Node\.js v/.test(line));
  return lines[lines.length - 1] ?? "";
}
