import { WorkbookError } from "../../core/errors";
import type { Progress } from "../../core/progress";
import { readVariables, type Variables } from "../columns";
import { detect } from "../towers/detect";
import { listInputs, type InputFile } from "../files/input";
import { isHalfHourly, LAYOUTS, type Layout, type ReadContext } from "../towers/layouts";
import { withMetadata } from "./badm";
import type { HalfHourly } from "./half-hourly-table";

/** The layout of a file that may hold half-hours or tell of sites; undefined for any other. */
async function layoutFor(input: InputFile, variables: Variables): Promise<Layout | undefined> {
  const found = await detect(input, variables);
  return found.status === "read" ? LAYOUTS.find((l) => l.kind === found.kind && l.when !== "last") : undefined;
}

/**
 * Reads a file of half-hours or hours, whatever its layout, with what `context.sites` knows of its site; null for any other file.
 * @throws WorkbookError what is wrong with the file, see `detect` and the readers
 * @example (await readHalfHours(input, readVariables()))?.columns.get("NEE")
 */
export async function readHalfHours(input: InputFile, variables: Variables, context: Partial<ReadContext> = {}): Promise<HalfHourly | null> {
  const sites = context.sites ?? [];
  const table = await (await layoutFor(input, variables))?.read(input, { ...context, variables, sites });
  return table !== undefined && isHalfHourly(table) ? withMetadata(table, sites) : null;
}

/**
 * The half-hourly tables under some paths (files, folders, archives), with what BADM files among them tell of their sites.
 * @throws WorkbookError EmptyTable where there are none; what is wrong with a file
 * @example const [table] = await readHalfHourFiles(["AMF_US-CRT_BASE_HH_2-5.csv.gz", "amf_bif.csv"])
 */
export async function readHalfHourFiles(paths: readonly string[], options: { readonly variant?: string; readonly progress?: Progress } = {}): Promise<HalfHourly[]> {
  const variables = readVariables();
  const tables: HalfHourly[] = [];
  let sites: ReadContext["sites"] = [];
  for (const input of await listInputs(paths)) {
    if ("error" in input) throw input.error;
    const got = await (await layoutFor(input, variables))?.read(input, { ...options, variables, sites });
    if (got !== undefined && isHalfHourly(got)) tables.push(got);
    else if (got !== undefined && "blocks" in got) sites = [...sites, ...got.sites];
  }
  if (tables.length === 0) throw new WorkbookError("EmptyTable", `readHalfHourFiles: ${paths.join(", ")}: at least one half-hourly file required, found none; daily files are read by ingest`, {});
  return tables.map((table) => withMetadata(table, sites));
}
