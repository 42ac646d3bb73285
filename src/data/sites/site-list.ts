import { WorkbookError } from "../../core/errors";
import { parseIgbp, parseKoppen, type Site } from "../../core/sites";
import type { Key, Variables } from "../columns";
import { readHeader, readRows } from "../files/csv";
import { gunzipped } from "../files/decompress";
import { mapHeader } from "../towers/header";
import { missingColumn } from "../files/read-csv";

/** A list of sites and what in it could not be used. */
export interface SiteList {
  readonly sites: readonly Site[];
  readonly warnings: readonly string[];
}

const SITE_KEYS = ["site", "lat", "lon", "igbp", "koppen", "koppen_detail"] as const;

/**
 * Reads a CSV of sites: `site`, `lat`, `lon`, and where known `igbp` and `koppen` (also `koeppen` or `climate`, any case of code).
 * A class that is not in the lists is null, with a warning.
 * @throws WorkbookError BadFile, MissingColumn (site, lat, lon), BadSite (a position off the globe, a site named twice), EmptyTable
 * @example readSiteList("sites.csv", readVariables()).sites[0]
 */
export function readSiteList(file: string, variables: Variables): SiteList {
  const bytes = readBytes(file);
  const header = readHeader(bytes, file);
  const map = mapHeader(header.names, variables);
  for (const key of ["site", "lat", "lon"] as const) if (!map.keys.has(key)) throw missingColumn(file, key, variables.keys[key].slice(0, 1), map);
  const present = SITE_KEYS.filter((key) => map.keys.has(key));
  const plan = { day: null, numbers: [], texts: present.map((key) => map.keys.get(key)!), missingTexts: variables.missingTexts, missingCodes: variables.missingCodes };
  const rows = readRows(bytes, header, plan, file);
  const missing = new Set(["", ...variables.missingTexts]);
  const warnings: string[] = [];
  const seen = new Map<string, number>();
  const sites = Array.from(rows.line, (line, i): Site => {
    const text = (key: Key): string | null => {
      const value = present.includes(key as (typeof SITE_KEYS)[number]) ? rows.texts.get(map.keys.get(key)!)![i]! : "";
      return missing.has(value) ? null : value;
    };
    const site = text("site");
    if (site === null) throw new WorkbookError("BadSite", `ingest: ${file} line ${line}: a site id required, found none; fill it in or remove the line`, { file, line });
    if (seen.has(site)) throw new WorkbookError("BadSite", `ingest: ${file} line ${line}: one line a site required, found ${site} on line ${seen.get(site)} too; remove one`, { file, line, site });
    seen.set(site, line);
    const degrees = (key: "lat" | "lon", limit: number): number | null => {
      const value = text(key);
      if (value === null) return null;
      const number = Number(value);
      if (!(Math.abs(number) <= limit)) throw new WorkbookError("BadSite", `ingest: ${file} line ${line}: ${site}: ${key} in degrees within ±${limit} required, found ${value}; mend that line`, { file, line, site, column: key });
      return number;
    };
    const igbp = parseIgbp(text("igbp"));
    if (igbp === null && text("igbp") !== null) warnings.push(`${file}: ${site}: IGBP class ${text("igbp")} is not among the 16 classes and counts as unknown`);
    const { koppen, koppenDetail } = parseKoppen(text("koppen_detail") ?? text("koppen"));
    if (koppen === null && text("koppen") !== null) warnings.push(`${file}: ${site}: Köppen class ${text("koppen")} is not known and counts as unknown`);
    return { site, lat: degrees("lat", 90), lon: degrees("lon", 180), igbp, koppen: koppen ?? parseKoppen(text("koppen")).koppen, koppenDetail };
  });
  return { sites, warnings };
}

function readBytes(file: string): Uint8Array {
  try {
    return gunzipped(file);
  } catch (cause) {
    throw new WorkbookError("BadFile", `ingest: ${file}: a readable list of sites required, found: ${(cause as Error).message}; check the path`, { file, cause });
  }
}
