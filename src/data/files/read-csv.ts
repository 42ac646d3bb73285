import { WorkbookError } from "../../core/errors";
import { near } from "../../core/nearest";
import { KEYS, type Key, type Variables } from "../columns";
import { readHeader, readRows, type CsvHeader, type CsvRows } from "./csv";
import { mapHeader, type HeaderMap } from "../towers/header";

/** A CSV's rows with the columns that have a canonical meaning. */
export interface MappedCsv {
  readonly header: HeaderMap;
  readonly rows: CsvRows;
  readonly texts: ReadonlyMap<Key, readonly (string | null)[]>;
}

/**
 * Reads the known columns of a comma-separated file, found by `headerOf` in its names; `require` looks at the header first.
 * @throws WorkbookError MissingColumn (date), and what `readHeader` and `readRows` throw
 */
export function readMappedCsv(bytes: Uint8Array, file: string, variables: Variables, require: (map: HeaderMap) => void, headerOf = (names: readonly string[]): HeaderMap => mapHeader(names, variables)): MappedCsv {
  const found: CsvHeader = readHeader(bytes, file);
  const header = headerOf(found.names);
  require(header);
  const day = header.keys.get("date");
  if (day === undefined) throw missingColumn(file, "date", variables.keys.date, header);
  const numbers = [...header.plain.values(), ...header.variants.flatMap((v) => [...v.columns.values()])].map((f) => f.index);
  const keys = KEYS.filter((key) => key !== "date" && header.keys.has(key));
  const plan = { day, numbers, texts: keys.map((key) => header.keys.get(key)!), missingTexts: variables.missingTexts, missingCodes: variables.missingCodes };
  const rows = readRows(bytes, found, plan, file);
  const missing = new Set(variables.missingTexts);
  const known = (text: string): string | null => (text === "" || missing.has(text) ? null : text);
  return { header, rows, texts: new Map(keys.map((key) => [key, rows.texts.get(header.keys.get(key)!)!.map(known)])) };
}

/** The error of a missing column, with the names of the header that are near. */
export function missingColumn(file: string, column: string, names: readonly string[], header: HeaderMap): WorkbookError {
  const like = [...new Set(names.flatMap((name) => near(name, header.names, 2)))].slice(0, 3);
  const wanted = names.length === 1 && names[0] === column ? column : `${names.join(" or ")} (${column})`;
  return new WorkbookError("MissingColumn", `ingest: ${file}: column ${wanted} required, found none among ${header.names.length} columns${like.length === 0 ? "" : `; nearest ${like.join(", ")}`}; rename or add it`, { file, column });
}
