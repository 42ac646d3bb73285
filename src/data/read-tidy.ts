import { WorkbookError } from "../core/errors";
import type { Variables } from "./columns";
import { isFluxComplete, type HeaderMap } from "./header";
import type { InputFile } from "./input";
import type { RawTable } from "./raw-table";
import { missingColumn, readMappedCsv } from "./read-csv";

/**
 * Reads a tidy CSV: columns `site` and `date`, then ONEFlux or canonical names. Rows may carry drivers only.
 * @throws WorkbookError MissingColumn (`site`, `date`, no known column, a flux without its partners), BadSite (a row without a site)
 * @example await readTidyCsv(input, variables)
 */
export async function readTidyCsv(input: InputFile, variables: Variables): Promise<RawTable> {
  const { header, rows, texts } = readMappedCsv(await input.bytes(), input.path, variables, (map) => requireTidy(map, input.path, variables));
  const site = texts.get("site")!;
  const place = (row: number): string => `line ${rows.line[row]}`;
  refuseUnnamed(site, input.path, place);
  return {
    file: input.path,
    kind: "tidy-csv",
    header,
    site: site as readonly string[],
    day: rows.day,
    place,
    numbers: rows.numbers,
    texts,
    source: input.name,
    dayConvention: conventionOf(header, variables),
  };
}

/** A site and a date, at least one known number column, and no variant with only some of GPP, RECO and NEE. */
export function requireTidy(map: HeaderMap, file: string, variables: Variables): void {
  for (const key of ["site", "date"] as const) if (!map.keys.has(key)) throw missingColumn(file, key, variables.keys[key].slice(0, 1), map);
  if (map.plain.size === 0 && map.variants.length === 0) {
    throw new WorkbookError("MissingColumn", `ingest: ${file}: at least one column of data/variables.json required besides site and date (TA_F, ta_degC, …), found ${map.names.slice(0, 8).join(", ")}; rename the columns`, { file });
  }
  const named = map.variants.filter((v) => ["gpp", "reco", "nee"].some((c) => v.columns.has(c)));
  const best = named[0];
  if (best === undefined || named.some((v) => isFluxComplete(v, false))) return;
  for (const column of ["gpp", "reco", "nee"]) {
    const variable = variables.list.find((v) => v.column === column)!;
    if (!best.columns.has(column)) throw missingColumn(file, column, [best.name === null ? column : variable.byVariant.get(best.name)!], map);
  }
}

/** Refuses rows without a site id. */
export function refuseUnnamed(site: readonly (string | null)[], file: string, place: (row: number) => string): void {
  const row = site.indexOf(null);
  if (row >= 0) throw new WorkbookError("BadSite", `ingest: ${file} ${place(row)}: a site id required, found none; fill it in or remove the row`, { file, column: "site" });
}

/** Tower names mean tower days (local standard time); a table with canonical names must say it itself. */
export function conventionOf(header: HeaderMap, variables: Variables): string | null {
  const fromTower = [...header.plain.values()].some((f) => f.name !== f.variable.column) || header.variants.some((v) => v.name !== null);
  return fromTower ? variables.dayConvention : null;
}
