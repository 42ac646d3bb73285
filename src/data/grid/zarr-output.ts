import type { Range } from "./grid";

/** One array of a Zarr store to be written. */
export interface ZarrArray {
  readonly name: string;
  /** names of its axes, e.g. time, lat, lon */
  readonly dims: readonly string[];
  readonly shape: readonly number[];
  readonly chunks: readonly number[];
  readonly type: "float32" | "float64" | "int32" | "int16" | "uint8";
  /** value of what nobody wrote; NaN for floats as a rule */
  readonly fill: number;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** Values in one of the types of a store. */
export type ZarrData = Float32Array | Float64Array | Int32Array | Int16Array | Uint8Array;

/** A Zarr v3 store being written, by one process or by many: each writes whole chunks of its own. */
export interface ZarrOutput {
  readonly path: string;
  /** Writes `data` (last axis fastest) to the ranges, which begin and end on chunks; each chunk appears whole or not at all. */
  write(name: string, ranges: readonly Range[], data: ZarrData): Promise<void>;
}
