import { WorkbookError } from "../../core/errors";
import type { Variable, Variables } from "../columns";
import { isFluxComplete, type HeaderMap } from "./header";
import type { InputFile } from "../files/input";
import type { RawTable } from "./raw-table";
import { missingColumn, readMappedCsv } from "../files/read-csv";

/**
 * Reads an original daily file of FLUXNET2015, ONEFlux, AmeriFlux-FLUXNET or ICOS (SUBSET or FULLSET): one site, one row a day.
 * @throws WorkbookError MissingColumn when a meteorological column, or any of GPP, RECO, NEE and its QC of one variant, is not there
 * @source Pastorello et al. 2020, doi:10.1038/s41597-020-0534-3
 * @example await readOneflux(input, "DE-Hai", variables)
 */
export async function readOneflux(input: InputFile, site: string, variables: Variables): Promise<RawTable> {
  const { header, rows } = readMappedCsv(await input.bytes(), input.path, variables, (map) => {
    if (!map.keys.has("date")) throw missingColumn(`${input.path} (${site})`, "date", ["TIMESTAMP"], map);
    const [driver] = missingDrivers(map, variables);
    if (driver !== undefined) throw missingColumn(`${input.path} (${site})`, driver.column, driver.plain.slice(1, 3).map((a) => a.name), map);
    requireFluxes(map, input.path, site, variables);
  });
  return {
    file: input.path,
    kind: "oneflux-daily",
    header,
    site: new Array<string>(rows.n).fill(site),
    day: rows.day,
    place: (row) => `line ${rows.line[row]}`,
    numbers: rows.numbers,
    texts: new Map(),
    source: productOf(input.name),
    dayConvention: variables.dayConvention,
  };
}

/** Meteorological columns of an original tower file that a header does not have. */
export function missingDrivers(map: HeaderMap, variables: Variables): Variable[] {
  return variables.list.filter((v) => v.required && v.byVariant.size === 0 && !map.plain.has(v.column));
}

/**
 * Holds a header of ONEFlux to GPP, RECO, NEE and its QC of one variant.
 * @throws WorkbookError MissingColumn, with the nearest names
 */
export function requireFluxes(map: HeaderMap, file: string, site: string, variables: Variables): void {
  if (map.variants.some((v) => v.name !== null && isFluxComplete(v, true))) return;
  // The variant of which most is there is the one the user means.
  const best = [...map.variants].filter((v) => v.name !== null).sort((a, b) => b.columns.size - a.columns.size)[0]?.name ?? variables.variants[variables.variants.length - 1]!;
  const columns = map.variants.find((v) => v.name === best)?.columns;
  for (const v of variables.list) {
    if (v.required && v.byVariant.size > 0 && !columns?.has(v.column)) throw missingColumn(`${file} (${site})`, v.column, [v.byVariant.get(best)!], map);
  }
  throw new WorkbookError("MissingColumn", `ingest: ${file} (${site}): GPP, RECO, NEE and its QC of one variant required (${variables.variants.join(" or ")}), found them in none; download the file again`, { file, site });
}

/** The product in a file's name. @example productOf("FLX_DE-Hai_FLUXNET2015_SUBSET_DD_2000-2012_1-4.csv") // "FLUXNET2015_SUBSET_DD" */
export function productOf(name: string): string {
  const tokens = name.replace(/\.csv$/i, "").split("_");
  const from = tokens.findIndex((t) => /^[A-Z]{2}-[A-Za-z0-9]{2,4}$/.test(t)) + 1;
  const to = tokens.findIndex((t, k) => k >= from && /^(?:DD|HH|HR)$/.test(t)) + 1;
  return to > from ? tokens.slice(from, to).join("_") : name.replace(/\.csv$/i, "");
}
