import { count } from "../core/count";
import { WorkbookError } from "../core/errors";
import type { Progress } from "../core/progress";
import { partitionWarnings } from "../data/partition/partition";
import { partitionFiles } from "../data/partition/partition-files";
import { provenanceHere } from "../run/provenance";
import type { Given, OptionSpec } from "./arguments";

const one = (help: string): OptionSpec => ({ kind: "one", help });
const flag = (help: string): OptionSpec => ({ kind: "flag", help });

/** Options of the verb `partition`. */
export const PARTITION_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  out: one("folder for the half-hours (ONEFlux's layout), daily.parquet and partition.json"), sites: one("CSV with site, lat, lon, igbp, koppen for the daily table"),
  ustar: one("a known u* threshold, m/s; 0 filters nothing (each year's own is found)"), bootstraps: one("resamples whose median threshold filters (20)"), seed: one("of the resamples (1)"),
  "longest-gap": one("longest gap that is filled, days (60)"), "keep-spikes": flag("do not take spikes of NEE out first"), "skip-bad": flag("go on though some files cannot be read or partitioned"),
};

/**
 * Filters, fills and partitions raw half-hours and writes them with their daily table.
 * @throws WorkbookError BadArgument without a path or folder, and as `partitionFiles`
 */
export async function partitionVerb(given: Given, { progress, signal }: { progress: Progress; signal: AbortSignal }): Promise<{ json: unknown; text: string }> {
  const out = given.need("out");
  if (given.words.length === 0) throw new WorkbookError("BadArgument", "partition: at least one file or folder of half-hours is required, got none; see partition --help");
  const numbers = { ustar: given.number("ustar", 0, 2), bootstraps: given.number("bootstraps", 1, 1000), seed: given.number("seed", 0, 2 ** 31), longestGap: given.number("longest-gap", 1, 366) };
  const told = Object.fromEntries(Object.entries(numbers).filter(([, v]) => v !== undefined));
  const sites = given.one("sites");
  const { table: _, report, partitions, written } = await partitionFiles(given.words, { out, despike: !given.flag("keep-spikes"), skipBad: given.flag("skip-bad"), progress, signal, ...told, ...(sites ? { sites } : {}), provenance: provenanceHere(null) });
  const lines = [...partitions.flatMap(partitionWarnings), ...report.files.filter((f) => f.status === "bad").map((f) => `bad: ${f.path}: ${f.reason}`)];
  const text = [`${partitions.length} of ${count(report.files.length, "file")} partitioned, ${report.n_site_days} site-days with a flux → ${out}`, ...lines.map((line) => `  ${line}`)].join("\n");
  return { json: { out, partitions, daily: report, written }, text };
}
