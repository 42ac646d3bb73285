import * as path from "node:path";
import { columnSpec } from "../../core/columns";
import { WorkbookError } from "../../core/errors";
import { projectRoot } from "../../core/files";
import { checkKeys, readJson } from "../../core/json";

/** A band that becomes a column of the daily table. */
export interface ModisBand {
  readonly names: readonly string[];
  readonly column: string;
  /** from the stored integer to the column's unit */
  readonly scale: number;
  /** of the stored integers; what lies outside is fill */
  readonly valid: readonly [number, number];
  /** 95th percentile of |value| above which the numbers are the stored ones */
  readonly stored_above: number;
  /** and at or below which they are scaled already; between the two the layout says */
  readonly scaled_below: number;
  /** the quality band that speaks of this band alone */
  readonly quality?: string;
}

/** Some bits of a quality band. */
export interface QualityField {
  readonly name: string;
  /** first and last bit, counted from 0 */
  readonly bits: readonly [number, number];
  /** by code */
  readonly meanings: readonly string[];
  /** codes that clean mode takes out, by reason */
  readonly masks?: Readonly<Record<string, readonly number[]>>;
  /** codes that tell of snow or ice */
  readonly snow?: readonly number[];
}

/** A band of bits that says how good the others are. */
export interface QualityBand {
  readonly names: readonly string[];
  /** values that say nothing was produced */
  readonly fill: readonly number[];
  readonly fields: readonly QualityField[];
  /** clean mode can do without it */
  readonly optional?: boolean;
  /** a column made of its lowest bits */
  readonly code?: { readonly column: string; readonly mask: number };
}

/** A MODIS product as `data/modis.json` describes it. */
export interface ModisProduct {
  readonly id: string;
  /** names of the products that share this description */
  readonly names: readonly string[];
  /** text of the table's source column */
  readonly source: string;
  /** days from one composite to the next; 1 for a daily product */
  readonly period: number;
  /** bands that hold the day of the year on which a composite's pixel was seen */
  readonly acquired?: readonly string[];
  readonly bands: readonly ModisBand[];
  readonly quality: readonly QualityBand[];
}

type Row = Omit<ModisProduct, "bands" | "quality"> & Partial<Pick<ModisProduct, "bands" | "quality">> & { readonly like?: string };

/**
 * Reads `data/modis.json`.
 * @throws WorkbookError BadConfig for an unknown key, column or likeness
 * @source MOD09 user guide 1.4; MOD13 user guide 3.1; MCD15 user guide C6; MOD11 user guide C6
 * @example readModisProducts().find((p) => p.id === "MOD13")?.period // 16
 */
export function readModisProducts(file = path.join(projectRoot(), "data", "modis.json")): ModisProduct[] {
  const { products } = readJson<{ products: Row[] }>(file, "readModisProducts");
  const refuse = (id: string, what: string): never => {
    throw new WorkbookError("BadConfig", `readModisProducts: ${file}: ${id}: ${what}`, { file });
  };
  return products.map((row) => {
    checkKeys(`readModisProducts: ${row.id}`, row, ["id", "names", "source", "period", "acquired", "bands", "quality", "like"]);
    const of = row.like === undefined ? row : products.find((p) => p.id === row.like);
    if (of?.bands === undefined || of.quality === undefined) return refuse(row.id, `bands and quality of its own, or "like" a product that has them, required, found neither; add them`);
    for (const band of of.bands) if (!columnSpec(band.column)) refuse(row.id, `a canonical column required, found ${band.column}; see src/core/columns.ts`);
    return { ...row, bands: of.bands, quality: of.quality };
  });
}

/**
 * A band's name without product, resolution and case, so that the layouts of Earth Engine, AppEEARS and ORNL agree.
 * @example bandKey("MOD13A1_061__500m_16_days_EVI") // "evi"
 */
export function bandKey(name: string): string {
  return name.trim().toLowerCase().replace(/^m[cody]d\d{2}[a-z0-9]*_\d{3}_/, "").replace(/^_+/, "").replace(/^\d+_?k?m_16_days_/, "");
}

/** Position of the first of `wanted` among band keys, or −1. @example indexOfBand(["evi"], ["EVI"]) // 0 */
export function indexOfBand(keys: readonly string[], wanted: readonly string[]): number {
  for (const name of wanted) {
    const at = keys.indexOf(bandKey(name));
    if (at >= 0) return at;
  }
  return -1;
}

/**
 * The product named in one of the texts (a file's name, a column's value, an address), or the only one that has such quality bands.
 * @example modisProductOf(readModisProducts(), ["CH-Lae_MCD15A3H_gee.csv"], [])?.period // 4
 */
export function modisProductOf(products: readonly ModisProduct[], hints: readonly string[], names: readonly string[]): ModisProduct | null {
  for (const hint of hints) {
    const found = products.find((p) => p.names.some((name) => hint.toUpperCase().includes(name)));
    if (found) return found;
  }
  const keys = names.map(bandKey);
  const able = products.filter((p) => p.quality.some((q) => indexOfBand(keys, q.names) >= 0) && p.bands.some((b) => indexOfBand(keys, b.names) >= 0));
  return able.length === 1 ? able[0]! : null;
}
