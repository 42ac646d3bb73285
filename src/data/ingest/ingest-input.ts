import * as path from "node:path";
import { isWorkbookError, WorkbookError } from "../../core/errors";
import { dailyTwin, detect, detectMapped, type Detected } from "../towers/detect";
import { withMetadata } from "../half-hourly/badm";
import { stepsName, type HalfHourly } from "../half-hourly/half-hourly-table";
import { halfHourlyToDaily } from "../half-hourly/to-daily";
import type { FileReport } from "./ingest-report";
import type { BadInput, InputFile } from "../files/input";
import { isHalfHourly, LAYOUTS, type ReadContext } from "../towers/layouts";
import { readOneflux } from "../towers/read-oneflux";
import { readTidyParquet } from "../towers/read-parquet";
import { readTidyCsv } from "../towers/read-tidy";
import type { ReadAhead } from "./read-ahead";
import { toBlocks, type FileBlocks } from "./site-block";

/** A file and what it is, or why that cannot be told. */
export interface Recognised {
  readonly input: InputFile | BadInput;
  readonly found: Detected | null;
  readonly error: WorkbookError | null;
}

/** How one file is read. */
export interface ReadInputOptions {
  /** a file that is wrong is named in its report, not thrown */
  readonly skipBad?: boolean;
  /** what is done to half-hours before they become days */
  readonly halfHours?: (table: HalfHourly) => Promise<HalfHourly>;
  /** files that are read before their turn */
  readonly ahead?: ReadAhead;
}

/** What became of a file. */
export interface ReadInput {
  readonly report: FileReport;
  readonly blocks: FileBlocks | null;
}

/**
 * Tells what each file is. A half-hourly file beside the daily file of the same product is left alone, and so is the file to be written.
 * @throws WorkbookError the first file that cannot be recognised, unless `skipBad`
 */
export async function recogniseAll(inputs: readonly (InputFile | BadInput)[], context: ReadContext, options: { readonly out?: string; readonly skipBad?: boolean }): Promise<Recognised[]> {
  const names = new Set(inputs.flatMap((input) => ("error" in input ? [] : [input.name])));
  const out: Recognised[] = [];
  for (const input of inputs) {
    try {
      if ("error" in input) throw input.error;
      const found = leftAlone(input, names, options.out) ?? (context.mapping === undefined ? await detect(input, context.variables) : await detectMapped(input));
      out.push({ input, found, error: null });
    } catch (error) {
      if (!options.skipBad || !isWorkbookError(error)) throw error;
      out.push({ input, found: null, error });
    }
  }
  return out;
}

function leftAlone(input: InputFile, names: ReadonlySet<string>, out: string | undefined): Detected | null {
  if (out !== undefined && input.disk !== null && path.resolve(input.disk) === path.resolve(out)) return { status: "ignored", kind: "other", site: null, reason: "the file to be written" };
  const twin = dailyTwin(input.name, names);
  return twin === null ? null : { status: "ignored", kind: "other-resolution", site: null, reason: `half-hourly or hourly: the daily file ${twin} of the same product is read` };
}

/** Place of a file in the order of reading: those that tell of sites first, those that need to know them last. */
export function readingOrder({ found }: Recognised): number {
  const when = LAYOUTS.find((l) => l.kind === found?.kind)?.when;
  return when === "first" ? 0 : when === "last" ? 2 : 1;
}

/**
 * Reads one recognised file into blocks of days.
 * @throws WorkbookError what is wrong with it, unless `skipBad`
 */
export async function readInput({ input, found, error: unknownFile }: Recognised, context: ReadContext, options: ReadInputOptions = {}): Promise<ReadInput> {
  const kind = found?.kind ?? "unknown";
  try {
    if (unknownFile !== null) throw unknownFile;
    if (found!.status === "ignored") return { report: { path: input.path, kind, site: found!.site, rows: 0, status: "ignored", reason: found!.reason }, blocks: null };
    const { blocks, note } = await readTable(input as InputFile, kind, found!.site, context, options);
    const rows = blocks.blocks.reduce((sum, b) => sum + b.day.length, 0);
    const site = blocks.blocks.length === 1 ? blocks.blocks[0]!.site : null;
    const notes = [note, blocks.unsorted > 0 ? `${blocks.unsorted} of ${rows} rows were not in order of date: sorted` : null].filter((n) => n !== null);
    return { report: { path: input.path, kind, site, rows, status: "read", reason: notes.length > 0 ? notes.join("; ") : null }, blocks };
  } catch (error) {
    if (!options.skipBad || !isWorkbookError(error)) throw error;
    return { report: { path: input.path, kind, site: error.fields.site ?? null, rows: 0, status: "bad", reason: error.message }, blocks: null };
  } finally {
    context.memory?.takeBack(input);
  }
}

async function readTable(input: InputFile, kind: string, site: string | null, context: ReadContext, { halfHours, ahead }: ReadInputOptions): Promise<{ blocks: FileBlocks; note: string | null }> {
  const { variables, variant } = context;
  const days = (raw: Parameters<typeof toBlocks>[0], note: string | null = null): { blocks: FileBlocks; note: string | null } => ({ blocks: toBlocks(raw, variant), note });
  if (kind === "oneflux-daily") return days(await readOneflux(input, site!, variables));
  if (kind === "tidy-parquet") return { blocks: await readTidyParquet(input, variables, context), note: null };
  if (kind === "tidy-csv") return days(await readTidyCsv(input, variables, context.mapping ?? null));
  const layout = LAYOUTS.find((l) => l.kind === kind)!;
  const got = await (ahead === undefined ? layout.read(input, context) : ahead.read(input, layout, context));
  if (isHalfHourly(got)) {
    const told = withMetadata(got, context.sites);
    return days(halfHourlyToDaily(halfHours === undefined ? told : await halfHours(told), variables), `${got.start.length.toLocaleString("en")} ${stepsName(got.stepMinutes)} to days`);
  }
  if (!("blocks" in got)) return days(got);
  return { blocks: got, note: got.blocks.length > 0 ? null : `metadata of ${got.sites.length} ${got.sites.length === 1 ? "site" : "sites"}` };
}
