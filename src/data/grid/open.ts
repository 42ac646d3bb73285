import * as fs from "node:fs";
import { WorkbookError } from "../../core/errors";
import type { GridFile } from "./grid";
import { openNetcdf } from "./netcdf";
import { openZarr } from "./zarr";

/**
 * Opens a gridded file: a Zarr group (a folder) or NetCDF-4.
 * @throws WorkbookError BadFile when it is neither, or not there
 * @example const grid = await openGrid("NEE.zarr")
 */
export async function openGrid(path: string): Promise<GridFile> {
  const stat = fs.statSync(path, { throwIfNoEntry: false });
  if (!stat) throw new WorkbookError("BadFile", `grid: ${path}: a Zarr folder or a NetCDF file required, found nothing there; check the path`, { file: path });
  return stat.isDirectory() ? openZarr(path) : openNetcdf(path);
}
