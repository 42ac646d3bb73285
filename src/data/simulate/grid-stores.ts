import * as fs from "node:fs";
import * as path from "node:path";
import { WorkbookError } from "../../core/errors";
import { readJson, writeJson } from "../../core/json";
import { writeCoordinates } from "../grid/coordinates";
import { createZarr } from "../grid/write-zarr";
import { removePartials } from "../grid/zarr-files";
import type { ZarrArray } from "../grid/zarr-output";
import { driverArrays, gridAttributes, truthArrays } from "./grid-arrays";
import { gridFrameOf, type GridSettings } from "./grid-options";

/** Paths of the two stores of a simulated grid. */
export interface GridStores {
  readonly grid: string;
  /** noise-free fluxes and true traits on the same cells */
  readonly truth: string;
}

/**
 * Refuses to write over anything but a simulated grid: it may be a person's own.
 * @throws WorkbookError BadFile
 */
export function checkReplaceable(stores: GridStores): void {
  for (const store of Object.values(stores) as string[]) {
    const meta = path.join(store, "zarr.json");
    if (!fs.existsSync(store) || (fs.existsSync(meta) && readJson<{ attributes?: { simulated?: unknown } }>(meta, "simulate --grid").attributes?.simulated === "true")) continue;
    throw new WorkbookError("BadFile", `simulate --grid: ${store}: a new name or a simulated grid to replace is required, found something else; name another`, { file: store });
  }
}

/** Lays out the stores under work, or takes up those that an earlier call with the same settings left. */
export async function prepareStores(dir: string, settings: GridSettings, stores: GridStores): Promise<void> {
  const about = path.join(dir, "settings.json");
  const whole = [about, stores.grid, stores.truth].every((there) => fs.existsSync(there));
  if (whole && JSON.stringify(readJson(about, "simulate --grid")) === JSON.stringify(settings)) {
    for (const store of [stores.grid, stores.truth]) removePartials(store);
    return;
  }
  for (const left of [about, stores.grid, stores.truth, path.join(dir, "tiles")]) fs.rmSync(left, { recursive: true, force: true });
  const frame = gridFrameOf(settings);
  const lay = async (store: string, title: string, arrays: readonly ZarrArray[]): Promise<void> => writeCoordinates(await createZarr(store, gridAttributes(title, settings), arrays), frame);
  await lay(stores.grid, "Drivers of a simulated globe", driverArrays(frame));
  await lay(stores.truth, "True fluxes and traits of a simulated globe", truthArrays(frame));
  // the last: without it the stores are begun anew
  writeJson(about, settings);
}

/** Puts finished stores in their place, the grid last: a grid never lacks its truth. */
export function moveStores(from: GridStores, to: GridStores): void {
  for (const key of ["truth", "grid"] as const) {
    fs.rmSync(to[key], { recursive: true, force: true });
    fs.renameSync(from[key], to[key]);
  }
}
