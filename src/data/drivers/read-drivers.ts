import { columnSpec } from "../../core/columns";
import { isWorkbookError, WorkbookError } from "../../core/errors";
import type { FileReport } from "../ingest/ingest-report";
import type { BadInput, InputFile } from "../files/input";
import { readTidyParquet } from "../towers/read-parquet";
import { readTidyCsv } from "../towers/read-tidy";
import { toBlocks, type FileBlocks } from "../ingest/site-block";
import { COMPANION, driverLayoutOf, DRIVER_LAYOUTS } from "./driver-layouts";
import type { DriverContext } from "./driver-context";

/** One driver file as `ingest` reports it, with what it gave. */
export interface DriverFile {
  readonly report: FileReport;
  readonly blocks: FileBlocks | null;
}

/**
 * Reads a file that a user names as drivers: MODIS and ERA5-Land at points, a daily ERA companion of FLUXNET, or a tidy table, of which fluxes
 * are left out.
 * @throws WorkbookError of the reader, unless `skipBad`
 * @example (await readDriverFile(input, context, false)).report.kind // "fluxnet-era"
 */
export async function readDriverFile(input: InputFile | BadInput, context: DriverContext, skipBad: boolean): Promise<DriverFile> {
  let kind = "unknown";
  try {
    if ("error" in input) throw input.error;
    const layout = await driverLayoutOf(input, [...DRIVER_LAYOUTS, COMPANION]);
    kind = layout?.kind ?? "tidy drivers";
    if (layout === null && input.walked && !/\.(csv|parquet)$/i.test(input.name)) return { report: { path: input.path, kind: "other", site: null, rows: 0, status: "ignored", reason: "no driver file by its name (.csv, .json, .nc, .parquet, .zip are read)" }, blocks: null };
    const blocks = layout === null ? await readTidy(input, context) : await layout.read(input, context);
    const rows = blocks.blocks.reduce((sum, b) => sum + b.day.length, 0);
    return { report: { path: input.path, kind, site: blocks.blocks.length === 1 ? blocks.blocks[0]!.site : null, rows, status: "read", reason: null }, blocks };
  } catch (error) {
    if (!skipBad || !isWorkbookError(error)) throw error;
    return { report: { path: input.path, kind, site: error.fields.site ?? null, rows: 0, status: "bad", reason: error.message }, blocks: null };
  }
}

/** All driver files' reports and blocks. */
export interface DriverFiles {
  readonly files: readonly FileReport[];
  readonly blocks: readonly FileBlocks[];
  /** whether satellite values are among them */
  readonly satellite: boolean;
}

/** Reads driver files in the order they were named. @example (await readDrivers(inputs, context)).blocks */
export async function readDrivers(inputs: readonly (InputFile | BadInput)[], context: DriverContext, skipBad = false): Promise<DriverFiles> {
  const files: FileReport[] = [];
  const blocks: FileBlocks[] = [];
  for (const input of inputs) {
    const read = await readDriverFile(input, context, skipBad);
    files.push(read.report);
    if (read.blocks !== null) blocks.push(read.blocks);
  }
  return { files, blocks, satellite: files.some((f) => f.status === "read" && f.kind.startsWith("modis")) };
}

async function readTidy(input: InputFile, { variables }: DriverContext): Promise<FileBlocks> {
  const parquet = (await input.bytes(4)).toString("latin1") === "PAR1";
  const made = parquet ? await readTidyParquet(input, variables) : toBlocks(await readTidyCsv(input, variables));
  const dropped = new Set<string>();
  const blocks = made.blocks.map((block) => {
    const kept = new Map([...block.numbers].filter(([column]) => isDriver(column) || !dropped.add(column)));
    return { ...block, numbers: kept, variant: null, text: { ...block.text, target_variant: block.text.target_variant.map(() => null) } };
  });
  if (blocks.every((b) => b.numbers.size === 0)) throw new WorkbookError("MissingColumn", `ingest: --drivers: ${input.path}: a column of drivers required, found ${[...dropped].sort().join(", ") || "none"}; give a tower's own file as a path`, { file: input.path });
  return { ...made, blocks, warnings: [...made.warnings, ...(dropped.size > 0 ? [`${input.path}: fluxes of a driver file are not read: ${[...dropped].sort().join(", ")}`] : [])] };
}

/**
 * Tells driver files from the rest: satellite and reanalysis exports are drivers wherever they lie.
 * @example (await partDrivers(inputs)).drivers.length
 */
export async function partDrivers(inputs: readonly (InputFile | BadInput)[]): Promise<{ drivers: InputFile[]; others: (InputFile | BadInput)[] }> {
  const drivers: InputFile[] = [];
  const others: (InputFile | BadInput)[] = [];
  for (const input of inputs) {
    if (!("error" in input) && (await isDriverFile(input))) drivers.push(input);
    else others.push(input);
  }
  return { drivers, others };
}

/** Resolutions in the names of the networks' own files. */
const OF_TOWER = /_(HH|HR|DD|WW|MM|YY)_/;

/** A tower's file by its name need not be opened twice; one that cannot be opened is for who reads the towers to report. */
async function isDriverFile(input: InputFile): Promise<boolean> {
  if (OF_TOWER.test(input.name)) return false;
  try {
    return (await driverLayoutOf(input)) !== null;
  } catch (error) {
    if (!isWorkbookError(error)) throw error;
    return false;
  }
}

function isDriver(column: string): boolean {
  return columnSpec(column)?.fill !== "never";
}
