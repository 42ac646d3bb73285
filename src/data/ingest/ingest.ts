import * as fs from "node:fs";
import * as path from "node:path";
import { WorkbookError } from "../../core/errors";
import { nearest } from "../../core/nearest";
import { counter, silent, type Progress } from "../../core/progress";
import type { Site } from "../../core/sites";
import { threadCount } from "../../core/threads";
import { benchmarkPaths, isCarbonFluxBench, type BenchmarkSet } from "../carbonfluxbench/folder";
import { readCarbonFluxBench } from "../carbonfluxbench/read";
import { writeCitations } from "../sources/citations";
import { readVariables, type Variables } from "../columns";
import { dailyTable, type DailyTable, type FeatureSets } from "../daily-table";
import { compareDrivers, driverReport, driverSources, type DriverComparison } from "../drivers/join-report";
import { partDrivers, readDrivers } from "../drivers/read-drivers";
import type { Exclusion } from "./exclusion";
import type { HalfHourly } from "../half-hourly/half-hourly-table";
import { MemoryPool } from "../half-hourly/row-room";
import { ScanCrew } from "../half-hourly/scan-crew";
import { readingOrder, readInput, recogniseAll, type ReadInput } from "./ingest-input";
import { countMissing, ingestReport, type FileReport, type IngestReport } from "./ingest-report";
import { listInputs, type BadInput, type InputFile } from "../files/input";
import { listSources } from "../grid/grid-paths";
import { inputRecord, type InputRecord } from "../input-hashes";
import type { ReadContext } from "../towers/layouts";
import { readMapping } from "../towers/mapping";
import { mergeBlocks } from "./merge";
import { ReadAhead } from "./read-ahead";
import { parsePreparation, type Preparation } from "../preparation";
import { applyQuality, readBadValues } from "./quality";
import type { FileBlocks, SiteBlock } from "./site-block";
import { readSiteCitations } from "../sources/site-citations";
import { readSiteList } from "../sites/site-list";
import { classesAtSites, layerSources } from "../static/classes-at-sites";
import { writeTable } from "../store";

/** Half-hourly files that are in memory as they stand in the file at a time. */
const FILES_AT_ONCE = 3;

/** What `ingest` may be told. */
export interface IngestOptions {
  /** Parquet file to write; none by default */
  readonly out?: string;
  /** CSV with site, lat, lon, igbp, koppen; wins over what the files say */
  readonly sites?: string;
  /** take fluxes of this target variant alone (VUT_USTAR50 or VUT_REF); without it each site's best, USTAR50 first */
  readonly variant?: string;
  /** JSON that says what the columns of a table of one's own mean (`readMapping`); all files are read by it */
  readonly map?: string;
  /** read the good files though others are bad; the bad ones are named in the report */
  readonly skipBad?: boolean;
  /** reanalysis columns to take from a CarbonFluxBench folder; minimal by default */
  readonly features?: BenchmarkSet;
  /** what is done to half-hours before they become days, e.g. filling and partition */
  readonly halfHours?: (table: HalfHourly) => Promise<HalfHourly>;
  /** files or folders of drivers (MODIS and ERA5-Land at points, ERA companions of FLUXNET, tidy tables): they fill what the towers lack */
  readonly drivers?: readonly string[];
  /** how satellite values are prepared; paper by default */
  readonly preparation?: Preparation;
  /** maps of IGBP and Köppen, by which sites without a class get one */
  readonly layers?: readonly string[];
  readonly progress?: Progress;
}

/**
 * Reads tower files, tables and folders of them (plain, gzip, zip), or the folder of CarbonFluxBench, into one daily table: canonical names and units, one target variant a site,
 * impossible values taken out, everything counted. Nothing is written unless all went well.
 * @throws WorkbookError the first bad file (unless `skipBad`), naming file, site, column, line or date; EmptyTable when no daily file is found
 * @example const { table, report } = await ingest(["data/raw"], { out: "T.parquet", sites: "sites.csv" })
 */
export async function ingest(paths: readonly string[], options: IngestOptions = {}): Promise<{ table: DailyTable; report: IngestReport }> {
  const variables = readVariables();
  const badValues = readBadValues();
  const preparation = parsePreparation(options.preparation, "ingest") ?? "paper";
  const variant = variantNamed(options.variant, variables);
  if (options.out !== undefined && fs.existsSync(options.out) && fs.statSync(options.out).isDirectory()) {
    throw new WorkbookError("BadArgument", `ingest: --out: a file name required, found the folder ${options.out}; add a name such as T.parquet`, { file: options.out });
  }
  const record = inputRecord([...paths, ...(options.drivers ?? [])]);
  for (const file of [options.sites, options.map, ...(options.layers ?? []).flatMap(filesOfLayer)]) if (file !== undefined) record.use(file);
  const list = options.sites === undefined ? { sites: [], warnings: [] } : readSiteList(options.sites, variables);
  const mapping = options.map === undefined ? {} : { mapping: readMapping(options.map, variables) };
  const context: ReadContext = { variables, sites: list.sites, ...mapping, ...(variant === undefined ? {} : { variant }), ...(options.progress === undefined ? {} : { progress: options.progress }) };
  const { files, blocks, told, featureSets, drivers, satellite } = await readAll(paths, context, options, preparation, record);
  if (blocks.length === 0) throw nothingRead(paths, files);

  const merged = mergeBlocks(blocks, variables);
  const missing = countMissing(merged);
  const excluded: Exclusion[] = [...told.flatMap((r) => r.excluded), ...merged.excluded, ...applyQuality(merged, badValues)];
  const described = describe([...new Set(merged.site)], [...list.sites, ...told.flatMap((r) => r.sites)]);
  const classes = options.layers === undefined || options.layers.length === 0 ? null : await classesAtSites(options.layers, described);
  const sites = classes?.sites ?? described;
  const table: DailyTable = { ...dailyTable({ site: merged.site, day: merged.day, text: merged.text, numbers: merged.numbers }, sites, featureSets), ...(satellite ? { preparation } : {}) };
  const warnings = [...list.warnings, ...told.flatMap((r) => r.warnings), ...(classes?.warnings ?? [])];
  const joined = drivers === null ? null : driverReport(drivers, missing, preparation);
  const report: IngestReport = { ...ingestReport(merged, files, excluded, missing, sites, warnings), ...(joined === null ? {} : { drivers: joined }), ...(classes === null ? {} : { layers: classes.found }) };
  if (options.out === undefined) return { table, report };
  const made: DailyTable = { ...table, inputs: record.hashes() };
  await writeTable(made, options.out);
  const further = [...(joined === null ? [] : driverSources(joined)), ...layerSources(classes?.found ?? [])];
  const ofSites = options.sites === undefined ? [] : await readSiteCitations(options.sites, variables);
  return { table: made, report: { ...report, citations: writeCitations(options.out, { table: made, further, files, ofSites }) } };
}

/** What all paths hold. */
interface ReadPaths {
  readonly files: readonly FileReport[];
  /** the blocks alone, so that they can be given back while they are joined */
  readonly blocks: SiteBlock[];
  /** what the files told besides */
  readonly told: readonly Omit<FileBlocks, "blocks">[];
  readonly featureSets: FeatureSets | undefined;
  /** what driver files bring; null where there are none */
  readonly drivers: DriverComparison | null;
  /** whether satellite values of driver files are among the blocks */
  readonly satellite: boolean;
}

async function readAll(paths: readonly string[], context: ReadContext, options: IngestOptions, preparation: Preparation, record: InputRecord): Promise<ReadPaths> {
  const benchmarks = paths.filter((path) => isCarbonFluxBench(path));
  const listed = await listInputs(paths.filter((path) => !benchmarks.includes(path)), record.use);
  const asked = await listInputs(options.drivers ?? [], record.use);
  const holders = new Map([...listed, ...asked].flatMap((input) => ("error" in input ? [] : [[input.path, input.holder] as const])));
  for (const file of [...holders.values(), ...benchmarks.flatMap((folder) => Object.values(benchmarkPaths(folder)))]) record.see(file);
  // a mapping speaks for all files
  const { drivers: among, others: inputs } = context.mapping === undefined ? await partDrivers(listed) : { drivers: [], others: listed };
  const files: FileReport[] = [];
  const read: FileBlocks[] = [];
  let featureSets: FeatureSets | undefined;
  for (const folder of benchmarks) {
    const benchmark = await readCarbonFluxBench(folder, context.variables, options.features ?? "minimal", options.progress);
    files.push(...benchmark.files);
    read.push(benchmark);
    featureSets = benchmark.featureSets;
  }
  for (const { report, blocks } of await readInputs(inputs, context, options)) {
    files.push(report);
    if (blocks !== null) read.push(blocks);
  }
  const driven = await readDrivers([...among, ...asked], { variables: context.variables, sites: [...context.sites, ...read.flatMap((r) => r.sites)], preparation }, options.skipBad);
  for (const report of [...files, ...driven.files]) if (report.status === "read") record.use(holders.get(report.path) ?? report.path);
  const [towers, drivers] = [read, driven.blocks].map((parts) => parts.flatMap((r) => r.blocks)) as [SiteBlock[], SiteBlock[]];
  return {
    files: [...files, ...driven.files], blocks: [...towers, ...drivers], featureSets, satellite: driven.satellite,
    told: [...read, ...driven.blocks].map(({ sites, unsorted, excluded, warnings }) => ({ sites, unsorted, excluded, warnings })),
    drivers: drivers.length === 0 ? null : compareDrivers(towers, drivers),
  };
}

/** Files of a map: of a Zarr store all that are in it. */
function filesOfLayer(given: string): string[] {
  const held = listSources([given]).files.flatMap((file) => (fs.statSync(file).isDirectory() ? fs.readdirSync(file, { recursive: true, encoding: "utf8" }).map((name) => path.join(file, name)).filter((name) => fs.statSync(name).isFile()) : [file]));
  return [...(given.toLowerCase().endsWith(".json") ? [given] : []), ...held];
}

/** Reads all files, those that tell of sites first; the answers stand in the order the files were named. */
async function readInputs(inputs: readonly (InputFile | BadInput)[], context: ReadContext, options: IngestOptions): Promise<ReadInput[]> {
  const recognised = await recogniseAll(inputs, context, options);
  const step = counter("file", inputs.length, options.progress ?? silent);
  const out = new Array<ReadInput>(inputs.length);
  let { sites } = context;
  const order = recognised.map((_, k) => k).sort((a, b) => readingOrder(recognised[a]!) - readingOrder(recognised[b]!) || a - b);
  const crew = new ScanCrew(threadCount(), FILES_AT_ONCE);
  // Who is given half-hours may keep them.
  const shared = { crew, ...(options.halfHours === undefined ? { memory: new MemoryPool(FILES_AT_ONCE) } : {}) };
  const ahead = new ReadAhead(order.map((k) => recognised[k]!), { ...context, ...shared }, FILES_AT_ONCE);
  try {
    for (const [done, k] of order.entries()) {
      out[k] = await readInput(recognised[k]!, { ...context, ...shared, sites }, { ...options, ahead });
      sites = [...sites, ...(out[k]!.blocks?.sites ?? [])];
      step(done + 1, path.basename(out[k]!.report.path));
    }
  } finally {
    await ahead.end();
    await crew.end();
  }
  return out;
}

/** The variant's own name, from that or from its end: `REF` is NT_VUT_REF. */
function variantNamed(wanted: string | undefined, { variants }: Variables): string | undefined {
  if (wanted === undefined) return undefined;
  const upper = wanted.trim().toUpperCase();
  const name = variants.find((v) => v === upper || v.endsWith(`_${upper}`));
  const short = variants.map((v) => v.slice(v.lastIndexOf("_") + 1));
  if (name === undefined) throw new WorkbookError("BadArgument", `ingest: variant: one of ${short.join(", ")} is required, got "${wanted}"; nearest ${nearest(wanted, short).join(", ")}`);
  return name;
}

/** One entry for each site: the first that describes it, its gaps filled from later ones. */
function describe(ids: readonly string[], known: readonly Site[]): Site[] {
  const of = new Map<string, Site[]>();
  for (const s of known) of.set(s.site, [...(of.get(s.site) ?? []), s]);
  return ids.map((site) => {
    const entries = of.get(site) ?? [];
    const first = <K extends keyof Site>(key: K): Site[K] | null => entries.find((s) => s[key] !== null)?.[key] ?? null;
    return { site, lat: first("lat"), lon: first("lon"), igbp: first("igbp"), koppen: first("koppen"), koppenDetail: first("koppenDetail") };
  });
}

function nothingRead(paths: readonly string[], files: readonly FileReport[]): WorkbookError {
  const bad = files.find((f) => f.status === "bad");
  const ignored = files.find((f) => f.status === "ignored");
  const found = bad ? `the first bad one says: ${bad.reason}` : ignored ? `e.g. ${ignored.path} is ignored (${ignored.reason})` : "the folder is empty";
  return new WorkbookError("EmptyTable", `ingest: ${paths.join(", ")}: at least one daily or half-hourly file required, found none among ${files.length} files; ${found}`, {});
}
