import * as fs from "node:fs";
import * as path from "node:path";
import { WorkbookError } from "../core/errors";
import { projectRoot } from "../core/files";
import { counter, silent, type Progress } from "../core/progress";
import { temporaryFolder } from "../core/temporary-folder";
import { readTable } from "../data/store";
import { alternate, PLAN, type Plan } from "./alternate";
import { benchCases } from "./cases";
import { startContender, type Contender, type ContenderSpec } from "./contender";
import { contendersOf, ourNames } from "./contenders";
import { busyShare, describeMachine, type Machine } from "./machine";
import { findPeer } from "./peer";
import { prepareCase } from "./prepare";
import { benchRows, checkLosses, type BenchRow, type Work } from "./rows";

/** Largest relative difference allowed between the losses of two contenders on the same weights and data. */
export const LOSS_TOLERANCE = 1e-4;

/** Share of the machine that others may take before a reader is warned. */
const BUSY = 0.1;

/** What `bench` takes. */
export interface BenchOptions {
  /** parts, or beginnings of cases' names */
  readonly only?: readonly string[];
  /** every combination of sizes */
  readonly full?: boolean;
  /** the hybrid kernel too */
  readonly all?: boolean;
  /** of ours only these; the peers stay */
  readonly contenders?: readonly string[];
  readonly threads?: number;
  /** a daily table for epoch and inference, instead of the virtual flux network */
  readonly table?: string;
  /** false leaves a missing PyTorch missing */
  readonly install?: boolean;
  readonly plan?: Plan;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
  /** told what takes long or is missing */
  readonly say?: (line: string) => void;
}

/** What a benchmark found. */
export interface BenchReport {
  readonly machine: Machine & { readonly versions: Readonly<Record<string, string>> };
  readonly rows: readonly BenchRow[];
  /** contenders without a time, and why */
  readonly failed: readonly { readonly name: string; readonly contender: string; readonly reason: string }[];
  /** what a reader of the numbers must know */
  readonly notes: readonly string[];
  readonly loss_tolerance: number;
}

/**
 * Times the product beside PyTorch and pandas: contenders alive side by side, in turn, on the same weights and data. The report is
 * appended to `data/runs/bench.jsonl`.
 * @throws WorkbookError BadArgument for a case or contender that is not there, Interrupted when the signal aborts; the errors of a table
 *   that cannot be trained on
 * @example const { rows } = await bench({ only: ["step"] })
 */
export async function bench(options: BenchOptions = {}): Promise<BenchReport> {
  const threads = options.threads ?? 2;
  const progress = options.progress ?? silent;
  const machine = describeMachine(threads);
  const cases = benchCases(options.full ?? false, options.only);
  const chosen = options.contenders === undefined ? {} : { only: ourNames(options.contenders) };
  if (options.table !== undefined) await readTable(options.table); // better now than after ten minutes
  const peer = await findPeer({ install: options.install ?? true, say: options.say ?? (() => undefined) });
  const notes = "why" in peer ? [`no ratios: PyTorch and pandas are not here: ${peer.why}; ${peer.cure}`] : [];
  const found = { rows: [] as BenchRow[], failed: [] as BenchReport["failed"][number][], versions: { ...("python" in peer ? peer.versions : {}) } as Record<string, string> };
  const report = counter("bench", cases.length, progress);
  for (const [k, c] of cases.entries()) {
    report(k, c.name);
    const dir = temporaryFolder("bench");
    try {
      const work = await prepareCase(dir, c, options.table === undefined ? {} : { table: options.table });
      const busy = await busyShare(500);
      if (busy > BUSY) notes.push(`${c.name}: other programs took ${Math.round(100 * busy)} % of the machine before the start: do not believe these times, PyTorch suffers most; run it on a quiet machine`);
      const one = await timeCase(work, contendersOf(c.part, dir, peer, { threads, all: options.all ?? false, ...chosen }), options.plan ?? PLAN);
      found.rows.push(...one.rows);
      found.failed.push(...one.failed);
      Object.assign(found.versions, one.versions);
      if (options.signal?.aborted) throw new WorkbookError("Interrupted", "bench: stopped as asked; nothing was kept");
    } finally {
      fs.rmSync(dir, { recursive: true, force: true });
    }
  }
  report(cases.length);
  const { versions, rows, failed } = found;
  const result: BenchReport = { machine: { ...machine, versions }, rows, failed, notes, loss_tolerance: LOSS_TOLERANCE };
  const log = path.join(projectRoot(), "data", "runs", "bench.jsonl");
  fs.mkdirSync(path.dirname(log), { recursive: true });
  fs.appendFileSync(log, `${JSON.stringify(result)}\n`);
  return result;
}

/** What one case found. */
export interface TimedCase {
  readonly rows: readonly BenchRow[];
  readonly failed: BenchReport["failed"];
  readonly versions: Readonly<Record<string, string>>;
}

/**
 * Starts the contenders of one case, holds their losses to the first one's, and times them in turn. One that dies or computes something
 * else is named and left out, the others go on. Ratios are to the contender that is the peer.
 * @example await timeCase(work, contendersOf("step", dir, peer, { threads: 2, all: false }), PLAN)
 */
export async function timeCase(work: Work, specs: readonly ContenderSpec[], plan: Plan): Promise<TimedCase> {
  const alive: Contender[] = [];
  const equal: Contender[] = [];
  const failed: BenchReport["failed"][number][] = [];
  const fail = (contender: string, reason: string): void => void failed.push({ name: work.name, contender, reason });
  try {
    for (const spec of specs) {
      try {
        const contender = await startContender(spec);
        alive.push(contender);
        checkLosses(work.name, contender, alive[0]!, LOSS_TOLERANCE);
        equal.push(contender);
      } catch (error) {
        fail(spec.name, (error as Error).message);
      }
    }
    const measured = await alternate(equal, plan);
    for (const m of measured) if (m.failed !== undefined) fail(m.name, m.failed);
    const losses = new Map(equal.map((c) => [c.name, c.ready.losses]));
    const versions = Object.fromEntries(equal.flatMap((c) => Object.entries(c.ready.about).filter(([key]) => key !== "why").map(([key, value]) => [`${c.name}: ${key}`, value])));
    return { rows: benchRows(work, measured, losses, specs.find((s) => s.peer)?.name ?? null), failed, versions };
  } finally {
    await Promise.all(alive.map((c) => c.end()));
  }
}
