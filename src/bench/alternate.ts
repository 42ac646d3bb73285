import type { Contender, Turn } from "./contender";

/** How long contenders are timed. */
export interface Plan {
  /** time aimed at for one turn of the fastest contender, ms; a turn has one run at least and `mostRuns` at most */
  readonly turnMs: number;
  readonly mostRuns: number;
  /** rounds go on for this time, within these bounds */
  readonly seconds: number;
  readonly rounds: readonly [least: number, most: number];
  /** rest before each turn, so that the threads of the one before have gone to sleep, ms */
  readonly pauseMs: number;
}

export const PLAN: Plan = { turnMs: 600, mostRuns: 20, seconds: 15, rounds: [3, 10], pauseMs: 150 };

/** What was seen of one contender. */
export interface Measured {
  readonly name: string;
  /** every timed run, ms */
  readonly ms: readonly number[];
  readonly rss_mb: number;
  /** why it has no more runs: it died */
  readonly failed?: string;
}

/**
 * Times contenders in turn: all are alive, one at a time works, and each round goes through them the other way round, so that a slow
 * moment of the machine meets all alike. The first turn of each, one run, warms up and is not counted. One that dies is left out of
 * the later rounds and says why.
 * @example const [torch, native] = await alternate([a, b], PLAN)
 */
export async function alternate(contenders: readonly Contender[], plan: Plan, now: () => number = () => performance.now()): Promise<Measured[]> {
  const seen = contenders.map((contender) => ({ contender, ms: [] as number[], rss: 0, failed: undefined as string | undefined }));
  const turn = async (one: (typeof seen)[number], runs: number): Promise<Turn | null> => {
    await new Promise((resolve) => setTimeout(resolve, plan.pauseMs));
    try {
      const done = await one.contender.run(runs);
      one.rss = Math.max(one.rss, done.rss_mb);
      return done;
    } catch (error) {
      one.failed = (error as Error).message;
      return null;
    }
  };
  let fastest = Infinity;
  for (const one of seen) fastest = Math.min(fastest, ...((await turn(one, 1))?.ms ?? []));
  const runs = Math.max(1, Math.min(plan.mostRuns, Math.floor(plan.turnMs / fastest)));
  const [least, most] = plan.rounds;
  const end = now() + 1000 * plan.seconds;
  for (let round = 0; round < most && (round < least || now() < end); round++) {
    for (const one of round % 2 === 0 ? seen : [...seen].reverse()) {
      if (one.failed === undefined) one.ms.push(...((await turn(one, runs))?.ms ?? []));
    }
  }
  return seen.map(({ contender: { name }, ms, rss, failed }) => ({ name, ms, rss_mb: rss, ...(failed === undefined ? {} : { failed }) }));
}
