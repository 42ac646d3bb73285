import * as path from "node:path";
import { WorkbookError } from "../../core/errors";
import { projectRoot } from "../../core/files";
import { checkKeys, isTexts, readJsonObject } from "../../core/json";
import { brief } from "../../core/printable";
import { texts, type DailyTable } from "../daily-table";
import type { RemoteFile } from "./fetch-file";

/** A data set the workbook knows: how it is recognised, cited and licensed. */
export interface CatalogueEntry {
  readonly id: string;
  readonly title: string;
  /** beginning of the table's `source` text; null where rows do not tell it */
  readonly source: string | null;
  /** pattern of its files' names, where those tell the product and its rows carry another's name */
  readonly file?: string;
  /** readers that take its files */
  readonly kinds: readonly string[];
  readonly doi: string | null;
  readonly citation: string;
  readonly licence: string;
  /** SHA-256 of a published file that does not change */
  readonly checksum: string | null;
  /** where `fetch` gets it; absent where it is no download of its own */
  readonly fetch?: CatalogueSource;
}

/** Addresses of a data set. */
export interface CatalogueSource {
  /** the page a person begins at */
  readonly landing: string;
  /** what a person does there, where the addresses do not do or there are none */
  readonly steps: string;
  readonly files: readonly RemoteFile[];
  /** whose account is needed and how to come by it; absent where none is */
  readonly account?: string;
  /** what to place in the folder, and the command that reads it */
  readonly place?: string;
}

const KEYS = ["id", "title", "source", "file", "kinds", "doi", "citation", "licence", "checksum", "fetch"];
const FILE_KEYS = ["name", "url", "sha256", "bytes"];

/**
 * Reads `data/catalogue.json`.
 * @throws WorkbookError BadConfig for an unknown key or an id that stands twice
 * @example readCatalogue().map((e) => e.id)
 */
export function readCatalogue(file = path.join(projectRoot(), "data", "catalogue.json")): CatalogueEntry[] {
  const { entries } = readJsonObject<{ entries: CatalogueEntry[] }>(file, "readCatalogue");
  if (!Array.isArray(entries)) throw new WorkbookError("BadConfig", `readCatalogue: ${file}: a list of entries required, found ${brief(entries ?? null)}; mend it`, { file });
  const seen = new Set<string>();
  for (const [i, entry] of entries.entries()) {
    checkKeys(`readCatalogue: ${file}: entry ${i + 1}`, entry, KEYS);
    checkTexts(`readCatalogue: ${file}: entry ${i + 1}`, entry, ["id", "title", "citation", "licence"], ["source", "file", "doi", "checksum"]);
    if (!isTexts(entry.kinds)) throw new WorkbookError("BadConfig", `readCatalogue: ${file}: ${entry.id}: kinds as a list of texts required, found ${brief(entry.kinds ?? null)}; mend it`, { file });
    if (entry.fetch !== undefined) checkSource(entry.id, entry.fetch, file);
    if (seen.has(entry.id)) throw new WorkbookError("BadConfig", `readCatalogue: ${file}: each id once required, found ${entry.id} twice; rename one`, { file });
    seen.add(entry.id);
  }
  return entries;
}

function checkSource(id: string, source: CatalogueSource, file: string): void {
  const where = `readCatalogue: ${file}: ${id}: fetch`;
  checkKeys(where, source, ["landing", "steps", "files", "account", "place"]);
  checkTexts(where, source, ["landing", "steps"], ["account", "place"]);
  if (!Array.isArray(source.files)) throw new WorkbookError("BadConfig", `${where}: a list of files required, found ${brief(source.files ?? null)}; mend it`, { file });
  for (const remote of source.files) {
    checkKeys(where, remote, FILE_KEYS);
    checkTexts(where, remote, ["name", "url"], ["sha256"]);
    if (remote.bytes !== null && !(Number.isSafeInteger(remote.bytes) && remote.bytes >= 0)) throw new WorkbookError("BadConfig", `${where}: ${remote.name}: bytes as a whole number or null required, found ${brief(remote.bytes ?? null)}; mend it`, { file });
    if (path.basename(remote.name) !== remote.name || remote.name.startsWith(".")) throw new WorkbookError("BadConfig", `readCatalogue: ${file}: ${id}: a plain file name required, found ${remote.name}; mend it`, { file });
    if (remote.sha256 !== null && !/^[0-9a-f]{32,64}$/.test(remote.sha256)) throw new WorkbookError("BadConfig", `readCatalogue: ${file}: ${id}: ${remote.name}: 32 to 64 hex digits of SHA-256 required, found ${remote.sha256}; mend it`, { file });
  }
}

/** Refuses anything but texts under the given keys; those of `optional` may be null or absent. */
function checkTexts(where: string, value: object, required: readonly string[], optional: readonly string[]): void {
  for (const key of [...required, ...optional]) {
    const found = (value as Record<string, unknown>)[key];
    if (typeof found === "string" || (optional.includes(key) && (found ?? null) === null)) continue;
    throw new WorkbookError("BadConfig", `${where}: ${key} as a text required, found ${brief(found ?? null)}; mend it`, { column: key });
  }
}

/**
 * The entry whose source text a row's begins with; of several the longest, so that a part of a collection may have its own.
 * @example entryOfSource("FLUXNET2015_SUBSET_DD", readCatalogue())?.id // "fluxnet2015"
 */
export function entryOfSource(source: string, catalogue: readonly CatalogueEntry[]): CatalogueEntry | null {
  const fits = catalogue.filter((e) => e.source !== null && source.startsWith(e.source));
  return fits.sort((a, b) => b.source!.length - a.source!.length)[0] ?? null;
}

/**
 * What to cite for a table: the catalogue's entries for the sources of its rows, and the sources it does not know.
 * @example citationsOf(table, readCatalogue()).cited.map((e) => e.citation)
 */
export function citationsOf(table: DailyTable, catalogue: readonly CatalogueEntry[]): { cited: CatalogueEntry[]; unknown: string[] } {
  const sources = [...new Set(texts(table, "source"))].filter((s): s is string => s !== null).sort();
  return {
    cited: catalogue.filter((e) => sources.some((s) => entryOfSource(s, catalogue) === e)),
    unknown: sources.filter((s) => entryOfSource(s, catalogue) === null),
  };
}
