import * as fs from "node:fs";
import * as path from "node:path";
import type * as Zarrita from "zarrita";
import { isWorkbookError, WorkbookError } from "../../core/errors";
import { nearest } from "../../core/nearest";
import type { Range } from "./grid";
import { loadZarrita } from "./modules";
import { atomicFiles, unwritable } from "./zarr-files";
import type { ZarrArray, ZarrData, ZarrOutput } from "./zarr-output";

/**
 * Zstandard at its quickest: of what zarrita, zarr-python and every other reader share it writes fastest for its size. Level 1 packed
 * daily fields at 79 MB/s to 0.56, gzip at 51 MB/s to 0.61, blosc-lz4 at 128 MB/s to 0.76. Its checksum tells a flipped bit from other numbers.
 * @source zarr-specs, codecs bytes and zstd
 */
const CODECS = [{ name: "bytes", configuration: { endian: "little" } }, { name: "zstd", configuration: { level: 1, checksum: true } }];

/**
 * Makes a Zarr v3 store: metadata of the group and of all arrays, no values yet. The group's own metadata comes last, so that a store
 * whose making was cut short is no store and can be made again.
 * @throws WorkbookError BadFile where a Zarr store or something else lies at `path` already, or where it cannot be written; BadArgument for an array whose axes, shape and chunks differ in number
 * @source zarr-specs v3; CF conventions 1.10
 * @example const out = await createZarr("O.zarr", { Conventions: "CF-1.10" }, [{ name: "GPP", dims: ["time", "lat", "lon"], … }])
 */
export async function createZarr(store: string, attributes: Readonly<Record<string, unknown>>, arrays: readonly ZarrArray[]): Promise<ZarrOutput> {
  const { zarr } = await loadZarrita();
  checkFree(store);
  for (const array of arrays) checkArray(store, array);
  const root = zarr.root(atomicFiles(path.resolve(store)));
  for (const { name, dims, shape, chunks, type, fill, attributes: own } of arrays) {
    await zarr.create(root.resolve(`/${name}`), {
      shape: [...shape], chunkShape: [...chunks], dtype: type, codecs: CODECS, fillValue: fill, dimensionNames: [...dims], attributes: own as Record<string, never>,
    });
  }
  await zarr.create(root, { attributes });
  return appendToZarr(store);
}

/**
 * Opens a store that `createZarr` made, to write more of it: from another process, or in a later run.
 * @throws WorkbookError BadFile where there is none
 * @example await (await appendToZarr("O.zarr")).write("GPP", [[0, 365], [0, 30], [30, 60]], values)
 */
export async function appendToZarr(store: string): Promise<ZarrOutput> {
  const { zarr } = await loadZarrita();
  const files = atomicFiles(path.resolve(store));
  if ((await files.get("/zarr.json")) === undefined) throw new WorkbookError("BadFile", `grid: ${store}: a whole Zarr v3 store is required, found none; make it again`, { file: store });
  const root = zarr.root(files);
  const opened = new Map<string, Promise<Stored>>();
  const array = (name: string): Promise<Stored> => {
    const names = fs.readdirSync(store).filter((entry) => fs.existsSync(path.join(store, entry, "zarr.json")));
    if (!names.includes(name)) throw new WorkbookError("BadArgument", `grid: ${store}: an array of the store is required, found ${name}; nearest ${nearest(name, names).join(", ")}`, { file: store, column: name });
    return zarr.open.v3(root.resolve(`/${name}`), { kind: "array" }) as Promise<Stored>;
  };
  return {
    path: store,
    async write(name, ranges, data) {
      if (!opened.has(name)) opened.set(name, array(name));
      const target = await opened.get(name)!;
      checkWrite(`grid: ${store}: ${name}`, target, ranges, data);
      const sizes = ranges.map(([from, to]) => to - from);
      const stride = sizes.map((_, k) => sizes.slice(k + 1).reduce((a, b) => a * b, 1));
      for (const piece of pieces(ranges, target.chunks)) {
        const offset = piece.reduce((sum, [from], k) => sum + (from - ranges[k]![0]) * stride[k]!, 0);
        const part = { data: data.subarray(offset), shape: piece.map(([from, to]) => to - from), stride };
        const key = target.resolve(`c/${piece.map(([from], k) => from / target.chunks[k]!).join("/")}`).path;
        // a piece with nothing in it is left out, as zarr-python does: sea costs no file
        if (holdsOnly(part, target.fillValue)) await files.drop(key);
        else await zarr.set(target as never, piece.map(([from, to]) => zarr.slice(from, to)) as never, part as never);
      }
    },
  };
}

type Stored = Zarrita.Array<Zarrita.NumberDataType, ReturnType<typeof atomicFiles>>;
interface Part {
  readonly data: ZarrData;
  readonly shape: readonly number[];
  readonly stride: readonly number[];
}

function checkFree(store: string): void {
  try {
    const stat = fs.statSync(store, { throwIfNoEntry: false });
    if (!stat) return;
    const found = !stat.isDirectory() ? "a file" : fs.existsSync(path.join(store, "zarr.json")) ? "a Zarr store" : null;
    if (found !== null) throw new WorkbookError("BadFile", `grid: ${store}: a new folder is required, found ${found}; remove it or name another`, { file: store });
    // the beginnings of a store whose making was cut short
    for (const entry of fs.readdirSync(store)) if (fs.existsSync(path.join(store, entry, "zarr.json"))) fs.rmSync(path.join(store, entry), { recursive: true });
  } catch (error) {
    throw isWorkbookError(error) ? error : unwritable(store, error);
  }
}

function checkArray(store: string, { name, dims, shape, chunks }: ZarrArray): void {
  const fine = dims.length === shape.length && shape.length === chunks.length && shape.every((n) => Number.isInteger(n) && n >= 1) && chunks.every((n) => Number.isInteger(n) && n >= 1);
  if (!fine) throw new WorkbookError("BadArgument", `grid: ${store}: ${name}: as many axes as sizes and chunks of at least 1 are required, found [${dims.join(", ")}], [${shape.join(", ")}] and [${chunks.join(", ")}]; mend the list`, { file: store, column: name });
}

function checkWrite(where: string, { shape, chunks, dtype }: Stored, ranges: readonly Range[], data: ZarrData): void {
  const onChunks = ranges.length === shape.length && ranges.every(([from, to], k) => from >= 0 && from < to && from % chunks[k]! === 0 && (to % chunks[k]! === 0 ? to <= shape[k]! : to === shape[k]!));
  if (!onChunks) {
    throw new WorkbookError("BadArgument", `${where}: ranges that begin and end on chunks are required, found [${ranges.map((r) => r.join("–")).join(", ")}] in shape [${shape.join(", ")}] with chunks [${chunks.join(", ")}]; give whole chunks`);
  }
  const count = ranges.reduce((n, [from, to]) => n * (to - from), 1);
  const type = data.constructor.name.replace("Array", "").toLowerCase();
  if (data.length !== count || type !== dtype) throw new WorkbookError("BadArgument", `${where}: ${count} values of ${dtype} are required, found ${data.length} of ${type}; give those of the ranges`);
}

/** The chunks of the ranges, cut off at the array's edge. */
function pieces(ranges: readonly Range[], chunks: readonly number[]): Range[][] {
  return ranges.reduce<Range[][]>((all, [from, to], k) => {
    const along: Range[] = [];
    for (let at = from; at < to; at += chunks[k]!) along.push([at, Math.min(to, at + chunks[k]!)]);
    return all.flatMap((head) => along.map((range) => [...head, range]));
  }, [[]]);
}

function holdsOnly({ data, shape, stride }: Part, fill: number | null, axis = 0, at = 0): boolean {
  if (axis === shape.length) return Object.is(data[at], fill);
  for (let i = 0; i < shape[axis]!; i++) if (!holdsOnly({ data, shape, stride }, fill, axis + 1, at + i * stride[axis]!)) return false;
  return true;
}
