import { WorkbookError } from "../../core/errors";
import type { Variables } from "../columns";
import { readHeader } from "../files/csv";
import { stampColumn } from "../half-hourly/stamp-columns";
import { mapHeader, type HeaderMap } from "./header";
import type { InputFile } from "../files/input";
import { layoutOf } from "./layouts";
import { siteInName } from "./site-name";

/** What a file is: one that is read, or one that is recognised and ignored with its reason. */
export type Detected =
  | { readonly status: "read"; readonly kind: string; readonly site: string | null }
  | { readonly status: "ignored"; readonly kind: string; readonly site: string | null; readonly reason: string };

const HEAD = 1 << 16;
const TABLE_NAME = /\.(csv|parquet)$/i;
/** Resolutions that are made to days. */
const SUB_DAILY = ["HH", "HR"];

/**
 * Tells what a file is, by its name where that follows the networks' pattern, else by its beginning.
 * @throws WorkbookError BadFile for bytes that are no table, EmptyTable for an empty file, MissingColumn for half-hours without a stamp
 * @example (await detect(input, variables)).kind // "oneflux-daily"
 */
export async function detect(input: InputFile, variables: Variables): Promise<Detected> {
  const site = siteInName(input.name);
  const ignored = (kind: string, reason: string): Detected => ({ status: "ignored", kind, site, reason });
  const named = layoutOf([], input, site);
  if (named !== null) return named;
  if (input.walked && (input.name.startsWith(".") || !TABLE_NAME.test(input.name))) return ignored("other", "not a table by its name (.csv, .csv.gz, .parquet, .zip are read)");
  const tokens = input.name.replace(/\.[a-z]+$/i, "").split("_");
  const subDaily = site !== null && tokens.some((t) => SUB_DAILY.includes(t));
  if (site !== null) {
    const companion = tokens.find((t) => variables.companions[t] !== undefined);
    if (companion !== undefined) return ignored("companion", `${variables.companions[companion]}: only the tower's own file is read${/^ERA/.test(companion) ? ", unless named with --drivers" : ""}`);
    const resolution = tokens.find((t) => variables.resolutions[t] !== undefined);
    if (resolution !== undefined && !subDaily) return ignored("other-resolution", `${variables.resolutions[resolution]}: only half-hourly, hourly and daily files (HH, HR, DD) are read`);
  }
  const head = await input.bytes(HEAD);
  // A gzip cut off in its first block gives nothing: reading it whole tells that from an empty file.
  if (head.length === 0) await input.bytes();
  if (head.subarray(0, 4).toString("latin1") === "PAR1") return { status: "read", kind: "tidy-parquet", site: null };
  refuseBinary(head, input.path);
  const { names, start } = readHeader(head, input.path);
  const map = mapHeader(names, variables);
  const timestamp = names.findIndex((n) => /^timestamp(_start)?$/i.test(n));
  const finer = timestamp >= 0 && !map.keys.has("site") ? resolutionOf(firstField(head, start, timestamp), /_start$/i.test(names[timestamp]!)) : null;
  if (finer !== null && finer !== HALF_HOURLY) return ignored("other-resolution", `${finer}: only half-hourly, hourly and daily files are read`);
  const layout = layoutOf(names, input, site);
  if (layout !== null) return layout;
  const other = otherTable(names, map);
  if (other !== null) return ignored(other.kind, other.reason);
  if (subDaily || finer === HALF_HOURLY) {
    stampColumn(names, input.path);
    throw new WorkbookError("MissingColumn", `ingest: ${input.path}: at least one column of half-hourly tower files (NEE_VUT_REF, FC, TA_F, TA, …) required, found ${names.slice(0, 8).join(", ")}; rename the columns`, { file: input.path });
  }
  if (timestamp >= 0 && !map.keys.has("site")) {
    if (site === null) throw new WorkbookError("BadSite", `ingest: ${input.path}: a site column, or a site id in the file's name as in FLX_DE-Hai_…, required, found neither; rename the file`, { file: input.path });
    return { status: "read", kind: "oneflux-daily", site };
  }
  // A tower file whose TIMESTAMP column is lost is still one by its name: the reader then names the missing column.
  if (site !== null && !map.keys.has("site")) return { status: "read", kind: "oneflux-daily", site };
  return { status: "read", kind: "tidy-csv", site: null };
}

/**
 * What a file is when a mapping says how to read it: a table of one's own, CSV or Parquet.
 * @throws WorkbookError BadFile for bytes that are no table
 * @example (await detectMapped(input)).kind // "tidy-csv"
 */
export async function detectMapped(input: InputFile): Promise<Detected> {
  const head = await input.bytes(HEAD);
  const parquet = head.subarray(0, 4).toString("latin1") === "PAR1";
  if (!parquet) refuseBinary(head, input.path);
  return { status: "read", kind: parquet ? "tidy-parquet" : "tidy-csv", site: null };
}

/**
 * The daily file of the same product beside a half-hourly one, as the networks' archives hold both: then the half-hours say nothing new.
 * @example dailyTwin("FLX_DE-Hai_FLUXNET2015_SUBSET_HH_2000-2012_1-4.csv", names) // "FLX_DE-Hai_FLUXNET2015_SUBSET_DD_2000-2012_1-4.csv"
 */
export function dailyTwin(name: string, names: ReadonlySet<string>): string | null {
  const daily = name.replace(/_(?:HH|HR)_/, "_DD_");
  return siteInName(name) !== null && daily !== name && names.has(daily) ? daily : null;
}

function refuseBinary(head: Buffer, file: string): void {
  if ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)) {
    throw new WorkbookError("BadFile", `ingest: ${file}: text in UTF-8 required, found UTF-16; save the file as UTF-8 (iconv -f UTF-16 -t UTF-8)`, { file });
  }
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
  if (map.keys.has("date") && ["time", "hour"].some((n) => lower.includes(n))) return { kind: "other-resolution", reason: "a column of times beside the date, so not daily, and none of half-hourly tower files" };
  if (lower.includes("nee_solo_ec") && lower.includes("time")) return { kind: "other-resolution", reason: "monthly fluxes of OzFlux towers: they are read where a product is compared, not as days" };
  if (["site", "model", "r2", "rmse"].every((n) => lower.includes(n))) return { kind: "published-scores", reason: "scores of models by site, not a daily table" };
  if (map.keys.has("site") && !map.keys.has("date") && map.keys.has("lat")) return { kind: "site-list", reason: "a list of sites: give it with --sites" };
  return null;
}

const HALF_HOURLY = "half-hourly or hourly";

/** A field of the first row of numbers, past a row of units. */
function firstField(head: Buffer, start: number, index: number): string {
  const rows = head.subarray(start).toString("latin1").split("\n", 2).map((line) => line.split(",")[index]?.trim().replace(/^"(.*)"$/, "$1") ?? "");
  return /^\d/.test(rows[0] ?? "") ? rows[0]! : (rows[1] ?? "");
}

/** Resolution told by the length of a timestamp: 12 digits half-hourly, 8 daily (weekly when it is a start), 6 monthly, 4 yearly. */
function resolutionOf(value: string, isStart: boolean): string | null {
  const digits = value.trim();
  if (/^\d{12}$/.test(digits)) return HALF_HOURLY;
  if (/^\d{8}$/.test(digits) && isStart) return "weekly";
  if (/^(19|20)\d{2}(0[1-9]|1[0-2])$/.test(digits)) return "monthly";
  if (/^(19|20)\d{2}$/.test(digits)) return "yearly";
  return null;
}
