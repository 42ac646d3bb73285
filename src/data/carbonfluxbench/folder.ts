import * as fs from "node:fs";
import * as path from "node:path";
import { WorkbookError } from "../../core/errors";
import { readJsonObject } from "../../core/json";
import { brief } from "../../core/printable";
import { parseKoppen } from "../../core/sites";
import type { FeatureSets } from "../daily-table";

/** The benchmark's files by role, under their published names. @source CarbonFluxBench, arXiv 2603.09868 */
export const BENCHMARK_FILES = {
  targets: "target_fluxes_v2.parquet",
  modis: "MOD09GA.parquet",
  era5: "ERA5.parquet",
  koppen: "koppen_sites.json",
  koppenDetail: "koppen_sites_short.json",
  features: "feature_sets.json",
} as const;
type Role = keyof typeof BENCHMARK_FILES;

/** Names of the benchmark's feature sets. */
export const BENCHMARK_SETS = ["minimal", "standard", "full"] as const;
export type BenchmarkSet = (typeof BENCHMARK_SETS)[number];

/** Whether a word names a feature set of the benchmark. @example isBenchmarkSet("full") // true */
export function isBenchmarkSet(word: string): word is BenchmarkSet {
  return (BENCHMARK_SETS as readonly string[]).includes(word);
}

/** Whether a path is the benchmark's folder, by the name of its targets. @example isCarbonFluxBench("data/raw/carbonfluxbench") */
export function isCarbonFluxBench(dir: string): boolean {
  return fs.statSync(dir, { throwIfNoEntry: false })?.isDirectory() === true && fs.existsSync(path.join(dir, BENCHMARK_FILES.targets));
}

/**
 * Paths of all six files.
 * @throws WorkbookError MissingPart naming what is not there
 */
export function benchmarkPaths(dir: string): Record<Role, string> {
  const paths = Object.fromEntries(Object.entries(BENCHMARK_FILES).map(([role, name]) => [role, path.join(dir, name)])) as Record<Role, string>;
  const gone = Object.values(paths).filter((file) => !fs.existsSync(file)).map((file) => path.basename(file));
  if (gone.length > 0) throw new WorkbookError("BadFile", `ingest: ${dir}: ${gone.join(", ")} required beside ${BENCHMARK_FILES.targets}, not there; get the rest with fetch carbonfluxbench --to ${dir}`, { file: dir });
  return paths;
}

/** The site id of a name with or without the network's prefix. @example bareSite("FLX_US-Ivo") // "US-Ivo" */
export function bareSite(name: string): string {
  return name.split("_")[1] ?? name;
}

/**
 * The benchmark's feature sets: reanalysis columns by set.
 * @throws WorkbookError BadFile when one of the three is missing or no list of names
 */
export function readFeatureSets(file: string): FeatureSets {
  const raw = readJsonObject<Record<string, unknown>>(file, "ingest");
  for (const set of BENCHMARK_SETS) {
    const list = raw[set];
    if (!Array.isArray(list) || list.length === 0 || !list.every((name) => typeof name === "string")) {
      throw new WorkbookError("BadFile", `ingest: ${file}: a list of column names under "${set}" required, found ${list === undefined ? "none" : brief(list, 40)}; download the file again`, { file, column: set });
    }
    const twice = (list as string[]).find((name, i) => list.indexOf(name) !== i);
    if (twice !== undefined) throw new WorkbookError("BadFile", `ingest: ${file}: each column once in "${set}" required, found ${twice} twice; download the file again`, { file, column: set });
  }
  return Object.fromEntries(BENCHMARK_SETS.map((set) => [set, raw[set] as string[]]));
}

/** Köppen codes of a site: both files are read by what their codes say, whichever holds the detailed ones. */
export function readKoppen(paths: Record<"koppen" | "koppenDetail", string>): (names: readonly string[]) => ReturnType<typeof parseKoppen> {
  const maps = [paths.koppenDetail, paths.koppen].map((file) => {
    const raw = readJsonObject<Record<string, unknown>>(file, "ingest");
    return new Map(Object.entries(raw).flatMap(([site, code]) => (typeof code === "string" ? [[site, code], [bareSite(site), code]] as const : [])));
  });
  return (names) => {
    const codes = maps.flatMap((map) => names.flatMap((name) => map.get(name) ?? [])).map((code) => parseKoppen(code));
    return { koppen: codes.find((c) => c.koppen !== null)?.koppen ?? null, koppenDetail: codes.find((c) => c.koppenDetail !== null)?.koppenDetail ?? null };
  };
}
