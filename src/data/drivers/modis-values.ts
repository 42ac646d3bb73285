import { columnSpec } from "../../core/columns";
import { WorkbookError } from "../../core/errors";
import type { SiteId } from "../../core/sites";
import type { Preparation } from "../preparation";
import { sortedKnown, statistic } from "../ingest/statistic";
import { averagePixels, type Column, type Observed } from "./modis-average";
import { bandKey, indexOfBand, type ModisBand, type ModisProduct, type QualityBand } from "./modis-products";
import { judge, type Judgement } from "./modis-quality";
import type { PointRows } from "./point-rows";

const SNOW = "snow";

/**
 * Turns the bands of an export into columns: fill out, integers scaled, in clean mode cloud, shadow and what the product calls no good taken
 * out by its quality bits, pixels of a day averaged (codes: the most frequent). Whatever is taken out is counted by site and reason.
 * @throws WorkbookError MissingColumn where no band of the product is there, or in clean mode no quality band
 * @source method §2 and §3; the products' user guides, see data/modis.json
 * @example observe(rows, sites, mod13, "clean").sites[0].columns.get("evi")
 */
export function observe(rows: PointRows, sites: readonly SiteId[], product: ModisProduct, mode: Preparation): Observed {
  const names = [...rows.bands.keys()];
  const keys = names.map(bandKey);
  const valuesOf = (wanted: readonly string[]): Float64Array | null => {
    const at = indexOfBand(keys, wanted);
    return at < 0 ? null : rows.bands.get(names[at]!)!;
  };
  const bands = product.bands.flatMap((band) => {
    const values = valuesOf(band.names);
    return values === null ? [] : [{ band, values }];
  });
  const quality = product.quality.flatMap((q) => {
    const values = valuesOf(q.names);
    return values === null ? [] : [{ quality: q, values }];
  });
  if (bands.length === 0) throw new WorkbookError("MissingColumn", `ingest: ${rows.file}: a band of ${product.id} (${product.bands.slice(0, 4).map((b) => b.names[0]).join(", ")}) required, found ${names.slice(0, 8).join(", ") || "none"}; export it`, { file: rows.file });
  if (mode === "clean") requireQuality(rows.file, product, bands.map((b) => b.band), quality.map((q) => q.quality));
  const columns = bands.map(({ band, values }): Column => {
    const scaled = physical(values, band, rows.stored);
    const from = quality.filter(({ quality: q }) => band.quality === undefined || q.names.includes(band.quality));
    // azimuths turn over at north: like codes they have no mean
    const code = columnSpec(band.column)?.fill === "nearest";
    return { name: band.column, values: scaled.values, code, why: reasons(scaled, mode === "clean" ? from : []) };
  });
  columns.push(...codesOf(quality), ...(mode === "clean" ? snowOf(quality) : []));
  return averagePixels({ sites, day: rows.day, columns, seen: valuesOf(product.acquired ?? []) }, product);
}

type Quality = readonly { readonly quality: QualityBand; readonly values: Float64Array }[];

function requireQuality(file: string, product: ModisProduct, bands: readonly ModisBand[], found: readonly QualityBand[]): void {
  const needed = product.quality.filter((q) => q.optional !== true);
  // bands that share their quality bands need one of them; a band with its own needs that one
  const missing = bands.map((band) => (band.quality === undefined ? needed : needed.filter((q) => q.names.includes(band.quality!)))).find((of) => !of.some((q) => found.includes(q)));
  if (missing === undefined) return;
  const wanted = missing.map((q) => q.names[0]).join(" or ");
  throw new WorkbookError("MissingColumn", `ingest: ${file}: ${product.id}: the quality band ${wanted} required in clean mode, found none; export it too, or take the values as published with --preparation paper`, { file, column: missing[0]!.names[0]! });
}

/** Values in the column's unit; `outside` marks fill. */
function physical(raw: Float64Array, band: ModisBand, storedByLayout: boolean): { values: Float64Array; outside: Uint8Array } {
  const stored = isStored(raw, band, storedByLayout);
  const scale = stored ? band.scale : 1;
  // scaled limits lie where scaling puts them, and a rounding beyond
  const [low, high] = stored ? band.valid : [band.valid[0] * band.scale - 1e-9, band.valid[1] * band.scale + 1e-9];
  const outside = new Uint8Array(raw.length);
  const values = raw.map((v, i) => {
    if (v >= low && v <= high) return v * scale;
    if (v === v) outside[i] = 1;
    return NaN;
  });
  return { values, outside };
}

function isStored(raw: Float64Array, band: ModisBand, byLayout: boolean): boolean {
  const ends = band.valid.flatMap((v) => [v, v * band.scale]);
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const inRange = Float32Array.from(raw.filter((v) => v >= low && v <= high), Math.abs);
  const p95 = statistic(sortedKnown(inRange), "p95");
  if (p95 > band.stored_above) return true;
  return p95 <= band.scaled_below ? false : byLayout;
}

/** Why each row has no value, or null; a row that had none from the start needs no reason. */
function reasons({ values, outside }: { values: Float64Array; outside: Uint8Array }, quality: Quality): (string | null)[] {
  const cache = quality.map(() => new Map<number, Judgement>());
  return Array.from(values, (value, row) => {
    if (value !== value) return outside[row] === 1 ? "fill" : null;
    const judged = quality.map((q, k) => cached(q.quality, q.values[row]!, cache[k]!));
    const known = judged.filter((j) => j.reason !== UNKNOWN);
    // one quality band that speaks is enough; none that speaks is not the same as good
    return judged.length > 0 && known.length === 0 ? UNKNOWN : (known.find((j) => j.reason !== null)?.reason ?? null);
  });
}

const UNKNOWN = "quality unknown";

function cached(quality: QualityBand, value: number, cache: Map<number, Judgement>): Judgement {
  let found = cache.get(value);
  if (found === undefined) cache.set(value, (found = judge(quality, value)));
  return found;
}

function codesOf(quality: Quality): Column[] {
  return quality.flatMap(({ quality: q, values }) => (q.code === undefined ? [] : [{
    name: q.code.column, code: true, why: new Array<null>(values.length).fill(null),
    values: values.map((v) => (Number.isInteger(v) && v >= 0 && !q.fill.includes(v) ? v & q.code!.mask : NaN)),
  }]));
}

/** 1 where any quality band tells of snow, 0 where one tells of none; a cloud hides both. */
function snowOf(quality: Quality): Column[] {
  const telling = quality.filter(({ quality: q }) => q.fields.some((f) => f.snow !== undefined));
  if (telling.length === 0) return [];
  const values = telling[0]!.values.map((_, row) => {
    const said = telling.map((q) => judge(q.quality, q.values[row]!));
    const seen = said.every((j) => j.reason === null || j.reason === UNKNOWN) ? said.map((j) => j.snow).filter((snow) => snow === snow) : [];
    return seen.length === 0 ? NaN : Math.max(...seen);
  });
  return [{ name: SNOW, values, code: false, why: new Array<null>(values.length).fill(null) }];
}
