import * as fs from "node:fs";
import { WorkbookError } from "../../core/errors";
import { refuseEndless } from "../../core/files";
import type { GridFile } from "./grid";
import { isGeotiff, openGeotiff } from "./geotiff";
import { openNetcdf } from "./netcdf";
import { openZarr } from "./zarr";

/**
 * Opens a gridded file: a Zarr group (a folder), NetCDF-4 or GeoTIFF.
 * @throws WorkbookError BadFile when it is none of them, or not there
 * @example const grid = await openGrid("NEE.zarr")
 */
export async function openGrid(path: string): Promise<GridFile> {
  const stat = fs.statSync(path, { throwIfNoEntry: false });
  if (!stat) throw new WorkbookError("BadFile", `grid: ${path}: a Zarr folder, a NetCDF or a GeoTIFF file required, found nothing there; check the path`, { file: path });
  if (stat.isDirectory()) return openZarr(path);
  refuseEndless(path);
  return isGeotiff(path) ? openGeotiff(path) : openNetcdf(path);
}
