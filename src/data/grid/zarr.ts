import * as fs from "node:fs";
import * as path from "node:path";
import { WorkbookError } from "../../core/errors";
import { nearest } from "../../core/nearest";
import { unpackValues, type GridFile, type GridVariable } from "./grid";
import { loadZarrita } from "./modules";

/** Whether a folder is a Zarr group or array, of format 2 or 3. */
export function isZarr(dir: string): boolean {
  return [".zgroup", ".zarray", ".zmetadata", "zarr.json"].some((name) => fs.existsSync(path.join(dir, name)));
}

/**
 * Opens a Zarr group on disk, format 2 or 3, each array one folder in it.
 * @throws WorkbookError BadFile when the folder is no Zarr group
 * @example const grid = await openZarr("NEE.zarr"); (await grid.variable("NEE")).shape
 */
export async function openZarr(dir: string): Promise<GridFile> {
  if (!isZarr(dir)) throw new WorkbookError("BadFile", `grid: ${dir}: a Zarr group (with .zgroup or zarr.json) required, found none; check the path`, { file: dir });
  const { zarr, FileStore } = await loadZarrita();
  const names = fs.readdirSync(dir, { withFileTypes: true }).filter((entry) => entry.isDirectory() && isArray(path.join(dir, entry.name))).map((entry) => entry.name).sort();
  const root = zarr.root(new FileStore(path.resolve(dir)));
  const own = !isArray(dir) && [".zgroup", "zarr.json"].some((name) => fs.existsSync(path.join(dir, name)));
  const attributes = own ? ((await attempt(dir, "", () => zarr.open(root, { kind: "group" }))).attrs as Record<string, unknown>) : {};
  const variable = async (name: string): Promise<GridVariable> => {
    if (!names.includes(name)) throw missing(dir, name, names);
    const array = await attempt(dir, name, () => zarr.open(root.resolve(`/${name}`), { kind: "array" }));
    const attributes = array.attrs as Record<string, unknown>;
    const dims = array.dimensionNames ?? (attributes["_ARRAY_DIMENSIONS"] as string[] | undefined) ?? [];
    const fill = typeof array.fillValue === "number" && array.fillValue !== 0 ? array.fillValue : null;
    return {
      name, dims, shape: array.shape, chunks: array.chunks, attributes,
      async read(ranges) {
        const chunk = await attempt(dir, name, () => zarr.get(array, ranges.map(([from, to]) => zarr.slice(from, to))));
        return unpackValues((chunk as { data: ArrayLike<number | bigint> }).data, attributes, fill);
      },
    };
  };
  return { path: dir, format: "Zarr", names, attributes, variable, close: () => undefined };
}

function isArray(dir: string): boolean {
  if (fs.existsSync(path.join(dir, ".zarray"))) return true;
  const file = path.join(dir, "zarr.json");
  if (!fs.existsSync(file)) return false;
  try {
    return (JSON.parse(fs.readFileSync(file, "utf8")) as { node_type?: string }).node_type === "array";
  } catch {
    // broken metadata: reading the array then says so, with its name
    return true;
  }
}

async function attempt<T>(dir: string, name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new WorkbookError("BadFile", `grid: ${path.join(dir, name)}: a whole Zarr array required, found: ${(cause as Error).message.split("\n")[0]}; copy it again`, { file: path.join(dir, name), cause });
  }
}

/** The error of an array that a gridded file does not have. */
export function missing(file: string, name: string, names: readonly string[]): WorkbookError {
  return new WorkbookError("MissingColumn", `grid: ${file}: variable ${name} required, found ${names.slice(0, 8).join(", ") || "none"}; nearest ${nearest(name, names).join(", ") || "none"}; give the file that holds it`, { file, column: name });
}
