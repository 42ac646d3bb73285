/** A part of an axis: from (first) to (one past the last). */
export type Range = readonly [from: number, to: number];

/** Most cells or steps along one axis: a grid of 40 m over the globe; a longer one is a file that lies, and would fill the memory. */
export const LONGEST_AXIS = 1_000_000;

/** One array of a gridded file, read in pieces. */
export interface GridVariable {
  readonly name: string;
  /** names of its axes, e.g. time, lat, lon */
  readonly dims: readonly string[];
  readonly shape: readonly number[];
  /** cells of one stored piece along each axis: reading less costs the same */
  readonly chunks: readonly number[];
  /** nothing is packed in pieces: any part costs as much as it holds */
  readonly contiguous?: boolean;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** values of the ranges, one an axis, the last axis fastest; unpacked, NaN where the file says missing */
  read(ranges: readonly Range[]): Promise<Float64Array>;
  /** the characters of a text variable, where the format has such */
  text?(): Promise<string>;
}

/** A gridded file, whatever its format. Whoever opens it closes it. */
export interface GridFile {
  readonly path: string;
  readonly format: "Zarr" | "NetCDF" | "GeoTIFF";
  /** names of its arrays, sorted */
  readonly names: readonly string[];
  /** attributes of the file as a whole, e.g. Conventions */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** @throws WorkbookError MissingColumn for a name it does not have, BadFile when it cannot be read */
  variable(name: string): Promise<GridVariable>;
  close(): void;
}

/**
 * Unpacks stored numbers: `_FillValue`, `missing_value`, `fill` and what lies outside `valid_range` become NaN, the rest is
 * `value × scale_factor + add_offset`.
 * @source CF conventions 1.8, §2.5.1 and §8.1
 * @example unpackValues([-9999, 2], { _FillValue: -9999, scale_factor: 10 }) // [NaN, 20]
 */
export function unpackValues(raw: ArrayLike<number | bigint>, attributes: Readonly<Record<string, unknown>>, fill: number | null = null): Float64Array {
  const missing = [attributes["_FillValue"], attributes["missing_value"], fill].flatMap((v) => firstNumber(v) ?? []);
  // a text format holds 1e20, the array its nearest single
  if (raw instanceof Float32Array) missing.push(...missing.map(Math.fround));
  const range = attributes["valid_range"] as ArrayLike<unknown> | undefined;
  const low = firstNumber(attributes["valid_min"] ?? range?.[0]) ?? -Infinity;
  const high = firstNumber(attributes["valid_max"] ?? range?.[1]) ?? Infinity;
  const scale = firstNumber(attributes["scale_factor"]) ?? 1;
  const offset = firstNumber(attributes["add_offset"]) ?? 0;
  const out = new Float64Array(raw.length);
  for (let i = 0; i < out.length; i++) {
    const value = Number(raw[i]!);
    out[i] = missing.includes(value) || value < low || value > high ? NaN : value * scale + offset;
  }
  return out;
}

/** A number attribute, or the first of several, or null. @example firstNumber(Int16Array.of(-99)) // -99 */
export function firstNumber(value: unknown): number | null {
  const one = ArrayBuffer.isView(value) || Array.isArray(value) ? (value as unknown as ArrayLike<unknown>)[0] : value;
  return typeof one === "number" || typeof one === "bigint" ? Number(one) : null;
}

/** A text attribute, or null. @example textAttribute({ units: "gC m-2 d-1" }, "units") */
export function textAttribute(attributes: Readonly<Record<string, unknown>>, name: string): string | null {
  const value = attributes[name];
  return typeof value === "string" ? value : null;
}
