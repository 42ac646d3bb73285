import * as fs from "node:fs";
import * as path from "node:path";
import { IGBP } from "../../src/core/quantities";
import { crc32c } from "../../src/data/grid/crc32c";
import { loadH5wasm } from "../../src/data/grid/modules";

/** One variable of a small gridded world: its value is that of a place and day, however the file runs. */
export interface GridVar {
  readonly name: string;
  /** `[time, lat, lon]` by default */
  readonly dims?: readonly string[];
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly type?: "float32" | "float64" | "int16" | "uint8";
  /** of the class `k` where there is an axis of classes */
  readonly value: (lat: number, lon: number, day: number, k: number) => number;
}

/** A small gridded world. */
export interface SmallGrid {
  readonly lat: readonly number[];
  readonly lon: readonly number[];
  /** days since 1970-01-01 */
  readonly days: readonly number[];
  readonly variables: readonly GridVar[];
  readonly attributes?: Readonly<Record<string, string>>;
  readonly time?: Readonly<Record<string, string>>;
  readonly names?: { readonly lat: string; readonly lon: string; readonly time: string };
  /** of days, rows and columns in a stored piece */
  readonly chunk?: readonly [number, number, number];
}

type Values = Float32Array | Float64Array | Int16Array | Uint8Array;
interface Laid {
  readonly name: string;
  readonly dims: readonly string[];
  readonly shape: number[];
  readonly chunks: number[];
  readonly data: Values;
  readonly attributes: Record<string, unknown>;
}

const TYPES = { float32: Float32Array, float64: Float64Array, int16: Int16Array, uint8: Uint8Array } as const;

/** Variables and coordinates as arrays, the last axis fastest. */
export function layGrid(grid: SmallGrid): Laid[] {
  const names = grid.names ?? { lat: "lat", lon: "lon", time: "time" };
  const sizes: Record<string, number> = { time: grid.days.length, lat: grid.lat.length, lon: grid.lon.length, igbp: IGBP.length };
  const pieces: Record<string, number> = { time: grid.chunk?.[0] ?? sizes.time!, lat: grid.chunk?.[1] ?? sizes.lat!, lon: grid.chunk?.[2] ?? sizes.lon!, igbp: IGBP.length };
  const named = (dim: string): string => ({ ...names, igbp: "igbp" })[dim as "lat"] ?? dim;
  const coordinate = (dim: "lat" | "lon" | "time", data: Float64Array, attributes: Record<string, unknown>): Laid => ({ name: names[dim], dims: [names[dim]], shape: [data.length], chunks: [data.length], data, attributes });
  return [
    ...(grid.days.length === 0 ? [] : [coordinate("time", Float64Array.from(grid.days), { units: "days since 1970-01-01", ...grid.time })]),
    coordinate("lat", Float64Array.from(grid.lat), { units: "degrees_north" }), coordinate("lon", Float64Array.from(grid.lon), { units: "degrees_east" }),
    ...grid.variables.map(({ name, dims = ["time", "lat", "lon"], attributes = {}, type = "float32", value }): Laid => {
      const shape = dims.map((dim) => sizes[dim]!);
      const data = new TYPES[type](shape.reduce((a, b) => a * b, 1));
      for (let i = 0; i < data.length; i++) {
        const at: Record<string, number> = {};
        for (let axis = dims.length - 1, rest = i; axis >= 0; axis--) {
          at[dims[axis]!] = rest % shape[axis]!;
          rest = Math.floor(rest / shape[axis]!);
        }
        data[i] = value(grid.lat[at["lat"]!]!, grid.lon[at["lon"]!]!, grid.days[at["time"] ?? 0]!, at["igbp"] ?? 0);
      }
      return { name, dims: dims.map(named), shape, chunks: dims.map((dim) => Math.min(sizes[dim]!, pieces[dim]!)), data, attributes: { ...attributes } };
    }),
  ];
}

/** NetCDF-4 through h5wasm. */
export async function writeNetcdf(file: string, grid: SmallGrid): Promise<string> {
  const h5 = await loadH5wasm();
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const nc = new h5.File(file, "w");
  try {
    for (const [key, text] of Object.entries(grid.attributes ?? {})) nc.create_attribute(key, text);
    for (const { name, dims, shape, chunks, data, attributes } of layGrid(grid)) {
      const variable = nc.create_dataset({ name, data, shape, ...(grid.chunk && dims.length > 1 ? { chunks, compression: 4 } : {}) });
      for (const [key, value] of Object.entries(attributes)) {
        if (typeof value !== "number") variable.create_attribute(key, value as string);
        else if (key === "_FillValue") variable.create_attribute(key, new (data.constructor as typeof Float32Array)([value]), [1], { Float32Array: "<f", Float64Array: "<d", Int16Array: "<h", Uint8Array: "<B" }[data.constructor.name]!);
        else variable.create_attribute(key, Float64Array.of(value), [1], "<d");
      }
      if (dims.length === 1) variable.make_scale(name);
      else dims.forEach((dim, axis) => { if (dim !== "igbp") variable.attach_scale(axis, `/${dim}`); });
    }
  } finally {
    nc.close();
  }
  return file;
}

/** Zarr by hand, so that the reader is not tested against its own library alone: format 2, format 3, or format 3 with shards of 2 × 2 × 2 chunks. */
export function writeZarrByHand(dir: string, grid: SmallGrid, format: "v2" | "v3" | "sharded"): string {
  const group = format === "v2" ? { ".zgroup": { zarr_format: 2 }, ".zattrs": grid.attributes ?? {} } : { "zarr.json": { zarr_format: 3, node_type: "group", attributes: grid.attributes ?? {} } };
  writeAll(dir, group);
  for (const array of layGrid(grid)) {
    const folder = path.join(dir, array.name);
    writeAll(folder, format === "v2" ? metadata2(array) : metadata3(array, format === "sharded"));
    if (format === "sharded" && array.dims.length === 3) writeShards(folder, array);
    else for (const at of gridOf(array.shape, array.chunks)) put(path.join(folder, format === "v2" ? at.join(".") : path.join("c", ...at.map(String))), pieceBytes(array, at));
  }
  return dir;
}

function writeAll(dir: string, files: Record<string, unknown>): void {
  for (const [name, content] of Object.entries(files)) put(path.join(dir, name), Buffer.from(JSON.stringify(content)));
}

function put(file: string, bytes: Buffer): void {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, bytes);
}

const filler = (data: Values): string | number => (data instanceof Float32Array || data instanceof Float64Array ? "NaN" : 0);

function metadata2({ shape, chunks, data, dims, attributes }: Laid): Record<string, unknown> {
  const dtype = { Float32Array: "<f4", Float64Array: "<f8", Int16Array: "<i2", Uint8Array: "|u1" }[data.constructor.name];
  return { ".zarray": { zarr_format: 2, shape, chunks, dtype, compressor: null, fill_value: filler(data), order: "C", filters: null }, ".zattrs": { ...attributes, _ARRAY_DIMENSIONS: dims } };
}

function metadata3({ shape, chunks, data, dims, attributes }: Laid, sharded: boolean): Record<string, unknown> {
  const bytes = { name: "bytes", configuration: { endian: "little" } };
  const shard = sharded && dims.length === 3;
  return { "zarr.json": {
    zarr_format: 3, node_type: "array", shape, data_type: data.constructor.name.replace("Array", "").toLowerCase(), fill_value: filler(data), dimension_names: dims, attributes,
    chunk_grid: { name: "regular", configuration: { chunk_shape: shard ? chunks.map((n) => 2 * n) : chunks } }, chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
    codecs: shard ? [{ name: "sharding_indexed", configuration: { chunk_shape: chunks, codecs: [bytes], index_codecs: [bytes, { name: "crc32c" }], index_location: "end" } }] : [bytes],
  } };
}

/** Shards: the pieces one after the other, then 16 bytes a piece of where each begins and how long it is, then the checksum of those. @source zarr-specs, sharding-indexed v1 */
function writeShards(folder: string, array: Laid): void {
  for (const at of gridOf(array.shape, array.chunks.map((n) => 2 * n))) {
    const parts: Buffer[] = [];
    const index = Buffer.alloc(8 * 16, 0xff);
    let offset = 0;
    gridOf([2, 2, 2], [1, 1, 1]).forEach((inner, i) => {
      const chunk = inner.map((n, k) => 2 * at[k]! + n);
      if (chunk.some((n, k) => n * array.chunks[k]! >= array.shape[k]!)) return;
      const bytes = pieceBytes(array, chunk);
      index.writeBigUInt64LE(BigInt(offset), i * 16);
      index.writeBigUInt64LE(BigInt(bytes.length), i * 16 + 8);
      parts.push(bytes);
      offset += bytes.length;
    });
    const sum = Buffer.alloc(4);
    sum.writeUInt32LE(crc32c(index));
    put(path.join(folder, "c", ...at.map(String)), Buffer.concat([...parts, index, sum]));
  }
}

/** Positions of pieces along each axis. */
function gridOf(shape: readonly number[], chunks: readonly number[]): number[][] {
  return shape.reduce<number[][]>((all, n, k) => all.flatMap((head) => Array.from({ length: Math.ceil(n / chunks[k]!) }, (_, i) => [...head, i])), [[]]);
}

/** One whole piece; beyond the array's edge it holds nothing. */
function pieceBytes({ shape, chunks, data }: Laid, at: readonly number[]): Buffer {
  const out = new (data.constructor as typeof Float32Array)(chunks.reduce((a, b) => a * b, 1)).fill(NaN);
  gridOf(chunks, chunks.map(() => 1)).forEach((inner, i) => {
    const index = inner.map((n, k) => at[k]! * chunks[k]! + n);
    if (index.every((n, k) => n < shape[k]!)) out[i] = data[index.reduce((sum, n, k) => sum * shape[k]! + n, 0)]!;
  });
  return Buffer.from(out.buffer);
}
