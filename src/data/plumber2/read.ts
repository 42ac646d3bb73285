import { WorkbookError } from "../../core/errors";
import { parseIgbp } from "../../core/sites";
import type { Detected } from "../towers/detect";
import { textAttribute } from "../grid/grid";
import type { HalfHourly } from "../half-hourly/half-hourly-table";
import type { InputFile } from "../files/input";
import { saturation } from "../simulate/weather";
import { conversionOf, PLUMBER2_COLUMNS, vpdOf } from "./columns";
import { readTowerTimes, type TowerTimes } from "./time-axis";
import { withTowerNetcdf, type TowerNetcdf } from "./tower-netcdf";

const NAME = /^([A-Z]{2}-[A-Za-z0-9]{2,4})_(\d{4}-\d{4})_(.+)_(Met|Flux)\.nc$/;
/** The products' reference: the attribute Fluxnet_name says NEE_VUT_REF, GPP_NT_VUT_REF, … */
const VARIANT = "NT_VUT_REF";
/** Quality of a half-hour without a flag of its own. */
const NO_FLAG = 255;

/**
 * What a PLUMBER2 file is, by its name `SITE_YEARS_SOURCE_Met|Flux.nc`: the Flux file is read with the Met file beside it, a Met file alone gives
 * drivers. Null for any other name.
 * @example detectPlumber2([], input)?.status // "read"
 */
export function detectPlumber2(_names: readonly string[], input: InputFile): Detected | null {
  const named = NAME.exec(input.name);
  if (named === null) return null;
  const flux = named[4] === "Met" ? partner(input) : null;
  if (flux !== null) return { status: "ignored", kind: "plumber2", site: named[1]!, reason: `meteorology that is read with ${flux.name}` };
  return { status: "read", kind: "plumber2", site: named[1]! };
}

function partner(input: InputFile): InputFile | null {
  return input.sibling(input.name.replace(/_(Met|Flux)\.nc$/, (_, part: string) => (part === "Met" ? "_Flux.nc" : "_Met.nc")));
}

/**
 * Reads a PLUMBER2 file and the one that belongs to it: half-hours or hours in local standard time, units of the half-hourly table, flags in
 * ONEFlux's meaning (0 measured, 1 to 3 filled; reanalysis, statistics and post-processing count as 3), position and IGBP class.
 * VPD that a file does not have is made from specific humidity, pressure and temperature.
 * @throws WorkbookError BadFile, BadUnit, BadDate; BadSite where the two files are of different sites or steps
 * @source Ukkola et al. 2022, doi:10.5194/essd-14-449-2022
 * @example (await readPlumber2(input)).columns.get("NEE")
 */
export async function readPlumber2(input: InputFile): Promise<HalfHourly> {
  const named = NAME.exec(input.name)!;
  const other = partner(input);
  const first = await readPart(input);
  const parts = other === null ? [first] : [first, await readPart(other)];
  const second = parts[1];
  if (second !== undefined && (second.site !== first.site || second.axis.start.length !== first.axis.start.length || second.axis.start[0] !== first.axis.start[0])) {
    throw new WorkbookError("BadSite", `ingest: ${input.path}: one site and the same steps required in ${other!.name}, found ${second.site} with ${second.axis.start.length} steps beside ${first.site} with ${first.axis.start.length}; download both again`, { file: input.path, site: first.site });
  }
  const columns = new Map(parts.flatMap((part) => [...part.columns]));
  const quality = new Map(parts.flatMap((part) => [...part.quality]));
  const { axis } = first;
  return {
    file: input.path, site: first.site, kind: "plumber2", source: `PLUMBER2_${named[3]}`,
    stepMinutes: axis.stepMinutes, start: axis.start, utcOffset: axis.utcOffset, columns, quality, ...(columns.has("NEE") ? { variant: VARIANT } : {}),
    lat: first.lat ?? second?.lat ?? null, lon: first.lon ?? second?.lon ?? null, igbp: first.igbp ?? second?.igbp ?? null,
    warnings: [...parts.flatMap((part) => part.warnings), ...(other === null && named[4] === "Flux" ? [`${input.path}: no ${input.name.replace("_Flux.nc", "_Met.nc")} beside it: fluxes without drivers`] : [])],
  };
}

interface Part {
  readonly site: string;
  readonly axis: TowerTimes;
  readonly columns: Map<string, Float32Array>;
  readonly quality: Map<string, Uint8Array>;
  readonly lat: number | null;
  readonly lon: number | null;
  readonly igbp: string | null;
  readonly warnings: string[];
}

async function readPart(input: InputFile): Promise<Part> {
  return withTowerNetcdf(input, async (file) => {
    const axis = await readTowerTimes(file, input.path);
    const columns = new Map<string, Float32Array>();
    const quality = new Map<string, Uint8Array>();
    const warnings: string[] = [];
    for (const [name, base] of PLUMBER2_COLUMNS) {
      if (!file.names.includes(name)) continue;
      const { values, attributes } = await file.numbers(name);
      if (values.length !== axis.start.length) throw new WorkbookError("BadFile", `ingest: ${input.path}: ${name}: one value a step (${axis.start.length}) required, found ${values.length}; download the file again`, { file: input.path, column: name });
      const { scale, offset } = conversionOf(input.path, name, base, textAttribute(attributes, "units") ?? "", axis.stepMinutes * 60);
      const column = partitionOf(base, textAttribute(attributes, "Fluxnet_name"));
      columns.set(column, Float32Array.from(values, (v) => v * scale + offset));
      if (file.names.includes(`${name}_qc`)) quality.set(column, flagsOf((await file.numbers(`${name}_qc`)).values));
    }
    const made = await fillVpd(file, columns);
    if (made > 0) warnings.push(`${input.path}: VPD made from specific humidity, pressure and temperature on ${made} steps`);
    if (axis.zone !== null && axis.utcOffset === null) warnings.push(`${input.path}: time zone ${axis.zone} is not known: local standard time without its distance from UTC`);
    const [lat, lon] = [await single(file, "latitude"), await single(file, "longitude")];
    const igbp = parseIgbp(await file.text("IGBP_veg_short"));
    return { site: textAttribute(file.attributes, "site_code") ?? NAME.exec(input.name)![1]!, axis, columns, quality, lat, lon, igbp, warnings };
  });
}

/** Night- or day-time partition, by the FLUXNET name that the file keeps of it. */
function partitionOf(column: string, fluxnetName: string | null): string {
  const told = /^(GPP|RECO)_(NT|DT)/.exec(fluxnetName ?? "");
  return told !== null && column.startsWith(told[1]!) ? told[0] : column;
}

function flagsOf(values: Float64Array): Uint8Array {
  return Uint8Array.from(values, (v) => (v !== v || v < 0 ? NO_FLAG : Math.min(3, v)));
}

/** Makes VPD where the file has none; tells at how many steps. */
async function fillVpd(file: TowerNetcdf, columns: Map<string, Float32Array>): Promise<number> {
  const [ta, pa] = [columns.get("TA"), columns.get("PA")];
  if (columns.has("VPD") || ta === undefined || pa === undefined || !file.names.includes("Qair")) return 0;
  const humidity = (await file.numbers("Qair")).values;
  const vpd = Float32Array.from(humidity, (q, i) => vpdOf(q, pa[i]!, saturation(ta[i]!)));
  columns.set("VPD", vpd);
  return vpd.reduce((n, v) => n + (v === v ? 1 : 0), 0);
}

async function single(file: TowerNetcdf, name: string): Promise<number | null> {
  if (!file.names.includes(name)) return null;
  const value = (await file.numbers(name)).values[0]!;
  return Number.isFinite(value) ? value : null;
}
