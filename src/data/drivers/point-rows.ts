import { asDay, dayOrNull, type Day } from "../../core/days";
import { WorkbookError } from "../../core/errors";
import { distanceKm, type Site, type SiteId } from "../../core/sites";
import { bareSite } from "../carbonfluxbench/folder";
import { siteInName } from "../towers/site-name";

/** Rows of a point export, whatever its layout: one row a place, day and pixel, bands as they stand in the file. */
export interface PointRows {
  readonly file: string;
  /** where the product may be named: the file's name, a column, an address */
  readonly hints: readonly string[];
  /** whether the layout gives the stored integers, where the numbers do not tell */
  readonly stored: boolean;
  /** as the file names it; null where it does not `[row]` */
  readonly site: readonly (string | null)[];
  readonly lat: Float64Array | null;
  readonly lon: Float64Array | null;
  /** first day of a composite, days since 1970-01-01 `[row]` */
  readonly day: Int32Array;
  /** by name in the file, NaN = missing `[row]` */
  readonly bands: ReadonlyMap<string, Float64Array>;
}

/** A site id as the networks write them. */
export const SITE_ID = /^[A-Z]{2}-[A-Za-z0-9]{2,4}$/;

/** How far a point may lie from the tower it is taken for: a ~2 km box of MODIS around one holds the other. */
export const SAME_PLACE_KM = 2;

/**
 * The day of a satellite date: `2000-02-18`, `20000218`, with a time after it, `2000_02_18…` as Earth Engine indexes images, `A2000049` as
 * MODIS names them, or milliseconds since 1970. Null for anything else.
 * @example satelliteDay("A2000049") // the day of 2000-02-18
 */
export function satelliteDay(text: string): Day | null {
  const bare = text.trim();
  const plain = dayOrNull(bare.slice(0, bare[4] === "-" ? 10 : 8));
  if (plain !== null && !/^\d{9,}$/.test(bare)) return plain;
  const index = /^(\d{4})_(\d{2})_(\d{2})(?:_|$)/.exec(bare);
  if (index) return dayOrNull(`${index[1]}-${index[2]}-${index[3]}`);
  const modis = /^A?(\d{4})(\d{3})$/.exec(bare);
  if (modis) {
    const [year, nth] = [Number(modis[1]), Number(modis[2])];
    return nth >= 1 && nth <= 366 ? asDay(Date.UTC(year, 0, nth) / 86_400_000) : null;
  }
  return /^\d{11,13}$/.test(bare) ? asDay(Math.floor(Number(bare) / 86_400_000)) : null;
}

/**
 * The site of each row: its own name (without a network's prefix), else the known site within 2 km of its position, else the one id in the
 * file's name.
 * @throws WorkbookError BadSite where none of these tells
 * @example sitesOf(rows, "US-Var_MOD13Q1.json", []) // ["US-Var", …]
 */
export function sitesOf(rows: Pick<PointRows, "file" | "site" | "lat" | "lon" | "day">, name: string, known: readonly Site[]): SiteId[] {
  const inName = siteInName(name);
  const byPlace = new Map<string, SiteId | null>();
  return Array.from(rows.day, (_, row) => {
    const told = rows.site[row] ?? null;
    const bare = told === null ? null : bareSite(told);
    if (bare !== null && (SITE_ID.test(bare) || known.some((s) => s.site === bare))) return bare;
    const [lat, lon] = [rows.lat?.[row] ?? NaN, rows.lon?.[row] ?? NaN];
    const key = `${lat} ${lon}`;
    if (!byPlace.has(key)) byPlace.set(key, Number.isFinite(lat + lon) ? nearestSite({ lat, lon }, known, SAME_PLACE_KM) : null);
    // a bare number is a row's or a point's, never a tower's name
    const found = byPlace.get(key) ?? (bare !== null && !/^\d+$/.test(bare) ? bare : inName);
    if (found !== null) return found;
    throw new WorkbookError("BadSite", `ingest: ${rows.file} row ${row + 1}: a site id, or a position within ${SAME_PLACE_KM} km of a known site, required, found ${Number.isFinite(lat + lon) ? key : "neither"}; name the file after its site (US-Var_…), or give the sites' positions with --sites`, { file: rows.file, line: row + 1 });
  });
}

/** The known site nearest to a place, not farther than `within` km, or null. @example nearestSite({ lat: 51, lon: 10.4 }, sites, 2) */
export function nearestSite(place: { readonly lat: number; readonly lon: number }, known: readonly Site[], within: number): SiteId | null {
  let best: { site: SiteId; km: number } | null = null;
  for (const { site, lat, lon } of known) {
    if (lat === null || lon === null) continue;
    const km = distanceKm(place, { lat, lon });
    if (km <= within && (best === null || km < best.km)) best = { site, km };
  }
  return best?.site ?? null;
}
