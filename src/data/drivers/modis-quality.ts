import { WorkbookError } from "../../core/errors";
import { bandKey, type ModisProduct, type QualityBand, type QualityField } from "./modis-products";

/** What quality bits say of one value. */
export interface Judgement {
  /** why clean mode takes it out; null where it stays */
  readonly reason: string | null;
  /** 1 snow or ice, 0 none, NaN where the bits do not say */
  readonly snow: number;
}

/** The code in a field of a quality value. @example codeOf(73, [3, 4]) // 1 */
export function codeOf(value: number, [first, last]: QualityField["bits"]): number {
  return Math.floor(value / 2 ** first) % 2 ** (last - first + 1);
}

/** Whether a quality value is what a sensor's processing gives: a whole number that is no fill. A mean or median of several is none. */
function isKnown(quality: QualityBand, value: number): boolean {
  return Number.isInteger(value) && value >= 0 && !quality.fill.includes(value);
}

/**
 * What one quality value says. A value that is missing, fill or no whole number says nothing, which is not the same as good.
 * @example judge(summary, 3) // { reason: "cloud", snow: 0 }
 */
export function judge(quality: QualityBand, value: number): Judgement {
  if (!isKnown(quality, value)) return { reason: quality.fill.includes(value) ? "not produced" : "quality unknown", snow: NaN };
  let reason: string | null = null;
  let snow = NaN;
  for (const field of quality.fields) {
    const code = codeOf(value, field.bits);
    for (const [why, codes] of Object.entries(field.masks ?? {})) if (codes.includes(code)) reason ??= why;
    if (field.snow !== undefined) snow = Math.max(snow === snow ? snow : 0, field.snow.includes(code) ? 1 : 0);
  }
  return { reason, snow };
}

/**
 * The fields of a quality value in words, for a person who wants to know why a value went.
 * @throws WorkbookError BadArgument for a band that is no quality band of the product, or a value without bits
 * @example decodeQuality(mod13, "VI_Quality", 2062)["overall"] // "most probably cloudy"
 */
export function decodeQuality(product: ModisProduct, band: string, value: number): Readonly<Record<string, string>> {
  const quality = product.quality.find((q) => q.names.some((name) => bandKey(name) === bandKey(band)));
  if (quality === undefined) throw new WorkbookError("BadArgument", `decodeQuality: ${product.id}: a quality band (${product.quality.map((q) => q.names[0]).join(", ")}) required, got ${band}`);
  if (!isKnown(quality, value)) throw new WorkbookError("BadArgument", `decodeQuality: ${product.id}: ${band}: a whole number that is no fill required, got ${value}`);
  return Object.fromEntries(quality.fields.map((field) => {
    const code = codeOf(value, field.bits);
    return [field.name, field.meanings[code] ?? `code ${code}`];
  }));
}
