import { IGBP, KOPPEN, KOPPEN_DETAIL, STATIC_WIDTH, type Igbp, type Koppen, type KoppenDetail } from "./quantities";

/** A tower's id, e.g. `DE-Hai`. */
export type SiteId = string;

/** What is known of a tower besides its record. Unknown is null, never a guess. */
export interface Site {
  readonly site: SiteId;
  /** degrees north */
  readonly lat: number | null;
  /** degrees east */
  readonly lon: number | null;
  readonly igbp: Igbp | null;
  readonly koppen: Koppen | null;
  readonly koppenDetail: KoppenDetail | null;
}

/**
 * IGBP class in the list's spelling, or null where the list has no such class (BSV, empty, "NA").
 * @example parseIgbp("enf") // "ENF"
 */
export function parseIgbp(text: string | null | undefined): Igbp | null {
  const upper = (text ?? "").trim().toUpperCase();
  return IGBP.find((c) => c === upper) ?? null;
}

/**
 * Köppen main and detailed class from a code in any case; `As` counts as `Aw`; a bare main class has no detail.
 * @example parseKoppen("Bsh") // { koppen: "B", koppenDetail: "BSh" }
 */
export function parseKoppen(text: string | null | undefined): { koppen: Koppen | null; koppenDetail: KoppenDetail | null } {
  const raw = (text ?? "").trim().toLowerCase();
  const code = raw === "as" ? "aw" : raw;
  const koppenDetail = KOPPEN_DETAIL.find((c) => c.toLowerCase() === code) ?? null;
  const main = koppenDetail?.[0] ?? (code.length === 1 ? code.toUpperCase() : undefined);
  return { koppen: KOPPEN.find((c) => c === main) ?? null, koppenDetail };
}

/**
 * Static one-hots of a site `[static]` = IGBP 16 ‖ Köppen main 5 ‖ Köppen detailed 30; an unknown class is all zero.
 * @source CarbonFluxBench, arXiv 2603.09868
 * @example oneHots({ site: "X", lat: 0, lon: 0, igbp: "CRO", koppen: null, koppenDetail: null })[0] // 1
 */
export function oneHots(site: Site): Float32Array {
  const out = new Float32Array(STATIC_WIDTH);
  if (site.igbp !== null) out[IGBP.indexOf(site.igbp)] = 1;
  if (site.koppen !== null) out[IGBP.length + KOPPEN.indexOf(site.koppen)] = 1;
  if (site.koppenDetail !== null) out[IGBP.length + KOPPEN.length + KOPPEN_DETAIL.indexOf(site.koppenDetail)] = 1;
  return out;
}

/**
 * Great-circle distance, km, between two positions in degrees on a sphere of radius 6371.0088 km.
 * @example distanceKm({ lat: 0, lon: 0 }, { lat: 0, lon: 1 }) // 111.2
 */
export function distanceKm(a: { lat: number; lon: number }, b: { lat: number; lon: number }): number {
  const rad = Math.PI / 180;
  const s = Math.sin(((b.lat - a.lat) * rad) / 2) ** 2 + Math.cos(a.lat * rad) * Math.cos(b.lat * rad) * Math.sin(((b.lon - a.lon) * rad) / 2) ** 2;
  return 2 * 6371.0088 * Math.asin(Math.min(1, Math.sqrt(s)));
}
