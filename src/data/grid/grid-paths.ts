import * as fs from "node:fs";
import * as path from "node:path";
import { WorkbookError } from "../../core/errors";
import { MAX_FOLDERS } from "../../core/files";
import { checkKeys, isObject, readJsonObject } from "../../core/json";
import { brief } from "../../core/printable";
import { parsePreparation, type Preparation } from "../preparation";
import type { Naming } from "./channels";
import { isZarr } from "./zarr";

/** What a grid is made of, and what is said of it that the files do not say. */
export interface GridSources extends Naming {
  readonly files: readonly string[];
  readonly landFraction?: number;
  /** how the satellite channels were prepared */
  readonly preparation?: Preparation;
}

/** A grid description: a JSON file in place of a grid, whose paths are seen from where it lies. */
interface Description extends Naming {
  readonly files: readonly string[];
  readonly land_fraction?: number;
  readonly preparation?: string;
}

const FILE = /\.(nc|nc4|netcdf|h5|tif|tiff)$/i;

/**
 * The gridded files under paths: Zarr groups, NetCDF and GeoTIFF files, folders of them (searched to any depth), or grid descriptions.
 * @throws WorkbookError BadFile where there is none, BadConfig for a description that is not one
 * @example listSources(["grid.json"]).files
 */
export function listSources(paths: readonly string[]): GridSources {
  const parts = paths.map((p) => (p.toLowerCase().endsWith(".json") ? described(p) : { files: filesUnder(p) }));
  const files = [...new Set(parts.flatMap((part) => part.files))];
  return parts.reduce<GridSources>((all, part) => ({
    ...all, ...part, files, names: { ...all.names, ...part.names }, units: { ...all.units, ...part.units },
  }), { files });
}

function described(file: string): GridSources {
  const raw = readJsonObject<Description>(file, "grid");
  const where = `grid: ${file}`;
  if (!Array.isArray(raw.files) || !raw.files.every((f) => typeof f === "string" && !f.includes("\0"))) throw new WorkbookError("BadConfig", `${where}: an object with "files": [paths] required, found ${brief(raw, 40)}; see data/README.md`, { file });
  for (const key of ["names", "units"] as const) {
    const given: unknown = raw[key];
    if (given !== undefined && !(isObject(given) && Object.values(given).every((v) => typeof v === "string"))) throw new WorkbookError("BadConfig", `${where}: "${key}": an object of texts required, found ${brief(given, 40)}; see data/README.md`, { file });
  }
  checkKeys(where, raw, ["files", "names", "units", "land_fraction", "preparation"]);
  const { land_fraction: land } = raw;
  if (land !== undefined && !(land > 0 && land <= 1)) throw new WorkbookError("BadConfig", `${where}: land_fraction above 0, at most 1 required, found ${land}; mend it`, { file });
  const files = raw.files.flatMap((f) => filesUnder(path.resolve(path.dirname(file), f)));
  const preparation = parsePreparation(raw.preparation, where);
  return { files, ...(preparation === null ? {} : { preparation }), ...(raw.names ? { names: raw.names } : {}), ...(raw.units ? { units: raw.units } : {}), ...(land === undefined ? {} : { landFraction: land }) };
}

function filesUnder(at: string): string[] {
  const stat = fs.statSync(at, { throwIfNoEntry: false });
  if (!stat) throw new WorkbookError("BadFile", `grid: ${at}: a Zarr folder, a NetCDF or GeoTIFF file, a folder of them or a grid description (.json) required, found nothing there; check the path`, { file: at });
  if (!stat.isDirectory() || isZarr(at)) return [at];
  const found = within(at);
  if (found.length === 0) throw new WorkbookError("BadFile", `grid: ${at}: a folder with .zarr, .nc or .tif required, found ${fs.readdirSync(at).slice(0, 6).join(", ") || "nothing"}; check the path`, { file: at });
  return found;
}

function within(dir: string, depth = 0): string[] {
  if (depth === MAX_FOLDERS) throw new WorkbookError("BadFile", `grid: ${dir}: at most ${MAX_FOLDERS} folders in each other required, found more; name the one that holds the grid`, { file: dir });
  return fs.readdirSync(dir, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1)).flatMap((entry) => {
    const at = path.join(dir, entry.name);
    if (entry.isDirectory()) return isZarr(at) ? [at] : within(at, depth + 1);
    return FILE.test(entry.name) && fs.statSync(at, { throwIfNoEntry: false })?.isFile() ? [at] : [];
  });
}
