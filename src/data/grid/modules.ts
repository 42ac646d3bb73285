import type * as Storage from "@zarrita/storage";
import type * as Geotiff from "geotiff";
import type * as H5wasm from "h5wasm";
import type * as Zarrita from "zarrita";
import { WorkbookError } from "../../core/errors";
import { Crc32c } from "./crc32c";
import { checkedZstd, type Hash64, type PlainZstd } from "./zstd";

/** An attribute as netcdfjs gives it. */
interface ClassicAttribute {
  readonly name: string;
  readonly value: string | number | readonly number[];
}

/** A variable as netcdfjs gives it; `type` is the format's word, e.g. "float". */
interface ClassicVariable {
  readonly name: string;
  readonly type: string;
  readonly attributes: readonly ClassicAttribute[];
}

/** What is used of netcdfjs, whose own types an older module resolution does not find. */
export interface ClassicReader {
  readonly globalAttributes: readonly ClassicAttribute[];
  readonly variables: readonly ClassicVariable[];
  /** numbers, or characters of a text */
  getDataVariable(variable: ClassicVariable | string): readonly (number | string)[];
}

type FileStore = new (root: string) => Storage.AsyncReadable & Storage.AsyncMutable;
const { importModule } = require("./import-module.cjs") as { importModule: (name: string, file: string) => Promise<unknown> };

/**
 * zarrita and its store of files.
 * @throws WorkbookError MissingPart when the package is not installed
 * @example const { zarr, FileStore } = await loadZarrita()
 */
export async function loadZarrita(): Promise<{ zarr: typeof Zarrita; FileStore: FileStore }> {
  const zarr = (await load("zarrita", "dist/src/index.js")) as typeof Zarrita;
  zarr.registry.set("crc32c", (() => Crc32c) as never);
  zarr.registry.set("zstd", loadZstd as never);
  const { default: FileStore } = (await load("@zarrita/storage", "dist/src/fs.js")) as { default: FileStore };
  return { zarr, FileStore };
}

async function loadZstd(): Promise<ReturnType<typeof checkedZstd>> {
  const { default: plain } = (await load("numcodecs", "dist/zstd.js")) as { default: PlainZstd };
  const { default: xxhash } = (await load("xxhash-wasm", "esm/xxhash-wasm.js")) as { default: () => Promise<{ h64Raw: Hash64 }> };
  return checkedZstd(plain, (await xxhash()).h64Raw);
}

/**
 * h5wasm, ready for use: HDF5 and with it NetCDF-4.
 * @throws WorkbookError MissingPart when the package is not installed
 * @example const h5 = await loadH5wasm()
 */
export async function loadH5wasm(): Promise<typeof H5wasm> {
  const h5 = (await load("h5wasm", "dist/node/hdf5_hl.js")) as typeof H5wasm;
  const { activate_throwing_error_handler: quietly } = (await h5.ready) as unknown as { activate_throwing_error_handler(): number };
  // else HDF5 prints its own stack of errors beside our message
  quietly();
  return h5;
}

/**
 * netcdfjs: NetCDF of the classic format, which HDF5 does not read.
 * @throws WorkbookError MissingPart when the package is not installed
 * @example const { NetCDFReader } = await loadNetcdfjs()
 */
export async function loadNetcdfjs(): Promise<{ NetCDFReader: new (bytes: Uint8Array) => ClassicReader }> {
  return (await load("netcdfjs", "lib/index.js")) as { NetCDFReader: new (bytes: Uint8Array) => ClassicReader };
}

/**
 * geotiff: TIFF files with a place on the globe.
 * @throws WorkbookError MissingPart when the package is not installed
 * @example const { fromFile } = await loadGeotiff()
 */
export async function loadGeotiff(): Promise<typeof Geotiff> {
  return (await load("geotiff", "dist-module/geotiff.js")) as typeof Geotiff;
}

async function load(name: string, file: string): Promise<unknown> {
  try {
    return await importModule(name, file);
  } catch (cause) {
    throw new WorkbookError("MissingPart", `grid: the package ${name} is required, it does not load (${(cause as Error).message.split("\n")[0]}); run npm run setup`, { cause });
  }
}
