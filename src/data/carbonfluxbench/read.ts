import { columnSpec, columnsOf, knownColumns } from "../../core/columns";
import { count } from "../../core/count";
import { WorkbookError } from "../../core/errors";
import type { Site } from "../../core/sites";
import { counter, silent, type Progress } from "../../core/progress";
import type { Variable, Variables } from "../columns";
import { TEXT_COLUMNS, type FeatureSets, type TextColumn } from "../daily-table";
import { withDuckDb } from "../files/duckdb";
import { wholeParquet } from "../files/parquet";
import type { Exclusion } from "../ingest/exclusion";
import type { FileReport } from "../ingest/ingest-report";
import { fluxDays, type FileBlocks, type SiteBlock } from "../ingest/site-block";
import { checkFluxUnits, checkUnits } from "../ingest/units";
import { unpack } from "../ingest/unpack";
import type { Axes, SiteAxis } from "./axes";
import { BENCHMARK_FILES, benchmarkPaths, readFeatureSets, readKoppen, type BenchmarkSet } from "./folder";
import { layParquet, type Laid } from "./lay-parquet";
import { readTargets, TARGETS } from "./targets";

/** What DuckDB may hold while it unpacks the 5 GB file. */
const MEMORY = "1GB";
const VARIANT = "NT_VUT_USTAR50";
const SOURCE = "CarbonFluxBench";
const CONVENTION = "fluxes: local standard time; reanalysis: UTC";

/** The benchmark's folder as blocks of the ingest, with what became of each file. */
export interface Benchmark extends FileBlocks {
  readonly files: readonly FileReport[];
  readonly featureSets: FeatureSets;
}

/**
 * Reads the benchmark's folder in bounded memory: each Parquet file once, only the columns of the feature set, laid on the sites' days.
 * @param set which reanalysis columns; `full` takes all 150 (about 1 GB of table, and four times that while it is joined and written)
 * @throws WorkbookError BadFile, MissingColumn, BadDate, BadUnit (a column of a site that looks like another unit is refused, never converted)
 * @source CarbonFluxBench, arXiv 2603.09868; method §2
 * @example await readCarbonFluxBench("carbonfluxbench", readVariables(), "minimal")
 */
export async function readCarbonFluxBench(dir: string, variables: Variables, set: BenchmarkSet, progress: Progress = silent): Promise<Benchmark> {
  const paths = benchmarkPaths(dir);
  const { sets, warnings } = settleSets(readFeatureSets(paths.features), set, paths.features);
  const koppen = readKoppen(paths);
  const step = counter("CarbonFluxBench", 3, progress);
  return withDuckDb(async (db) => {
    const targets = await wholeParquet("ingest", paths.targets, () => readTargets(db, paths.targets));
    step(1, BENCHMARK_FILES.targets);
    const modis = await wholeParquet("ingest", paths.modis, () => layParquet(db, paths.modis, "date", columnsOf("reflectance"), targets.axes));
    step(2, BENCHMARK_FILES.modis);
    const era5 = await wholeParquet("ingest", paths.era5, () => layParquet(db, paths.era5, "date", sets[set]!, targets.axes));
    step(3, BENCHMARK_FILES.era5);

    const excluded: Exclusion[] = [...targets.excluded, ...modis.duplicates.list("MOD09GA: a day given twice, the first kept"), ...era5.duplicates.list("ERA5: a day given twice, the first kept")];
    const numbers = new Map([...targets.numbers, ...modis.numbers, ...era5.numbers]);
    const blocks = targets.axes.sites.map((axis) => toBlock(dir, axis, numbers, variables, excluded));
    const sites = targets.sites.map((s): Site => ({ ...s, ...koppen([s.site, ...(targets.names.get(s.site) ?? [])]) }));
    const report = (path: string, rows: number, unused = 0): FileReport => ({ path, kind: "carbonfluxbench", site: null, rows, status: "read", reason: unused > 0 ? `${unused} of ${rows} rows are of other sites or outside the sites' records` : null });
    const files = [report(paths.targets, targets.read), report(paths.modis, modis.read, modis.unused), report(paths.era5, era5.read, era5.unused), ...(["koppen", "koppenDetail", "features"] as const).map((role) => report(paths[role], 0))];
    return { blocks, sites, unsorted: 0, excluded, files, featureSets: sets, warnings: [...warnings, ...targets.warnings, ...withoutDrivers(targets.axes, modis, "MOD09GA"), ...withoutDrivers(targets.axes, era5, "ERA5")] };
  }, 1, MEMORY);
}

/** Keeps what a table of this set can train on: the set itself and those that lie within it. */
function settleSets(all: FeatureSets, set: BenchmarkSet, file: string): { sets: FeatureSets; warnings: string[] } {
  const unknown = all[set]!.filter((name) => columnSpec(name)?.group !== "reanalysis");
  if (unknown.length > 0) throw new WorkbookError("MissingColumn", `ingest: ${file}: ${set}: daily aggregates of ERA5-Land under their published names required, found ${unknown.slice(0, 3).join(", ")}; ingest with another --features`, { file, column: unknown[0]! });
  const within = Object.entries(all).filter(([, list]) => list.every((name) => all[set]!.includes(name)));
  const own = columnsOf("reanalysis");
  const differs = [...own].sort().join() !== [...all["minimal"]!].sort().join();
  const left = Object.keys(all).filter((name) => !within.some(([kept]) => kept === name));
  return {
    sets: Object.fromEntries(within),
    warnings: [
      ...(differs ? [`${file}: minimal lists ${all["minimal"]!.join(", ")}, this workbook's minimal is ${own.join(", ")}`] : []),
      ...(left.length > 0 ? [`read for feature set ${set}; for ${left.join(" or ")} ingest again with --features ${left[left.length - 1]}`] : []),
    ],
  };
}

/** One site's days that hold anything, in canonical columns, checked and unpacked. */
function toBlock(dir: string, axis: SiteAxis, all: ReadonlyMap<string, Float32Array>, variables: Variables, excluded: Exclusion[]): SiteBlock {
  const parts = [...all].map(([name, values]) => [name, values.subarray(axis.offset, axis.offset + axis.length)] as const);
  const rows: number[] = [];
  for (let i = 0; i < axis.length; i++) if (parts.some(([, values]) => !Number.isNaN(values[i]!))) rows.push(i);
  const numbers = new Map<string, Float32Array>();
  for (const [name, values] of parts) {
    // a record without empty days is taken as it lies: the full set would else be held twice
    const gathered = rows.length === axis.length ? values : Float32Array.from(rows, (i) => values[i]!);
    if (gathered.every((v) => Number.isNaN(v))) continue;
    const variable = variables.list.find((v) => v.column === name) ?? plainVariable(name);
    excluded.push(...unpack(axis.site, variable, gathered));
    const shown = (TARGETS as Readonly<Record<string, string>>)[name] ?? name;
    checkUnits(dir, axis.site, { variable, index: 0, name: shown, scale: 1, offset: 0 }, gathered);
    numbers.set(name, gathered);
  }
  checkFluxUnits(dir, axis.site, numbers);
  const hasFlux = fluxDays(numbers, rows.length);
  const say: Record<TextColumn, (i: number) => string | null> = { target_variant: (i) => (hasFlux[i] === 1 ? VARIANT : null), source: () => SOURCE, day_convention: () => CONVENTION };
  const text = Object.fromEntries(TEXT_COLUMNS.map((name) => [name, rows.map((_, i) => say[name](i))])) as Record<TextColumn, (string | null)[]>;
  return { file: dir, site: axis.site, day: Int32Array.from(rows, (i) => axis.first + i), variant: hasFlux.includes(1) ? VARIANT : null, numbers, text };
}

/** An aggregate of ERA5-Land beyond data/variables.json: its range alone is checked. */
function plainVariable(column: string): Variable {
  return { column, required: false, plain: [], byVariant: new Map(), checks: [], packed: null, zeroFrom: knownColumns([column])[0]?.fill === "zero" ? -0.001 : 0 };
}

function withoutDrivers(axes: Axes, laid: Laid, name: string): string[] {
  const without = axes.sites.filter(({ offset, length }) => !laid.present.subarray(offset, offset + length).includes(1)).map((a) => a.site);
  return without.length === 0 ? [] : [`${name}: no row of ${count(without.length, "site")} (${without.slice(0, 8).join(", ")}${without.length > 8 ? ", …" : ""})`];
}
