import * as path from "node:path";
import { WorkbookError } from "../core/errors";
import { projectRoot } from "../core/files";
import { checkKeys, readJson } from "../core/json";
import { texts, type DailyTable } from "./daily-table";

/** A data set the workbook knows: how it is recognised, cited and licensed. */
export interface CatalogueEntry {
  readonly id: string;
  readonly title: string;
  /** beginning of the table's `source` text; null where rows do not tell it */
  readonly source: string | null;
  /** readers that take its files */
  readonly kinds: readonly string[];
  readonly doi: string | null;
  readonly citation: string;
  readonly licence: string;
  /** SHA-256 of a published file that does not change */
  readonly checksum: string | null;
}

const KEYS = ["id", "title", "source", "kinds", "doi", "citation", "licence", "checksum"];

/**
 * Reads `data/catalogue.json`.
 * @throws WorkbookError BadConfig for an unknown key or an id that stands twice
 * @example readCatalogue().map((e) => e.id)
 */
export function readCatalogue(file = path.join(projectRoot(), "data", "catalogue.json")): CatalogueEntry[] {
  const { entries } = readJson<{ entries: CatalogueEntry[] }>(file, "readCatalogue");
  const seen = new Set<string>();
  for (const entry of entries) {
    checkKeys(`readCatalogue: ${entry.id}`, entry, KEYS);
    if (seen.has(entry.id)) throw new WorkbookError("BadConfig", `readCatalogue: ${file}: each id once required, found ${entry.id} twice; rename one`, { file });
    seen.add(entry.id);
  }
  return entries;
}

/**
 * What to cite for a table: the catalogue's entries for the sources of its rows, and the sources it does not know.
 * @example citationsOf(table, readCatalogue()).cited.map((e) => e.citation)
 */
export function citationsOf(table: DailyTable, catalogue: readonly CatalogueEntry[]): { cited: CatalogueEntry[]; unknown: string[] } {
  const sources = [...new Set(texts(table, "source"))].filter((s): s is string => s !== null).sort();
  const entryOf = (source: string): CatalogueEntry | undefined => catalogue.find((e) => e.source !== null && source.startsWith(e.source));
  return {
    cited: catalogue.filter((e) => sources.some((s) => entryOf(s) === e)),
    unknown: sources.filter((s) => entryOf(s) === undefined),
  };
}
