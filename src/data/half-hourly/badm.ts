import { WorkbookError } from "../../core/errors";
import { parseIgbp, parseKoppen, type Site } from "../../core/sites";
import { readHeader, readRows } from "../files/csv";
import type { InputFile } from "../files/input";
import type { FileBlocks } from "../ingest/site-block";
import type { HalfHourly } from "./half-hourly-table";

/** What a BADM file tells of a site. */
export interface SiteMetadata extends Site {
  /** hours to add to UTC for local standard time */
  readonly utcOffset: number | null;
}

const COLUMNS = ["SITE_ID", "VARIABLE", "DATAVALUE"] as const;
/** Variables that are read, with the bound of those that are numbers. */
const LIMITS: Readonly<Record<string, number | null>> = { LOCATION_LAT: 90, LOCATION_LONG: 180, UTC_OFFSET: 14, IGBP: null, CLIMATE_KOEPPEN: null };

/** Whether a header is that of BADM in the interchange format of AmeriFlux and FLUXNET (BIF). */
export function detectBadm(names: readonly string[]): boolean {
  const upper = names.map((name) => name.toUpperCase());
  return [...COLUMNS, "VARIABLE_GROUP"].every((name) => upper.includes(name));
}

/**
 * Reads position, IGBP and Köppen class and offset from UTC of the sites of a BADM file; where one is told twice the last holds.
 * @throws WorkbookError BadSite for a position or an offset that cannot be, with its line; BadFile
 * @source AmeriFlux BADM interchange format
 * @example readBadm(bytes, "amf_bif.csv")[0]!.utcOffset // -5
 */
export function readBadm(bytes: Uint8Array, file: string): SiteMetadata[] {
  const header = readHeader(bytes, file);
  const upper = header.names.map((name) => name.toUpperCase());
  const [site, variable, value] = COLUMNS.map((name) => upper.indexOf(name));
  const rows = readRows(bytes, header, { day: null, numbers: [], texts: [site!, variable!, value!], missingTexts: [], missingCodes: [] }, file);
  const told = new Map<string, Map<string, string>>();
  for (let i = 0; i < rows.n; i++) {
    const id = rows.texts.get(site!)![i]!;
    const name = rows.texts.get(variable!)![i]!;
    const limit = LIMITS[name];
    if (!told.has(id)) told.set(id, new Map());
    if (limit === undefined) continue;
    const text = rows.texts.get(value!)![i]!;
    if (limit !== null && !(text !== "" && Math.abs(Number(text)) <= limit)) {
      throw new WorkbookError("BadSite", `ingest: ${file} line ${rows.line[i]}: ${id}: ${name} within ±${limit} required, found "${text}"; mend that line`, { file, line: rows.line[i]!, site: id, column: name });
    }
    told.get(id)!.set(name, text);
  }
  return [...told].map(([id, known]) => {
    const number = (name: string): number | null => (known.has(name) ? Number(known.get(name)) : null);
    return { site: id, lat: number("LOCATION_LAT"), lon: number("LOCATION_LONG"), igbp: parseIgbp(known.get("IGBP")), ...parseKoppen(known.get("CLIMATE_KOEPPEN")), utcOffset: number("UTC_OFFSET") };
  });
}

/** As `readBadm`, for `ingest`: sites without rows. */
export async function badmBlocks(input: InputFile): Promise<FileBlocks> {
  const sites = readBadm(await input.bytes(), input.path);
  return { blocks: [], sites, unsorted: 0, excluded: [], warnings: [] };
}

/** A table with what else is known of its site, where the table does not tell it itself. */
export function withMetadata(table: HalfHourly, sites: readonly (Site & { readonly utcOffset?: number | null })[]): HalfHourly {
  const known = sites.filter((m) => m.site === table.site);
  const first = <K extends "lat" | "lon" | "igbp" | "utcOffset">(key: K): (typeof known)[number][K] | null => known.find((m) => m[key] !== null && m[key] !== undefined)?.[key] ?? null;
  return { ...table, utcOffset: table.utcOffset ?? first("utcOffset") ?? null, lat: table.lat ?? first("lat"), lon: table.lon ?? first("lon"), igbp: table.igbp ?? first("igbp") };
}
