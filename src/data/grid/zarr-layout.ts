import { WorkbookError } from "../../core/errors";
import { isObject } from "../../core/json";
import { brief, printable } from "../../core/printable";

/** Most values of one stored piece: X-BASE's largest has 25 million. */
const MOST_VALUES = 2 ** 26;

/**
 * Holds what a Zarr array says of itself to what can be: a store may be made to fill the memory, or to be read for ever.
 * @throws WorkbookError BadFile
 * @example checkLayout("NEE.zarr/NEE", [365, 90, 90], [365, 90, 90])
 */
export function checkLayout(where: string, shape: readonly number[], chunks: readonly number[]): void {
  const whole = (list: readonly number[], least: number): boolean => Array.isArray(list) && list.every((n) => Number.isSafeInteger(n) && n >= least);
  const fail = (required: string): never => {
    throw new WorkbookError("BadFile", `grid: ${where}: ${required} required, found shape ${brief(shape)} in pieces of ${brief(chunks)}; give the store as published`, { file: where });
  };
  if (!whole(shape, 0) || !whole(chunks, 1) || shape.length !== chunks.length) fail("whole numbers, as many of a piece as of the array,");
  if (chunks.reduce((a, b) => a * b, 1) > MOST_VALUES) fail(`pieces of at most ${MOST_VALUES} values`);
}

/**
 * Refuses an array packed by what is not known here, before zarrita meets it: it looks the names up all at once, and the second of two that it
 * does not know would end the process.
 * @param metadata of the array, from `.zarray` or `zarr.json`
 * @throws WorkbookError BadFile
 * @example checkCodecs("NEE.zarr/NEE", { codecs: [{ name: "bytes" }] }, (name) => zarr.registry.has(name))
 */
export function checkCodecs(where: string, metadata: unknown, known: (name: string) => boolean): void {
  const unknown = codecNames(metadata).find((name) => !known(name));
  if (unknown !== undefined) throw new WorkbookError("BadFile", `grid: ${where}: pieces packed by a known codec (blosc, zstd, gzip, zlib, lz4) required, found ${printable(unknown, 40)}; write the store again with one of these`, { file: where });
}

/** Names of all codecs as zarrita's registry has them: of format 2 by their `id`, of format 3 by their `name`, those inside of shards among them. */
function codecNames(metadata: unknown): string[] {
  if (!isObject(metadata)) return [];
  const { filters, compressor } = metadata;
  const second = [...(Array.isArray(filters) ? filters : filters ? [filters] : []), ...(compressor ? [compressor] : [])];
  return [
    // zarrita takes this one apart itself
    ...second.map((codec: unknown) => `numcodecs.${labelOf(codec, "id").replace(/^numcodecs\.(?=fixedscaleoffset$)/, "")}`).filter((name) => name !== "numcodecs.fixedscaleoffset"),
    ...innerNames(metadata["codecs"], DEEPEST),
  ];
}

function innerNames(codecs: unknown, left: number): string[] {
  if (!Array.isArray(codecs) || left === 0) return [];
  return codecs.flatMap((codec: unknown) => {
    const inner = isObject(codec) && isObject(codec["configuration"]) ? codec["configuration"] : {};
    const name = labelOf(codec, "name");
    return [...(name === "sharding_indexed" ? [] : [name]), ...innerNames(inner["codecs"], left - 1), ...innerNames(inner["index_codecs"], left - 1)];
  });
}

function labelOf(codec: unknown, key: "id" | "name"): string {
  const label = isObject(codec) ? codec[key] : codec;
  return typeof label === "string" ? label : brief(label, 40);
}

/** Names of axes where they are texts, as many as there are axes; a store may hold anything there. @example axisNames(["time", null], 2) // ["time", ""] */
export function axisNames(names: unknown, rank: number): string[] {
  const list: unknown[] = Array.isArray(names) ? names : [];
  return list.length === rank ? list.map((name) => (typeof name === "string" ? name : "")) : [];
}

/** Depth beyond which an attribute is no description of anything, and would not be written again. */
const DEEPEST = 20;

/** Attributes of a group or array, which may hold anything: those that are nested beyond use are left out. @example plainAttributes(5) // {} */
export function plainAttributes(told: unknown): Record<string, unknown> {
  return isObject(told) ? Object.fromEntries(Object.entries(told).filter(([, value]) => isShallow(value, DEEPEST))) : {};
}

function isShallow(value: unknown, left: number): boolean {
  return typeof value !== "object" || value === null || (left > 0 && Object.values(value).every((v) => isShallow(v, left - 1)));
}
