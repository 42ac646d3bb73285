import { WorkbookError } from "../../core/errors";
import type { SiteId } from "../../core/sites";
import { missingColumn } from "../files/read-csv";
import { readVariables } from "../columns";
import { readHeader, readRows } from "../files/csv";
import { gunzipped } from "../files/decompress";
import { mapHeader } from "../towers/header";
import { daysInMonth, monthStart } from "../grid/cf";

/** Monthly mean fluxes, g C m⁻² d⁻¹, one entry a site and month. */
export interface MonthlyFluxes {
  readonly site: readonly SiteId[];
  /** first day of the month `[row]` */
  readonly month: Int32Array;
  readonly gpp: Float32Array;
  readonly reco: Float32Array;
  readonly nee: Float32Array;
}

const TOWER = { gpp: "GPP_SOLO_EC", reco: "ER_SOLO_EC", nee: "NEE_SOLO_EC" } as const;
const FLUXCOM_RS = { gpp: "FLUXCOM_RS_GPP", reco: "FLUXCOM_RS_ER", nee: "FLUXCOM_RS_NEE" } as const;

/**
 * Reads OzFlux towers and FLUXCOM-RS at them (an older product than X-BASE) from the published monthly file: g C m⁻² month⁻¹ there, divided
 * here by the days of the month. Tower fluxes are gap-filled months.
 * @throws WorkbookError BadFile, MissingColumn, BadDate, EmptyTable
 * @source Burton et al. 2023, doi:10.5194/bg-20-4109-2023
 * @example const { tower, product } = readOzflux("ozflux_monthly.csv.gz")
 */
export function readOzflux(file: string): { tower: MonthlyFluxes; product: MonthlyFluxes } {
  const variables = readVariables();
  const bytes = readBytes(file);
  const header = readHeader(bytes, file);
  const map = mapHeader(header.names, variables);
  const column = (name: string): number => {
    const index = header.names.indexOf(name);
    if (index < 0) throw missingColumn(file, name, [name], map);
    return index;
  };
  const numbers = [...Object.values(TOWER), ...Object.values(FLUXCOM_RS)].map(column);
  const [site, time] = [column("site"), column("time")];
  const rows = readRows(bytes, header, { day: time, numbers, texts: [site], missingTexts: variables.missingTexts, missingCodes: variables.missingCodes }, file);
  const ids = rows.texts.get(site)!;
  const month = Int32Array.from(rows.day, (d) => monthStart(d));
  const series = (names: typeof TOWER | typeof FLUXCOM_RS): MonthlyFluxes => {
    const perDay = (name: string): Float32Array => Float32Array.from(rows.numbers.get(column(name))!, (v, i) => v / daysInMonth(month[i]!));
    return { site: ids, month, gpp: perDay(names.gpp), reco: perDay(names.reco), nee: perDay(names.nee) };
  };
  const twice = ids.findIndex((id, i) => i > 0 && ids[i - 1] === id && month[i] === month[i - 1]);
  if (twice >= 0) throw new WorkbookError("DuplicateDay", `ozflux: ${file} line ${rows.line[twice]}: ${ids[twice]}: one line a month required, found two; remove one`, { file, line: rows.line[twice]!, site: ids[twice]! });
  return { tower: series(TOWER), product: series(FLUXCOM_RS) };
}

function readBytes(file: string): Uint8Array {
  try {
    return gunzipped(file);
  } catch (cause) {
    throw new WorkbookError("BadFile", `ozflux: ${file}: a readable file required, found: ${(cause as Error).message}; check the path`, { file, cause });
  }
}
