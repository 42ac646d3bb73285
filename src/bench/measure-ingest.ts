import * as path from "node:path";
import { readJson } from "../core/json";
import { threadCount } from "../core/threads";
import { numbers, type DailyTable } from "../data/daily-table";
import { ingest } from "../data/ingest/ingest";
import { COLUMNS } from "./half-hourly";
import type { Measure } from "./serve";

/** What a contender of the ingest case finds in its folder as `job.json`. */
export interface IngestJob {
  readonly files: readonly string[];
  readonly columns: typeof COLUMNS;
  readonly gramPerDay: number;
}

/** Half-hourly files to the daily table by `ingest`, as a user does it. Compared: mean absolute value of each column, and the days that have none. */
export async function measureIngest(dir: string): Promise<Measure> {
  const { files } = readJson<IngestJob>(path.join(dir, "job.json"), "bench");
  return {
    losses: digest((await ingest(files)).table), about: { device: `CPU, ${threadCount()} threads` },
    async run() {
      await ingest(files);
    },
  };
}

/** Numbers that tell two daily tables apart. @example digest(table).length // 2 a column */
export function digest(table: DailyTable): number[] {
  return COLUMNS.flatMap(({ to }) => {
    const there = numbers(table, to).filter((v) => !Number.isNaN(v));
    return [there.reduce((sum, v) => sum + Math.abs(v), 0) / there.length, 1 + numbers(table, to).length - there.length];
  });
}
