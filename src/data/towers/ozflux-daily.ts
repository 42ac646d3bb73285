import { WorkbookError } from "../../core/errors";
import type { Variables } from "../columns";
import type { Detected } from "./detect";
import { conversion, type Conversion } from "../grid/physical-unit";
import { firstNumber, textAttribute } from "../grid/grid";
import { mapHeader } from "./header";
import type { InputFile } from "../files/input";
import { readMinutes } from "../plumber2/time-axis";
import { withTowerNetcdf, type TowerNetcdf } from "../plumber2/tower-netcdf";
import type { RawTable } from "./raw-table";
import { siteInName } from "./site-name";

const NAME = /_L6(?:_(Daily|Monthly|Annual|Summary|Cumulative))?\.nc$/i;
/** Partitions of PyFluxPro, the published default first. */
const METHODS = ["SOLO", "LT", "LL"] as const;
const FLUXES = [["NEE", "nee"], ["GPP", "gpp"], ["ER", "reco"]] as const;
/** Means of the day and the day's rain, with the canonical column and its unit. */
const DRIVERS = [["Ta", "ta_degC", "°C"], ["Fsd", "sw_in_W_m2", "W m-2"], ["ps", "pa_kPa", "kPa"], ["Ws", "ws_m_s", "m s-1"], ["Precip", "p_mm_d", "mm d-1"], ["Fe", "le_W_m2", "W m-2"], ["Fh", "h_W_m2", "W m-2"], ["Fn", "netrad_W_m2", "W m-2"]] as const;

/**
 * What an OzFlux L6 file is, by its name: the daily one is read, the others are named. Null for any other name.
 * @example detectOzfluxDaily([], input)?.status // "read"
 */
export function detectOzfluxDaily(_names: readonly string[], input: InputFile): Detected | null {
  const named = NAME.exec(input.name);
  if (named === null) return null;
  const part = named[1]?.toLowerCase() ?? "half-hourly";
  if (part === "daily") return { status: "read", kind: "ozflux-l6-daily", site: siteInName(input.name) };
  return { status: "ignored", kind: "ozflux-l6", site: siteInName(input.name), reason: `OzFlux L6, ${part}: the file …_L6_Daily.nc of the same site is read` };
}

/**
 * Reads an OzFlux L6 daily file (PyFluxPro): NEE, GPP and ER of one partition (SOLO, else LT, else LL), all three of the same, and daily drivers.
 * It has no daily VPD: a mean of vapour pressure does not give one. Its flags count measured half-hours by another rule than ONEFlux's, so QC
 * is unknown.
 * @throws WorkbookError MissingColumn (no whole partition), BadUnit, BadSite (no FLUXNET id in the file or its name), BadDate
 * @source PyFluxPro, pfp_rp.py, L6_summary_daily: fluxes summed to gC/m^2/day, rain to mm/day, the rest averaged; Isaac et al. 2017, doi:10.5194/bg-14-2903-2017
 * @example (await readOzfluxDaily(input, { variables })).day.length
 */
export async function readOzfluxDaily(input: InputFile, { variables }: { readonly variables: Variables }): Promise<RawTable> {
  return withTowerNetcdf(input, async (file) => {
    const site = siteInName(textAttribute(file.attributes, "fluxnet_id") ?? "") ?? siteInName(input.name);
    if (site === null) throw new WorkbookError("BadSite", `ingest: ${input.path}: a FLUXNET id required (attribute fluxnet_id, or in the file's name as in AU-Tum_L6_Daily.nc), found none; rename the file`, { file: input.path });
    const day = Int32Array.from((await readMinutes(file, input.path)).minutes, (m) => Math.floor(m / 1440));
    const method = METHODS.find((m) => FLUXES.every(([name]) => file.names.includes(`${name}_${m}`)));
    if (method === undefined) throw new WorkbookError("MissingColumn", `ingest: ${input.path} (${site}): NEE, GPP and ER of one partition (${METHODS.join(", ")}) required, found ${file.names.filter((n) => /^(NEE|GPP|ER)/.test(n)).join(", ") || "none"}; download it again`, { file: input.path, site });
    const columns = new Map<string, Float64Array>();
    for (const [name, column] of FLUXES) columns.set(column, await readColumn(file, input.path, `${name}_${method}`, day.length, carbon));
    for (const [name, column, unit] of DRIVERS) if (file.names.includes(name)) columns.set(column, await readColumn(file, input.path, name, day.length, (given) => conversion(given, unit, { sum: column === "p_mm_d" })));
    const fixed = ["site", "date", "lat", "lon"];
    const texts = (["latitude", "longitude"] as const).map((name) => degrees(file, name));
    return {
      file: input.path, kind: "ozflux-l6-daily", header: mapHeader([...fixed, ...columns.keys()], variables),
      site: new Array<string>(day.length).fill(site), day, place: (row) => `day ${row + 1}`,
      numbers: new Map([...columns.values()].map((values, k) => [fixed.length + k, values])),
      texts: new Map((["lat", "lon"] as const).map((key, k) => [key, new Array<string | null>(day.length).fill(texts[k]!)])),
      source: `OzFlux_L6_${method}`, dayConvention: variables.dayConvention,
    };
  });
}

const carbon = (unit: string): Conversion | null => (/^gC\/m\^?2(\/d(ay)?)?$/i.test(unit.replace(/\s/g, "")) ? { scale: 1, offset: 0 } : null);

async function readColumn(file: TowerNetcdf, shown: string, name: string, days: number, wayFrom: (unit: string) => Conversion | null): Promise<Float64Array> {
  const { values, attributes } = await file.numbers(name);
  const unit = textAttribute(attributes, "units") ?? "";
  const way = wayFrom(unit.replace(/degC/, "°C"));
  if (way === null) throw new WorkbookError("BadUnit", `ingest: ${shown}: ${name} in the unit of PyFluxPro's daily files required, found "${unit}"; download it again`, { file: shown, column: name });
  if (values.length !== days) throw new WorkbookError("BadFile", `ingest: ${shown}: ${name}: one value a day (${days}) required, found ${values.length}; download it again`, { file: shown, column: name });
  return values.map((v) => (v <= -9999 ? NaN : v * way.scale + way.offset));
}

/** Position among the attributes, where it stands as a number or as a text. */
function degrees(file: TowerNetcdf, name: string): string | null {
  const value = firstNumber(file.attributes[name]) ?? Number(textAttribute(file.attributes, name) ?? NaN);
  return Number.isFinite(value) ? String(value) : null;
}
