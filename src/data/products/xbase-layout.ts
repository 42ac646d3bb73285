import * as fs from "node:fs";
import * as path from "node:path";
import { formatDay, yearOf, asDay } from "../../core/days";
import { WorkbookError } from "../../core/errors";
import { readAxis, type Axis } from "../grid/axis";
import { fluxFactor, monthStart, readDays } from "../grid/cf";
import { textAttribute, type GridFile, type GridVariable } from "../grid/grid";
import { openGrid } from "../grid/open";
import { isZarr } from "../grid/zarr";

/** The fluxes X-BASE has; RECO is their sum. */
export const XBASE_FLUXES = ["GPP", "NEE"] as const;
export type XbaseFlux = (typeof XBASE_FLUXES)[number];

/** One file of X-BASE, its axes and units checked. */
export interface XbaseFile {
  readonly flux: XbaseFlux;
  readonly grid: GridFile;
  readonly variable: GridVariable;
  readonly lat: Axis;
  readonly lon: Axis;
  /** the day of each step, a month's first `[time]` */
  readonly days: Int32Array;
  /** from the file's unit to g C m⁻² d⁻¹ */
  readonly factor: number;
}

/** X-BASE as found on disk. Whoever opens it closes it. */
export interface Xbase {
  readonly path: string;
  /** `hour`: time × hour × lat × lon; `month`: time × lat × lon, a file a year */
  readonly layout: "hour" | "month";
  readonly files: readonly XbaseFile[];
  close(): void;
}

const YEARLY = /^(GPP|NEE)_(\d{4})_(\d{3})_monthly\.nc$/;
const DIMS = { hour: ["time", "hour", "lat", "lon"], month: ["time", "lat", "lon"] } as const;

/**
 * Opens X-BASE: a folder of `{GPP|NEE}_{year}_050_monthly.nc`, or the hourly Zarr as one group or as the groups GPP and NEE.
 * Units, calendar, axes and the presence of both fluxes are checked before anything is read.
 * @throws WorkbookError BadFile, MissingColumn, BadUnit or BadDate naming the file and what it should be
 * @source Nelson, Walther et al. 2024, doi:10.5194/bg-21-5079-2024
 * @example const xbase = await openXbase("xbase-monthly"); xbase.layout // "month"
 */
export async function openXbase(dir: string): Promise<Xbase> {
  const opened: GridFile[] = [];
  const close = (): void => opened.forEach((grid) => grid.close());
  try {
    const files: XbaseFile[] = [];
    for (const { flux, file, year } of listFiles(dir)) {
      const grid = await openGrid(file);
      opened.push(grid);
      files.push(await checkFile(grid, flux, year));
    }
    const layout = files[0]!.variable.dims.length === 4 ? "hour" : "month";
    const odd = files.find((f) => !sameAxis(f.lat, files[0]!.lat) || !sameAxis(f.lon, files[0]!.lon) || f.variable.dims.length !== files[0]!.variable.dims.length);
    if (odd) throw new WorkbookError("BadFile", `xbase: ${odd.grid.path}: one grid and one time step in all files required, found another than in ${files[0]!.grid.path}; keep one version of the product in the folder`, { file: odd.grid.path });
    return { path: dir, layout, files, close };
  } catch (error) {
    close();
    throw error;
  }
}

function listFiles(dir: string): { flux: XbaseFlux; file: string; year: number | null }[] {
  const entries = fs.statSync(dir, { throwIfNoEntry: false })?.isDirectory() ? fs.readdirSync(dir).sort() : null;
  if (entries === null) throw new WorkbookError("BadFile", `xbase: ${dir}: a folder with X-BASE's files required, found none there; check the path`, { file: dir });
  const yearly = entries.flatMap((name) => {
    const m = YEARLY.exec(name);
    return m === null ? [] : [{ flux: m[1] as XbaseFlux, year: Number(m[2]), grid: m[3]!, file: path.join(dir, name) }];
  });
  if (yearly.length > 0) {
    const versions = [...new Set(yearly.map((f) => f.grid))];
    if (versions.length > 1) throw new WorkbookError("BadFile", `xbase: ${dir}: files of one resolution required, found ${versions.join(" and ")}; keep one in the folder`, { file: dir });
    for (const [flux, other] of [["GPP", "NEE"], ["NEE", "GPP"]] as const) {
      const lone = yearly.find((f) => f.flux === flux && !yearly.some((g) => g.flux === other && g.year === f.year));
      if (lone) throw new WorkbookError("MissingColumn", `xbase: ${dir}: ${other}_${lone.year}_${lone.grid}_monthly.nc required beside ${path.basename(lone.file)}, not there: RECO = GPP + NEE needs both; fetch it`, { file: dir, column: other });
    }
    return yearly;
  }
  const groups = XBASE_FLUXES.map((flux) => ({ flux, year: null, file: [flux, `${flux}.zarr`].map((name) => path.join(dir, name)).find(isGroup) }));
  if (isZarr(dir) && groups.every((g) => g.file === undefined)) return XBASE_FLUXES.map((flux) => ({ flux, file: dir, year: null }));
  const lacking = groups.find((g) => g.file === undefined);
  if (lacking) throw new WorkbookError("MissingColumn", `xbase: ${dir}: GPP_{year}_050_monthly.nc and NEE_{year}_050_monthly.nc, or the Zarr groups GPP and NEE required, found no ${lacking.flux} among ${entries.slice(0, 6).join(", ") || "nothing"}; see fetch xbase-monthly`, { file: dir, column: lacking.flux });
  return groups as { flux: XbaseFlux; file: string; year: null }[];
}

/** A Zarr group, not the array of that name inside a group that holds both fluxes. */
function isGroup(dir: string): boolean {
  return isZarr(dir) && !fs.existsSync(path.join(dir, ".zarray")) && fs.readdirSync(dir, { withFileTypes: true }).some((e) => e.isDirectory() && isZarr(path.join(dir, e.name)));
}

async function checkFile(grid: GridFile, flux: XbaseFlux, year: number | null): Promise<XbaseFile> {
  const variable = await grid.variable(flux);
  const wanted = variable.dims.includes("hour") ? DIMS.hour : DIMS.month;
  const where = `xbase: ${grid.path}: ${flux}`;
  const fields = { file: grid.path, column: flux };
  if (variable.dims.join() !== wanted.join()) throw new WorkbookError("BadFile", `${where}: axes ${wanted.join(" × ")} required, found ${variable.dims.join(" × ") || "none named"}; give the product as published`, fields);
  if (wanted === DIMS.hour && variable.shape[1] !== 24) throw new WorkbookError("BadFile", `${where}: 24 hours a day required, found ${variable.shape[1]}; give the product as published`, fields);
  const factor = fluxFactor(textAttribute(variable.attributes, "units"), grid.path, flux);
  const [lat, lon] = [await readAxis(grid, "lat", 90), await readAxis(grid, "lon", 180)];
  const stamped = await readDays(grid);
  const days = wanted === DIMS.hour ? stamped : stamped.map((d) => monthStart(d));
  const shape = [days.length, ...(wanted === DIMS.hour ? [24] : []), lat.centres.length, lon.centres.length];
  if (variable.shape.join() !== shape.join()) throw new WorkbookError("BadFile", `${where}: shape [${shape.join(", ")}] as its axes say required, found [${variable.shape.join(", ")}]; copy the file again`, fields);
  for (let i = 1; i < days.length; i++) {
    if (days[i] === days[i - 1]) throw new WorkbookError("BadDate", `${where}: one step a ${wanted === DIMS.hour ? "day" : "month"} required, found two for ${formatDay(asDay(days[i]!))}; give the product as published`, fields);
  }
  const strange = year === null ? undefined : days.find((d) => yearOf(asDay(d)) !== year);
  if (strange !== undefined) throw new WorkbookError("BadDate", `${where}: months of ${year} as the file's name says required, found ${formatDay(asDay(strange))}; download the file again`, fields);
  return { flux, grid, variable, lat, lon, days, factor };
}

function sameAxis(a: Axis, b: Axis): boolean {
  return a.centres.length === b.centres.length && Math.abs(a.centres[0]! - b.centres[0]!) < 1e-4 && Math.abs(a.step - b.step) < 1e-6;
}
