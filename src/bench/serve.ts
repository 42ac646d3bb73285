import * as fs from "node:fs";
import * as readline from "node:readline";

/** What a contender of ours does in its turns. */
export interface Measure {
  /** results on the shared weights and data, dropout off */
  readonly losses: readonly number[];
  readonly about: Readonly<Record<string, string>>;
  /** one timed run */
  run(): void | Promise<void>;
}

/**
 * The contender's side of the line protocol: says `{"ready": …}`, then answers each line `run N` by `{"turn": …}` until its input ends.
 * @example await serve(await measureLstm(dir), process.stdin, (line) => process.stdout.write(line))
 */
export async function serve(measure: Measure, input: NodeJS.ReadableStream, write: (line: string) => void): Promise<void> {
  const say = (value: object): void => write(`${JSON.stringify(value)}\n`);
  say({ ready: { losses: measure.losses, about: measure.about } });
  for await (const line of readline.createInterface({ input })) {
    const times = Number(/^run (\d+)$/.exec(line.trim())?.[1]);
    if (!(times > 0)) continue;
    const ms: number[] = [];
    for (let k = 0; k < times; k++) {
      const began = performance.now();
      await measure.run();
      ms.push(performance.now() - began);
    }
    say({ turn: { ms, rss_mb: peakMemory() } });
  }
}

/**
 * Peak resident memory of this process, MB. Linux hands `maxRSS` down from the process that started this one, so its own count is read
 * where there is one.
 */
export function peakMemory(): number {
  const status = "/proc/self/status";
  const own = fs.existsSync(status) ? /^VmHWM:\s+(\d+) kB/m.exec(fs.readFileSync(status, "utf8"))?.[1] : undefined;
  return Math.round(Number(own ?? process.resourceUsage().maxRSS) / 1024);
}
