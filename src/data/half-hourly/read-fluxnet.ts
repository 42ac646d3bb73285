import { readVariables } from "../columns";
import { isFluxComplete, mapHeader, type Found, type FoundVariant } from "../towers/header";
import type { InputFile } from "../files/input";
import { missingDrivers, productOf, requireFluxes } from "../towers/read-oneflux";
import type { HalfHourly } from "./half-hourly-table";
import { readHead } from "./head";
import { takeOutImpossible } from "./limits";
import { refuseMixedVpd } from "./mixed-vpd";
import type { ScannedRows } from "./scan";
import { scanFile, type HalfHourlyOptions } from "./scan-file";
import { hasStamps, siteOf, stampColumn } from "./stamp-columns";
import { onAxis, timeAxis } from "./time-axis";
import { HALF_HOURLY, halfHourlyVariable, type HalfHourlyVariable } from "./variables";

/** Columns of ONEFlux beside those of the daily table that a partition needs. */
const MORE = ["USTAR", "RH", "PPFD_IN"];
/** The flag's column of a value's. */
const flagOf = (name: string): string => `${name}_QC`;

/** Whether a header is that of ONEFlux half-hours (FLUXNET2015, AmeriFlux-FLUXNET, ICOS): its stamps and its names of gap-filled columns. */
export function detectFluxnet(names: readonly string[]): boolean {
  return hasStamps(names) && names.some((name) => /^(?:(?:NEE|GPP_[ND]T|RECO_[ND]T)_[VC]UT_.+|(?:TA|SW_IN|VPD|P|PA|WS)_F(?:_MDS)?)$/i.test(name));
}

/**
 * Reads half-hours or hours of FLUXNET2015, AmeriFlux-FLUXNET or ICOS (SUBSET or FULLSET, HH or HR): filled and partitioned, with flags. One
 * target variant: the first whose GPP, RECO, NEE and QC hold values, or the one asked for.
 * @throws WorkbookError MissingColumn, BadUnit, BadDate, DuplicateDay, BadFile, EmptyTable: with the line
 * @source Pastorello et al. 2020, doi:10.1038/s41597-020-0534-3
 * @example (await readFluxnet(input)).columns.get("GPP_NT")
 */
export async function readFluxnet(input: InputFile, options: HalfHourlyOptions = {}): Promise<HalfHourly> {
  const variables = readVariables();
  const file = input.path;
  const head = await readHead(input);
  const { stamp, ends } = stampColumn(head.names, file);
  const site = siteOf(input, head.preamble);
  const map = mapHeader(head.names, variables);
  requireFluxes(map, file, site, variables);
  const position = (name: string): number => head.names.findIndex((n) => n.toUpperCase() === name.toUpperCase());
  const more = MORE.map(position).filter((k) => k >= 0);
  const found = [...map.plain.values(), ...map.variants.flatMap((v) => [...v.columns.values()])].filter((f) => baseOf(f) !== undefined);
  const flags = found.map((f) => position(flagOf(f.name))).filter((k) => k >= 0);
  const rows = await scanFile(input, head, { stamp, time: null, order: "ymd", numbers: [...new Set([...found.map((f) => f.index), ...flags, ...more])] }, variables, options);
  const axis = timeAxis(rows, { file, ends });
  const variant = chooseHalfHourly(map.variants, rows, position, options.variant);

  const absent = missingDrivers(map, variables).map((v) => v.plain[1]!.name);
  const warnings = [...axis.warnings, ...(absent.length > 0 ? [`${file}: ${site}: no ${absent.join(", ")} in the file: missing all through`] : [])];
  const asRead = new Map<string, Float32Array>();
  const columns = new Map<string, Float32Array>();
  const quality = new Map<string, Float32Array>();
  const take = (variable: HalfHourlyVariable, index: number, { scale, offset }: Pick<Found, "scale" | "offset">): void => {
    const raw = rows.numbers.get(index)!;
    const values = scale === 1 && offset === 0 ? raw : raw.map((v) => v * scale + offset);
    const out = takeOutImpossible({ file, site, name: head.names[index]!, variable, values }, rows);
    if (out > 0) warnings.push(`${file}: ${head.names[index]}: ${out} half-hours outside ${variable.range[0]}…${variable.range[1]} ${variable.unit} are left out`);
    asRead.set(variable.base, values);
    columns.set(variable.base, onAxis(axis, values));
    const flag = rows.numbers.get(position(flagOf(head.names[index]!)));
    if (flag !== undefined) quality.set(variable.base, onAxis(axis, flag));
  };
  for (const f of [...map.plain.values(), ...(variant?.columns.values() ?? [])]) {
    const variable = baseOf(f);
    if (variable !== undefined) take(variable, f.index, f);
  }
  for (const index of more) take(halfHourlyVariable(head.names[index]!.toUpperCase())!, index, { scale: 1, offset: 0 });
  if (asRead.has("VPD") && asRead.has("TA")) refuseMixedVpd({ file, site }, asRead.get("VPD")!, asRead.get("TA")!, rows);
  return {
    file, site, kind: "fluxnet-half-hourly", source: productOf(input.name), stepMinutes: axis.stepMinutes, start: axis.start, utcOffset: null,
    columns, quality, ...(variant?.name ? { variant: variant.name } : {}), lat: null, lon: null, igbp: null, warnings,
  };
}

/** The quantity of a column of the daily table; the flags of fluxes are none. */
function baseOf({ variable }: Found): HalfHourlyVariable | undefined {
  return HALF_HOURLY.find((v) => v.column === variable.column);
}

function chooseHalfHourly(variants: readonly FoundVariant[], rows: ScannedRows, position: (name: string) => number, wanted: string | undefined): FoundVariant | undefined {
  const named = variants.filter((v) => v.name !== null && isFluxComplete(v, true));
  const anyKnown = (index: number): boolean => rows.numbers.get(index)?.some((v) => v === v) ?? false;
  const full = named.filter((v) => ["gpp", "reco", "nee"].every((c) => anyKnown(v.columns.get(c)!.index)) && anyKnown(position(flagOf(v.columns.get("nee")!.name))));
  return full.find((v) => v.name === wanted) ?? full[0] ?? named[0];
}
