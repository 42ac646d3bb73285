import { asDay, formatDay } from "../../core/days";
import { WorkbookError } from "../../core/errors";
import { parseIgbp, parseKoppen, type Site } from "../../core/sites";
import { anyKnown } from "../any-known";
import type { Key } from "../columns";
import type { TextColumn } from "../daily-table";
import type { Exclusion } from "./exclusion";
import { chooseVariant } from "./variant";
import type { Found } from "../towers/header";
import type { RawTable } from "../towers/raw-table";
import { checkFluxUnits, checkUnits, checkVpd } from "./units";
import { unpack } from "./unpack";

/** One site's rows of one file: sorted by day, canonical columns and units, one target variant. */
export interface SiteBlock {
  readonly file: string;
  readonly site: string;
  readonly day: Int32Array;
  /** the fluxes' variant; null when the file gives none */
  readonly variant: string | null;
  readonly numbers: ReadonlyMap<string, Float32Array>;
  readonly text: Readonly<Record<TextColumn, readonly (string | null)[]>>;
}

/** What one file comes to. */
export interface FileBlocks {
  readonly blocks: readonly SiteBlock[];
  /** sites described in the file itself */
  readonly sites: readonly Site[];
  /** rows that came after a later day of their site */
  readonly unsorted: number;
  readonly excluded: readonly Exclusion[];
  readonly warnings: readonly string[];
}

/**
 * Splits a file's rows into sorted blocks, one a site, in canonical columns and units.
 * @param variant take fluxes of this target variant alone
 * @throws WorkbookError DuplicateDay (both rows named), BadUnit, BadFile (two target variants at one site)
 * @example toBlocks(await readTidyCsv(input, variables)).blocks.length
 */
export function toBlocks(raw: RawTable, variant?: string): FileBlocks {
  const excluded: Exclusion[] = [...(raw.excluded ?? [])];
  const warnings: string[] = [...(raw.warnings ?? [])];
  let unsorted = 0;
  const blocks = [...rowsBySite(raw.site)].map(([site, rows]) => {
    const order = sortedRows(raw, site, rows);
    unsorted += order.unsorted;
    return toBlock(raw, site, order.rows, variant, excluded, warnings);
  });
  if (raw.kind !== "oneflux-daily" && raw.header.unused.length > 0) warnings.push(`${raw.file}: columns not used: ${raw.header.unused.slice(0, 12).join(", ")}${raw.header.unused.length > 12 ? ", …" : ""}`);
  return { blocks, sites: describedSites(raw), unsorted, excluded, warnings };
}

function toBlock(raw: RawTable, site: string, rows: Int32Array, variant: string | undefined, excluded: Exclusion[], warnings: string[]): SiteBlock {
  const numbers = new Map<string, Float32Array>();
  const take = (found: Found): void => {
    const values = raw.numbers.get(found.index)!;
    // A loop: Float32Array.from with a function takes ten times as long.
    const gathered = new Float32Array(rows.length);
    for (let i = 0; i < rows.length; i++) gathered[i] = values[rows[i]!]! * found.scale + found.offset;
    if (!anyKnown(gathered)) return;
    excluded.push(...unpack(site, found.variable, gathered));
    checkUnits(raw.file, site, found, gathered);
    numbers.set(found.variable.column, gathered);
  };
  for (const found of raw.header.plain.values()) take(found);
  const choice = chooseVariant(raw, site, rows, variant);
  if (choice.foreignDays > 0) excluded.push({ site, reason: `no fluxes of the variant asked for (${variant})`, days: choice.foreignDays });
  warnings.push(...choice.warnings);
  for (const found of choice.columns) take(found);
  checkFluxUnits(raw.file, site, numbers);
  const vpd = raw.header.plain.get("vpd_hPa");
  if (vpd) checkVpd(raw.file, site, vpd, numbers);
  const hasFlux = fluxDays(numbers, rows.length);
  const told = (key: Key, otherwise: string | null): (string | null)[] => {
    const texts = raw.texts.get(key);
    return texts === undefined ? new Array<string | null>(rows.length).fill(otherwise) : Array.from(rows, (row) => texts[row] ?? otherwise);
  };
  return {
    file: raw.file,
    site,
    day: Int32Array.from(rows, (row) => raw.day[row]!),
    variant: choice.name,
    numbers,
    text: {
      target_variant: Array.from(rows, (_, i) => (hasFlux[i] === 1 ? choice.name : null)),
      source: told("source", raw.source),
      day_convention: told("day_convention", raw.dayConvention),
    },
  };
}

/** 1 on days with any of GPP, RECO and NEE `[row]`. */
export function fluxDays(numbers: ReadonlyMap<string, Float32Array>, n: number): Uint8Array {
  const out = new Uint8Array(n);
  for (const name of ["gpp", "reco", "nee"]) {
    const values = numbers.get(name);
    if (values) for (let i = 0; i < n; i++) if (values[i] === values[i]) out[i] = 1;
  }
  return out;
}

function rowsBySite(site: readonly string[]): Map<string, Int32Array> {
  const counts = new Map<string, number>();
  for (const id of site) counts.set(id, (counts.get(id) ?? 0) + 1);
  const out = new Map([...counts].map(([id, n]) => [id, new Int32Array(n)]));
  const filled = new Map<string, number>();
  site.forEach((id, row) => {
    const k = filled.get(id) ?? 0;
    out.get(id)![k] = row;
    filled.set(id, k + 1);
  });
  return out;
}

function sortedRows(raw: RawTable, site: string, rows: Int32Array): { rows: Int32Array; unsorted: number } {
  let unsorted = 0;
  let latest = -Infinity;
  for (const row of rows) {
    if (raw.day[row]! < latest) unsorted++;
    else latest = raw.day[row]!;
  }
  const sorted = unsorted === 0 ? rows : rows.slice().sort((a, b) => raw.day[a]! - raw.day[b]! || a - b);
  for (let i = 1; i < sorted.length; i++) {
    const [a, b] = [sorted[i - 1]!, sorted[i]!];
    if (raw.day[a] !== raw.day[b]) continue;
    const date = formatDay(asDay(raw.day[a]!));
    throw new WorkbookError("DuplicateDay", `ingest: ${raw.file}: ${site}: one row a day required, found two for ${date} (${raw.place(a)} and ${raw.place(b)}); remove one`, { file: raw.file, site, date });
  }
  return { rows: sorted, unsorted };
}

/** Position and classes that stand in the table itself: of each site the first that is told. */
function describedSites(raw: RawTable): Site[] {
  const told = (["lat", "lon", "igbp", "koppen", "koppen_detail"] as const).filter((key) => raw.texts.has(key));
  if (told.length === 0) return [];
  const known = new Map<string, Partial<Record<Key, string>>>();
  raw.site.forEach((id, row) => {
    const entry = known.get(id) ?? {};
    for (const key of told) {
      const value = raw.texts.get(key)![row];
      if (entry[key] === undefined && value !== null && value !== undefined) entry[key] = value;
    }
    known.set(id, entry);
  });
  // A position off the globe is a missing-value code; the site then has none, which the report says.
  const degrees = (text: string | undefined, limit: number): number | null => (text !== undefined && Math.abs(Number(text)) <= limit ? Number(text) : null);
  return [...known].map(([site, entry]) => {
    const detail = parseKoppen(entry.koppen_detail ?? entry.koppen);
    return { site, lat: degrees(entry.lat, 90), lon: degrees(entry.lon, 180), igbp: parseIgbp(entry.igbp), koppen: detail.koppen ?? parseKoppen(entry.koppen).koppen, koppenDetail: detail.koppenDetail };
  });
}
