import { WorkbookError } from "../../core/errors";
import type { Variables } from "../columns";
import { isFluxComplete, type HeaderMap } from "./header";
import type { InputFile } from "../files/input";
import type { Mapping } from "./mapping";
import { mappedHeader } from "./mapping-header";
import type { RawTable } from "./raw-table";
import { missingColumn, readMappedCsv } from "../files/read-csv";

/**
 * Reads a tidy CSV: columns `site` and `date`, then ONEFlux or canonical names, or the names of a mapping. Rows may carry drivers only.
 * @throws WorkbookError MissingColumn (`site`, `date`, no known column, a flux without its partners), BadSite (a row without a site), BadFile (text
 *   that is not UTF-8)
 * @example await readTidyCsv(input, variables)
 */
export async function readTidyCsv(input: InputFile, variables: Variables, mapping: Mapping | null = null): Promise<RawTable> {
  const requireIt = (map: HeaderMap): void => requireTidy(map, input.path, variables, mapping);
  const { header, rows, texts } = readMappedCsv(await input.bytes(), input.path, variables, requireIt, (names) => mappedHeader(names, variables, input.path, mapping));
  const site = texts.get("site") ?? new Array<string | null>(rows.n).fill(mapping?.site ?? null);
  const place = (row: number): string => `line ${rows.line[row]}`;
  for (const [key, values] of texts) refuseMangled(values, key, input.path, place);
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

/** UTF-8, a site (a column, or the mapping's one) and a date, at least one known number column, and no variant with only some of GPP, RECO and NEE. */
export function requireTidy(map: HeaderMap, file: string, variables: Variables, mapping: Mapping | null = null): void {
  const mangled = map.names.findIndex((name) => name.includes(REPLACED));
  if (mangled >= 0) throw notUtf8(file, "the header", `column ${mangled + 1} (${map.names[mangled]})`);
  const needed = mapping?.site ? (["date"] as const) : (["site", "date"] as const);
  for (const key of needed) if (!map.keys.has(key)) throw missingColumn(file, key, variables.keys[key].slice(0, 1), map);
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

/** What a decoder puts in the place of bytes that are no UTF-8. */
const REPLACED = "\ufffd";

function refuseMangled(values: readonly (string | null)[], key: string, file: string, place: (row: number) => string): void {
  const row = values.findIndex((value) => value !== null && value.includes(REPLACED));
  if (row >= 0) throw notUtf8(file, place(row), `${key} "${values[row]}"`);
}

function notUtf8(file: string, where: string, found: string): WorkbookError {
  return new WorkbookError("BadFile", `ingest: ${file} ${where}: text in UTF-8 required, found other bytes in ${found}; save the file as UTF-8 (iconv -f LATIN1 -t UTF-8)`, { file });
}

/** Refuses rows without a site id, or with one that every object of the language has as a property: counts by site would go wrong. */
export function refuseUnnamed(site: readonly (string | null)[], file: string, place: (row: number) => string): void {
  const row = site.findIndex((id) => id === null || id in Object.prototype);
  if (row >= 0) throw new WorkbookError("BadSite", `ingest: ${file} ${place(row)}: a site id required, found ${site[row] ?? "none"}; fill it in or remove the row`, { file, column: "site" });
}

/** Tower names mean tower days (local standard time); a table with canonical names must say it itself. */
export function conventionOf(header: HeaderMap, variables: Variables): string | null {
  const fromTower = [...header.plain.values()].some((f) => f.name !== f.variable.column) || header.variants.some((v) => v.name !== null);
  return fromTower ? variables.dayConvention : null;
}
