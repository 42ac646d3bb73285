import { spawnSync } from "node:child_process";
import * as path from "node:path";
import { projectRoot } from "../../src/core/files";

/** Python of the set-up, which has xarray, zarr and h5netcdf. */
export const PYTHON = path.join(projectRoot(), ".venv", process.platform === "win32" ? "Scripts/python.exe" : "bin/python");

/** The `skip` option of a test that reads with xarray. In CI it is always there, so that a missing package fails. */
export function needsXarray(): { skip: string | false } {
  const there = process.env["CI"] !== undefined || spawnSync(PYTHON, ["-c", "import xarray, zarr, h5netcdf"]).status === 0;
  return { skip: there ? false : "needs xarray, zarr and h5netcdf in .venv: npm run setup" };
}

/** What xarray finds in a Zarr store. */
export interface SeenByXarray {
  readonly sizes: Readonly<Record<string, number>>;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** first and last day of `time` */
  readonly days: readonly string[];
  readonly arrays: Readonly<Record<string, { readonly dims: readonly string[]; readonly type: string; readonly units: string | null; readonly sha256: string }>>;
}

/** Reads a store with xarray; a warning of Python is an error. @example readWithXarray("G.zarr").arrays["GPP"]!.sha256 */
export function readWithXarray(store: string): SeenByXarray {
  const run = spawnSync(PYTHON, ["-W", "error", path.join(__dirname, "read_zarr.py"), store], { encoding: "utf8", maxBuffer: 1 << 26 });
  if (run.status !== 0) throw new Error(`readWithXarray: ${store}: ${run.stderr || run.error?.message}`);
  return JSON.parse(run.stdout) as SeenByXarray;
}
