import * as path from "node:path";
import { writeJson } from "../core/json";
import type { BenchCase } from "./cases";
import { writeGlobe } from "./globe";
import { GRAM_PER_DAY } from "../data/half-hourly/to-daily";
import { COLUMNS, writeHalfHourly } from "./half-hourly";
import type { IngestJob } from "./measure-ingest";
import { writeNetwork } from "./network";
import type { Work } from "./rows";
import { writeSynthetic } from "./synthetic";

/**
 * Writes what the contenders of a case share into `dir`, and says what one run works through. `table` is for epoch, inference and the scales of upscale,
 * `halfHours` for ingest (1e6).
 * @throws WorkbookError BadFile, MissingColumn, EmptyTable from a table that cannot be trained on
 * @example const work = await prepareCase(dir, benchCases(false, ["step"])[0])
 */
export async function prepareCase(dir: string, c: BenchCase, { table, halfHours = 1_000_000 }: { table?: string; halfHours?: number } = {}): Promise<Work> {
  if (c.part === "epoch" || c.part === "inference") return writeNetwork(dir, c, table);
  if (c.part === "upscale") return writeGlobe(dir, c, table);
  if (c.part === "ingest") {
    const job: IngestJob = { files: await writeHalfHourly(dir, halfHours, c.gzip), columns: COLUMNS, gramPerDay: GRAM_PER_DAY };
    writeJson(path.join(dir, "job.json"), job);
    return { name: c.name, unit: "rows", units: halfHours };
  }
  await writeSynthetic(dir, c, 1);
  return { name: c.name, unit: "step", units: null };
}
