import * as fs from "node:fs";
import * as path from "node:path";
import { temporaryFolder } from "../../core/temporary-folder";
import { readHeader } from "../files/csv";
import { openGrid } from "../grid/open";
import type { InputFile } from "../files/input";
import type { FileBlocks } from "../ingest/site-block";
import { companionBlocks, COMPANION_COLUMNS } from "./companion";
import type { DriverContext } from "./driver-context";
import { era5Blocks } from "./era5";
import { readEra5Csv, TIMES } from "./era5-csv";
import { era5Names } from "./era5-names";
import { readEra5Netcdf } from "./era5-netcdf";
import { modisBlocks } from "./modis";
import { readWideCsv } from "./modis-csv";
import { bandKey, modisProductOf, readModisProducts } from "./modis-products";
import { readLongCsv, readOrnlJson } from "./modis-ornl";

/** What is seen of a file before it is read. */
export interface Beginning {
  readonly name: string;
  /** first 64 KiB */
  readonly head: Buffer;
  /** of its header; none where it is no table */
  readonly names: readonly string[];
}

/** A kind of driver file. */
export interface DriverLayout {
  /** as the report calls it */
  readonly kind: string;
  readonly detect: (file: Beginning) => boolean;
  readonly read: (input: InputFile, context: DriverContext) => Promise<FileBlocks>;
}

const HEAD = 1 << 16;
const HDF5 = "\x89HDF";

/** Driver files besides tidy tables; the first that knows a file reads it. A new one is a line here. */
export const DRIVER_LAYOUTS: readonly DriverLayout[] = [
  { kind: "modis-ornl-json", detect: isOrnlJson, read: async (input, context) => modisBlocks(readOrnlJson(await input.bytes(), input.path), input.name, context) },
  { kind: "modis-long", detect: isLong, read: async (input, context) => modisBlocks(readLongCsv(await input.bytes(), input.path, context.variables), input.name, context) },
  { kind: "modis-points", detect: isWide, read: async (input, context) => modisBlocks(readWideCsv(await input.bytes(), input.path, readModisProducts(), context.variables), input.name, context) },
  { kind: "era5-land-netcdf", detect: ({ name, head }) => head.subarray(0, 4).toString("latin1") === HDF5 && /era5/i.test(name), read: readNetcdf },
  { kind: "era5-land-csv", detect: isEra5, read: async (input, context) => era5Blocks(readEra5Csv(await input.bytes(), input.path, input.name, context), context) },
];

/** Daily companions of FLUXNET products: read as drivers where a user names them so, for a tower's own file has what it needs of them. */
export const COMPANION: DriverLayout = {
  kind: "fluxnet-era",
  detect: ({ names }) => names.some((n) => COMPANION_COLUMNS[n] !== undefined) && !names.some((n) => /^(NEE|GPP|FC)(_|$)/.test(n)),
  read: async (input, context) => companionBlocks(await input.bytes(), input.path, input.name, context),
};

/**
 * The layout of a driver file, or null for anything else, tidy tables among it.
 * @throws WorkbookError BadFile for a file that cannot be read
 * @example (await driverLayoutOf(input))?.kind // "modis-points"
 */
export async function driverLayoutOf(input: InputFile, layouts: readonly DriverLayout[] = DRIVER_LAYOUTS): Promise<DriverLayout | null> {
  if (input.walked && !/\.(csv|txt|json|nc|nc4)$/i.test(input.name)) return null;
  const head = await input.bytes(HEAD);
  const file = { name: input.name, head, names: namesOf(head, input.path) };
  return layouts.find((layout) => layout.detect(file)) ?? null;
}

function namesOf(head: Buffer, file: string): readonly string[] {
  if (head.length === 0 || head.includes(0) || head[0] === 0x7b) return [];
  try {
    return readHeader(head, file).names;
  } catch {
    // whoever reads it as a table says what is wrong
    return [];
  }
}

function isOrnlJson({ head }: Beginning): boolean {
  const text = head.toString("utf8");
  return /^\s*\{/.test(text) && text.includes('"subset"') && /"(modis|calendar)_date"/.test(text);
}

function isLong({ names }: Beginning): boolean {
  const lower = names.map((n) => n.toLowerCase());
  return lower.includes("band") && lower.includes("value") && (lower.includes("calendar_date") || lower.includes("modis_date"));
}

function isWide({ name, names }: Beginning): boolean {
  const product = modisProductOf(readModisProducts(), [name, ...names], names);
  const keys = names.map(bandKey);
  return product !== null && product.bands.some((b) => b.names.some((n) => keys.includes(bandKey(n))));
}

/** Names that no tower file has, so that a wind component `e` or a pressure `sp` does not make one. */
const SURE = new Set(["t2m", "2t", "d2m", "tp", "ssr", "ssrd", "skt", "stl1", "swvl1", "lai_hv", "lai_lv", "u10", "v10"]);

/** ERA5-Land that is no tidy daily table of published names: hours, short names or Earth Engine's index. */
function isEra5({ head, names }: Beginning): boolean {
  const lower = names.map((n) => n.toLowerCase());
  if (!TIMES.some((t) => lower.includes(t))) return false;
  if (names.some((n) => SURE.has(n.toLowerCase()))) return true;
  const meaningOf = era5Names();
  // short names of four letters and fewer may be anything
  if (!names.some((n) => n.length > 4 && (meaningOf(n, false) ?? meaningOf(n, true)) !== null)) return false;
  const tidy = lower.includes("site") && (lower.includes("date") || lower.includes("timestamp"));
  return !tidy || lower.includes("system:index") || /\d{4}-?\d{2}-?\d{2}[T ](?!00:00)\d{2}/.test(head.toString("latin1"));
}

async function readNetcdf(input: InputFile, context: DriverContext): Promise<FileBlocks> {
  if (input.disk !== null && !/\.gz$/i.test(input.disk)) return fromGrid(input.disk, input.name, context);
  // HDF5 is read from a file only
  const folder = temporaryFolder("era5");
  try {
    const file = path.join(folder, path.basename(input.name));
    fs.writeFileSync(file, await input.bytes());
    return await fromGrid(file, input.name, context);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

async function fromGrid(file: string, name: string, context: DriverContext): Promise<FileBlocks> {
  const grid = await openGrid(file);
  try {
    return era5Blocks(await readEra5Netcdf(grid, name, context), context);
  } finally {
    grid.close();
  }
}
