import { WorkbookError } from "../core/errors";
import type { Variables } from "./columns";
import { readHeader } from "./csv";
import { mapHeader, type HeaderMap } from "./header";
import type { InputFile } from "./input";
import type { TableKind } from "./raw-table";

/** What a file is. A daily table is read; anything else that is recognised is ignored with its reason. */
export type Detected =
  | { readonly status: "read"; readonly kind: TableKind; readonly site: string | null }
  | { readonly status: "ignored"; readonly kind: string; readonly site: string | null; readonly reason: string };

const HEAD = 1 << 16;
const SITE_IN_NAME = /(?:^|[^A-Za-z0-9])([A-Z]{2}-[A-Za-z0-9]{2,4})(?=[^A-Za-z0-9]|$)/;
const TABLE_NAME = /\.(csv|parquet)$/i;

/**
 * Tells what a file is, by its name where that follows the networks' pattern, else by its beginning.
 * @throws WorkbookError BadFile for bytes that are no table, EmptyTable for an empty file
 * @example (await detect(input, variables)).kind // "oneflux-daily"
 */
export async function detect(input: InputFile, variables: Variables): Promise<Detected> {
  const site = SITE_IN_NAME.exec(input.name)?.[1] ?? null;
  const ignored = (kind: string, reason: string): Detected => ({ status: "ignored", kind, site, reason });
  if (input.walked && (input.name.startsWith(".") || !TABLE_NAME.test(input.name))) return ignored("other", "not a table by its name (.csv, .csv.gz, .parquet, .zip are read)");
  if (site !== null) {
    const tokens = input.name.replace(/\.[a-z]+$/i, "").split("_");
    const companion = tokens.find((t) => variables.companions[t] !== undefined);
    if (companion !== undefined) return ignored("companion", `${variables.companions[companion]}: only the tower's own file is read`);
    const resolution = tokens.find((t) => variables.resolutions[t] !== undefined);
    if (resolution !== undefined) return ignored("other-resolution", `${variables.resolutions[resolution]}: only daily files (DD) are read`);
  }
  const head = await input.bytes(HEAD);
  // A gzip cut off in its first block gives nothing: reading it whole tells that from an empty file.
  if (head.length === 0) await input.bytes();
  if (head.subarray(0, 4).toString("latin1") === "PAR1") return { status: "read", kind: "tidy-parquet", site: null };
  refuseBinary(head, input.path);
  const { names, start } = readHeader(head, input.path);
  const map = mapHeader(names, variables);
  const other = otherTable(names, map);
  if (other !== null) return ignored(other.kind, other.reason);
  const timestamp = names.findIndex((n) => /^timestamp(_start)?$/i.test(n));
  if (timestamp >= 0 && !map.keys.has("site")) {
    const finer = resolutionOf(head.subarray(start).toString("latin1").split(",")[timestamp] ?? "", /_start$/i.test(names[timestamp]!));
    if (finer !== null) return ignored("other-resolution", `${finer}: only daily files are read`);
    if (site === null) throw new WorkbookError("BadSite", `ingest: ${input.path}: a site column, or a site id in the file's name as in FLX_DE-Hai_…, required, found neither; rename the file`, { file: input.path });
    return { status: "read", kind: "oneflux-daily", site };
  }
  // A tower file whose TIMESTAMP column is lost is still one by its name: the reader then names the missing column.
  if (site !== null && !map.keys.has("site")) return { status: "read", kind: "oneflux-daily", site };
  return { status: "read", kind: "tidy-csv", site: null };
}

function refuseBinary(head: Buffer, file: string): void {
  let odd = 0;
  for (const byte of head) {
    if (byte === 0) odd += head.length;
    else if (byte < 9 || (byte > 13 && byte < 32) || byte === 127) odd++;
  }
  const replaced = (head.toString("utf8").match(/�/g) ?? []).length;
  if (odd > head.length * 0.01 || replaced > head.length * 0.2) {
    throw new WorkbookError("BadFile", `ingest: ${file}: a table as text (CSV), gzip, zip or Parquet required, found binary data; remove the file or download it again`, { file });
  }
}

function otherTable(names: readonly string[], map: HeaderMap): { kind: string; reason: string } | null {
  const lower = names.map((n) => n.toLowerCase());
  if (lower[0] === "site" && names.length === 2 && /^[A-Z]{2}-[A-Za-z0-9]{2,4}$/.test(names[1]!)) return { kind: "other-resolution", reason: "half-hourly input of the ONEFlux codes: only daily files are read" };
  if (map.keys.has("date") && ["time", "hour"].some((n) => lower.includes(n))) return { kind: "other-resolution", reason: "a column of times beside the date, so not daily: only daily files are read" };
  if (lower.includes("group_id") && lower.includes("variable_group")) return { kind: "badm", reason: "site metadata (BADM), not a daily table" };
  if (map.keys.has("site") && !map.keys.has("date") && map.keys.has("lat")) return { kind: "site-list", reason: "a list of sites: give it with --sites" };
  return null;
}

/** Resolution told by the length of a timestamp: 12 digits half-hourly, 8 daily (weekly when it is a start), 6 monthly, 4 yearly. */
function resolutionOf(value: string, isStart: boolean): string | null {
  const digits = value.trim();
  if (/^\d{12}$/.test(digits)) return "half-hourly or hourly";
  if (/^\d{8}$/.test(digits) && isStart) return "weekly";
  if (/^(19|20)\d{2}(0[1-9]|1[0-2])$/.test(digits)) return "monthly";
  if (/^(19|20)\d{2}$/.test(digits)) return "yearly";
  return null;
}
