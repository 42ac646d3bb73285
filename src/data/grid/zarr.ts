import * as fs from "node:fs";
import * as path from "node:path";
import type * as Zarrita from "zarrita";
import { WorkbookError } from "../../core/errors";
import { readText } from "../../core/files";
import { parseJson, readJson } from "../../core/json";
import { nearest } from "../../core/nearest";
import { unpackValues, type GridFile, type GridVariable, type Range } from "./grid";
import { loadZarrita } from "./modules";
import { axisNames, checkCodecs, checkLayout, plainAttributes } from "./zarr-layout";
import { wholeFiles } from "./zarr-store";

/** Whether a folder is a Zarr group or array, of format 2 or 3. */
export function isZarr(dir: string): boolean {
  return [".zgroup", ".zarray", ".zmetadata", "zarr.json"].some((name) => fs.existsSync(path.join(dir, name)));
}

/**
 * Opens a Zarr group on disk, format 2 or 3 (sharded too), each array one folder in it. One chunk is unpacked at a time.
 * @throws WorkbookError BadFile when the folder is no Zarr group; reading throws it naming the chunk that is not whole
 * @source zarr-specs v2, v3 and its sharding-indexed codec
 * @example const grid = await openZarr("NEE.zarr"); (await grid.variable("NEE")).shape
 */
export async function openZarr(dir: string): Promise<GridFile> {
  if (!isZarr(dir)) throw new WorkbookError("BadFile", `grid: ${dir}: a Zarr group (with .zgroup or zarr.json) required, found none; check the path`, { file: dir });
  const { zarr } = await loadZarrita();
  const names = fs.readdirSync(dir, { withFileTypes: true }).filter((entry) => entry.isDirectory() && isArray(path.join(dir, entry.name))).map((entry) => entry.name).sort();
  const root = zarr.root(wholeFiles(path.resolve(dir)));
  const own = !isArray(dir) && [".zgroup", "zarr.json"].some((name) => fs.existsSync(path.join(dir, name)));
  const told: unknown = own ? (await attempt(dir, () => zarr.open(root, { kind: "group" }))).attrs : {};
  const attributes = plainAttributes(told);
  const variable = async (name: string): Promise<GridVariable> => {
    if (!names.includes(name)) throw missing(dir, name, names);
    const array = await attempt(path.join(dir, name), () => zarr.open(root.resolve(`/${name}`), { kind: "array" }));
    checkLayout(path.join(dir, name), array.shape, array.chunks);
    checkCodecs(path.join(dir, name), metadataOf(path.join(dir, name)), (codec) => zarr.registry.has(codec));
    const attributes = withDecodedFill(plainAttributes(array.attrs));
    const dims = axisNames(array.dimensionNames ?? attributes["_ARRAY_DIMENSIONS"], array.shape.length);
    const fill = typeof array.fillValue === "number" && array.fillValue !== 0 ? array.fillValue : null;
    return {
      name, dims, shape: array.shape, chunks: array.chunks, attributes,
      read: (ranges) => readChunks(dir, name, array as Stored, ranges, (raw) => unpackValues(raw, attributes, fill)),
    };
  };
  return { path: dir, format: "Zarr", names, attributes, variable, close: () => undefined };
}

/** Each is a file to look for: more of them take minutes. */
const MOST_PIECES = 50_000;

type Stored = Zarrita.Array<Zarrita.NumberDataType, Zarrita.AsyncReadable>;

/** Every chunk that the ranges touch, one after the other, each copied to its place. */
async function readChunks(dir: string, name: string, array: Stored, ranges: readonly Range[], unpack: (raw: ArrayLike<number | bigint>) => Float64Array): Promise<Float64Array> {
  const sizes = ranges.map(([from, to]) => to - from);
  const stride = sizes.map((_, k) => sizes.slice(k + 1).reduce((a, b) => a * b, 1));
  const out = new Float64Array(sizes.reduce((a, b) => a * b, 1));
  const cells = array.chunks.reduce((a, b) => a * b, 1);
  const pieces = ranges.reduce((n, [from, to], k) => n * (Math.ceil(to / array.chunks[k]!) - Math.floor(from / array.chunks[k]!)), 1);
  if (pieces > MOST_PIECES) throw new WorkbookError("BadFile", `grid: ${path.join(dir, name)}: at most ${MOST_PIECES} pieces for ${sizes.join(" × ")} values required, found ${pieces} of [${array.chunks.join(", ")}]; write the store again in larger pieces`, { file: dir, column: name });
  for (const at of chunksOf(ranges, array.chunks)) {
    const chunk = await attempt(`${path.join(dir, name)}: chunk ${at.join("/")}`, async () => {
      const read = await array.getChunk(at);
      // what is short would read as something else than what was stored
      if (read.data.length !== cells) throw new Error(`${read.data.length} of ${cells} values`);
      return read;
    });
    // logical values have no numbers of their own
    const raw: ArrayLike<number> = typeof (chunk.data as unknown as { get?: unknown }).get === "function" ? Array.from(chunk.data as Iterable<unknown>, Number) : chunk.data;
    copyPart(unpack(raw), chunk.stride, out, stride, ranges.map(([from, to], k) => {
      const begin = at[k]! * array.chunks[k]!;
      const [first, last] = [Math.max(from, begin), Math.min(to, begin + array.chunks[k]!)];
      return { source: first - begin, target: first - from, count: last - first };
    }));
  }
  return out;
}

interface Overlap {
  readonly source: number;
  readonly target: number;
  readonly count: number;
}

function copyPart(source: Float64Array, sourceStride: readonly number[], target: Float64Array, targetStride: readonly number[], parts: readonly Overlap[], axis = 0, from = 0, to = 0): void {
  if (axis === parts.length) {
    target[to] = source[from]!;
    return;
  }
  const part = parts[axis]!;
  const [s, t] = [sourceStride[axis]!, targetStride[axis]!];
  const [a, b] = [from + part.source * s, to + part.target * t];
  if (axis < parts.length - 1) for (let i = 0; i < part.count; i++) copyPart(source, sourceStride, target, targetStride, parts, axis + 1, a + i * s, b + i * t);
  else for (let i = 0; i < part.count; i++) target[b + i * t] = source[a + i * s]!;
}

/** Coordinates of the chunks that ranges touch. */
function chunksOf(ranges: readonly Range[], chunks: readonly number[]): number[][] {
  return ranges.reduce<number[][]>((all, [from, to], k) => {
    const size = chunks[k]!;
    const first = Math.floor(from / size);
    const along = Array.from({ length: Math.ceil(to / size) - first }, (_, i) => first + i);
    return all.flatMap((head) => along.map((i) => [...head, i]));
  }, [[]]);
}

/** xarray stores a float fill of format 3 as base64 of its eight bytes. @source xarray, backends/zarr.py, FillValueCoder */
function withDecodedFill(attributes: Record<string, unknown>): Record<string, unknown> {
  const fill = attributes["_FillValue"];
  if (typeof fill !== "string" || !/^[A-Za-z0-9+/]{11}=$/.test(fill)) return attributes;
  return { ...attributes, _FillValue: Buffer.from(fill, "base64").readDoubleLE(0) };
}

function isArray(dir: string): boolean {
  if (fs.existsSync(path.join(dir, ".zarray"))) return true;
  const file = path.join(dir, "zarr.json");
  if (!fs.existsSync(file)) return false;
  try {
    return (parseJson(readText(file)) as { node_type?: string }).node_type === "array";
  } catch {
    // broken metadata: reading the array then says so, with its name
    return true;
  }
}

/** The array's own metadata, which zarrita has just read. */
function metadataOf(dir: string): unknown {
  const file = [".zarray", "zarr.json"].map((name) => path.join(dir, name)).find((name) => fs.existsSync(name));
  return file === undefined ? null : readJson(file, "grid");
}

async function attempt<T>(where: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // the packages' wasm throws numbers too
    const first = error instanceof Error ? error : new Error(String(error));
    const reason = first.cause instanceof Error ? `${first.message}: ${first.cause.message}` : first.message;
    throw new WorkbookError("BadFile", `grid: ${where}: a whole Zarr array required, found: ${reason.split("\n")[0]}; copy it again`, { file: where, cause: error });
  }
}

/** The error of an array that a gridded file does not have. */
export function missing(file: string, name: string, names: readonly string[]): WorkbookError {
  return new WorkbookError("MissingColumn", `grid: ${file}: variable ${name} required, found ${names.slice(0, 8).join(", ") || "none"}; nearest ${nearest(name, names).join(", ") || "none"}; give the file that holds it`, { file, column: name });
}
