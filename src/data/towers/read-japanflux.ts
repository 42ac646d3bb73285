import { WorkbookError } from "../../core/errors";
import type { Variables } from "../columns";
import type { Detected } from "./detect";
import { isFluxComplete, type FoundVariant, type HeaderMap } from "./header";
import type { InputFile } from "../files/input";
import type { RawTable } from "./raw-table";
import { missingColumn, readMappedCsv } from "../files/read-csv";

/** Name of a JapanFlux2024 file, e.g. `FLX_JP-Tak_JapanFLUX2024_ALLVARS_DD_1998-2021_1-3.csv`; site, set and resolution are its groups. */
const NAME = /^FLX_([A-Z]{2}-[A-Za-z0-9]{2,4})_JapanFLUX2024_(ALLVARS|COREVARS)_([A-Z]{2})_/i;

/**
 * What a JapanFlux2024 file is, by its name: the daily one is read. Null for any other file, and for its other resolutions, which are named as such
 * elsewhere.
 * @example detectJapanFlux([], input)?.site // "JP-Tak"
 */
export function detectJapanFlux(_names: readonly string[], input: InputFile): Detected | null {
  const named = NAME.exec(input.name);
  return named !== null && named[3]!.toUpperCase() === "DD" ? { status: "read", kind: "japanflux-daily", site: named[1]! } : null;
}

/**
 * Reads a JapanFlux2024 daily file: ONEFlux names, but the reference of the variable u* threshold is `NEE_vUT`, `GPP_NT_vUT`, `RECO_NT_vUT`, a variant
 * of its own (NT_VUT). Its QC is left out: users describe `NEE_vUT_QC` as a share of filled half-hours, the reverse of ONEFlux's, and no
 * statement of the authors was at hand; unknown QC is safer than a reversed one.
 * @throws WorkbookError MissingColumn
 * @source Ueyama et al. 2025, doi:10.5194/essd-17-3807-2025
 * @example await readJapanFlux(input, { variables })
 */
export async function readJapanFlux(input: InputFile, { variables }: { readonly variables: Variables }): Promise<RawTable> {
  const [, site, set] = NAME.exec(input.name) as unknown as [string, string, string];
  const { header, rows } = readMappedCsv(await input.bytes(), input.path, variables, (map) => requireFluxes(map, input.path, site));
  return {
    file: input.path,
    kind: "japanflux-daily",
    header: { ...header, variants: header.variants.map(withoutQc) },
    site: new Array<string>(rows.n).fill(site),
    day: rows.day,
    place: (row) => `line ${rows.line[row]}`,
    numbers: rows.numbers,
    texts: new Map(),
    source: `JapanFLUX2024_${set}_DD`,
    dayConvention: variables.dayConvention,
    warnings: [`${input.path}: ${site}: QC of JapanFlux2024 is left out, for its meaning is not ONEFlux's for certain`],
  };
}

function requireFluxes(map: HeaderMap, file: string, site: string): void {
  if (map.variants.some((v) => v.name !== null && isFluxComplete(v, false))) return;
  if (map.variants.length === 0) throw missingColumn(`${file} (${site})`, "nee", ["NEE_vUT"], map);
  throw new WorkbookError("MissingColumn", `ingest: ${file} (${site}): NEE, GPP_NT and RECO_NT of one variant (vUT or vUT_USTAR50) required, found them in none; download the file again`, { file, site });
}

function withoutQc(variant: FoundVariant): FoundVariant {
  return { name: variant.name, columns: new Map([...variant.columns].filter(([column]) => column !== "nee_qc")) };
}
