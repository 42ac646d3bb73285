import * as fs from "node:fs";
import type * as H5wasm from "h5wasm";
import { WorkbookError } from "../../core/errors";
import { unpackValues, type GridFile, type GridVariable } from "./grid";
import { brokenHeap } from "./hdf5-heaps";
import { loadH5wasm } from "./modules";
import { missing } from "./zarr";

const HDF5 = "\x89HDF\r\n\x1a\n";

/**
 * Opens a NetCDF-4 file (HDF5).
 * @throws WorkbookError BadFile when the file is not there, is no NetCDF-4, or is cut off
 * @example const grid = await openNetcdf("GPP_2020_050_monthly.nc"); (await grid.variable("GPP")).dims // ["time", "lat", "lon"]
 */
export async function openNetcdf(file: string): Promise<GridFile> {
  const bytes = beginning(file);
  if (bytes.startsWith("CDF")) throw new WorkbookError("BadFile", `grid: ${file}: NetCDF-4 required, found the classic format; convert it with nccopy -k nc4 IN OUT`, { file });
  if (bytes !== HDF5) throw new WorkbookError("BadFile", `grid: ${file}: a NetCDF-4 file required, its first bytes are not HDF5's; download it again`, { file });
  const heap = brokenHeap(file);
  if (heap !== null) throw new WorkbookError("BadFile", `grid: ${file}: a whole NetCDF-4 file required, found ${heap}; download it again`, { file });
  const h5 = await loadH5wasm();
  const opened = whole(file, () => new h5.File(file, "r"));
  try {
    const names = whole(file, () => opened.keys()).sort();
    const attributes = whole(file, () => readAttributes(opened));
    const variable = async (name: string): Promise<GridVariable> => {
      const found = names.includes(name) ? whole(`${file}: ${name}`, () => opened.get(name)) : null;
      if (!(found instanceof h5.Dataset)) throw missing(file, name, names);
      return whole(`${file}: ${name}`, () => variableOf(file, name, found));
    };
    return { path: file, format: "NetCDF", names, attributes, variable, close: () => void opened.close() };
  } catch (error) {
    opened.close();
    throw error;
  }
}

function variableOf(file: string, name: string, found: H5wasm.Dataset): GridVariable {
  const shape = found.shape ?? [];
  const attributes = readAttributes(found);
  return {
    name, shape, attributes,
    dims: shape.map((_, axis) => (found.get_attached_scales(axis)[0] ?? ownScale(found, name)).replace(/^.*\//, "")),
    chunks: found.metadata.chunks ?? shape,
    contiguous: found.metadata.chunks === null,
    read: async (ranges) =>
      whole(`${file}: ${name}: cells [${ranges.map(([from, to]) => `${from}–${to - 1}`).join(", ")}]`, () => unpackValues(numbersOf(found.slice(ranges.map(([from, to]) => [from, to]))), attributes)),
    text: async () => whole(`${file}: ${name}`, () => [found.value].flat().join("")),
  };
}

/** The library gives texts, records and references for what is no array of numbers. */
function numbersOf(values: unknown): ArrayLike<number | bigint> {
  if (!ArrayBuffer.isView(values) || values instanceof DataView) throw new Error("values that are no numbers");
  return values as unknown as ArrayLike<number | bigint>;
}

function beginning(file: string): string {
  try {
    const fd = fs.openSync(file, "r");
    try {
      const buffer = Buffer.alloc(8);
      return buffer.subarray(0, fs.readSync(fd, buffer, 0, 8, 0)).toString("latin1");
    } finally {
      fs.closeSync(fd);
    }
  } catch (cause) {
    throw new WorkbookError("BadFile", `grid: ${file}: a readable file required, found: ${(cause as Error).message}; check the path`, { file, cause });
  }
}

/** A coordinate variable is the scale of its own axis. */
function ownScale(dataset: H5wasm.Dataset, name: string): string {
  return dataset.shape?.length === 1 ? name : "";
}

/** Numbers and texts; references that NetCDF keeps for itself are left out. */
function readAttributes(holder: H5wasm.Dataset | H5wasm.File): Record<string, unknown> {
  const internal = new Set(["DIMENSION_LIST", "REFERENCE_LIST", "CLASS", "NAME"]);
  return Object.fromEntries(Object.keys(holder.attrs).filter((name) => !internal.has(name)).map((name) => [name, holder.attrs[name]!.value]));
}

function whole<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const { message } = cause as Error;
    // of HDF5's stack of errors the deepest says what happened
    const deepest = [...message.matchAll(/#\d+: .*\(\): (.+)/g)].pop()?.[1] ?? message.split("\n")[0];
    throw new WorkbookError("BadFile", `grid: ${file}: a whole NetCDF-4 file required, found: ${deepest}; download it again`, { file, cause });
  }
}
