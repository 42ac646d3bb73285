import { WorkbookError } from "../../core/errors";
import { readHeader, readRows } from "../files/csv";
import { productOf } from "../towers/read-oneflux";
import type { FileBlocks } from "../ingest/site-block";
import { siteInName } from "../towers/site-name";
import { driverBlock } from "./driver-block";
import type { DriverContext } from "./driver-context";

/** Columns of the downscaled reanalysis that come with FLUXNET products, in the units of the tower's own. @source Vuichard & Papale 2015, doi:10.5194/essd-7-157-2015 */
export const COMPANION_COLUMNS: Readonly<Record<string, string>> = { TA_ERA: "ta_degC", SW_IN_ERA: "sw_in_W_m2", LW_IN_ERA: "lw_in_W_m2", VPD_ERA: "vpd_hPa", PA_ERA: "pa_kPa", P_ERA: "p_mm_d", WS_ERA: "ws_m_s" };

/**
 * Reads a daily companion of FLUXNET2015, ONEFlux or ICOS (`FLX_FI-Hyy_…_ERAI_DD_…`, `ERA5`): reanalysis downscaled to the tower, gapless, on
 * the tower's days.
 * @throws WorkbookError BadSite (no site in the name), MissingColumn, BadDate, DuplicateDay through days out of order
 * @source Vuichard & Papale 2015, doi:10.5194/essd-7-157-2015
 * @example companionBlocks(bytes, file, "FLX_FI-Hyy_FLUXNET2015_ERAI_DD_1989-2020_beta-3.csv", context).blocks[0].numbers.get("ta_degC")
 */
export function companionBlocks(bytes: Uint8Array, file: string, name: string, context: DriverContext): FileBlocks {
  const site = siteInName(name);
  if (site === null) throw new WorkbookError("BadSite", `ingest: ${file}: a site id in the file's name as in FLX_DE-Hai_… required, found none; rename the file`, { file });
  const header = readHeader(bytes, file);
  const day = header.names.indexOf("TIMESTAMP");
  const found = Object.keys(COMPANION_COLUMNS).flatMap((column) => (header.names.includes(column) ? [{ column, at: header.names.indexOf(column) }] : []));
  if (day < 0 || found.length === 0) throw new WorkbookError("MissingColumn", `ingest: ${file}: TIMESTAMP and ${Object.keys(COMPANION_COLUMNS).join(", ")} required, found ${header.names.slice(0, 8).join(", ")}; download the daily file (DD) again`, { file, site });
  const { variables } = context;
  const rows = readRows(bytes, header, { day, numbers: found.map((f) => f.at), texts: [], missingTexts: variables.missingTexts, missingCodes: variables.missingCodes }, file);
  const columns = new Map(found.map(({ column, at }) => [COMPANION_COLUMNS[column]!, Float32Array.from(rows.numbers.get(at)!)]));
  const { block, excluded } = driverBlock({ file, site, day: rows.day, columns, source: productOf(name), dayConvention: variables.dayConvention }, variables);
  return { blocks: [block], sites: [], unsorted: 0, excluded, warnings: [] };
}
