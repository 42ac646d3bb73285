import { WorkbookError } from "../../core/errors";
import { siteInName } from "../towers/site-name";
import type { InputFile } from "../files/input";

/** The stamp of a file of the networks: `TIMESTAMP_START`, else `TIMESTAMP_END`. */
export interface StampColumn {
  readonly stamp: number;
  readonly ends: boolean;
}

const START = /^TIMESTAMP_START$/i;
const END = /^TIMESTAMP_END$/i;

/** Whether a header stamps steps as the networks do. */
export function hasStamps(names: readonly string[]): boolean {
  return names.some((name) => START.test(name) || END.test(name));
}

/**
 * Where the stamp stands.
 * @throws WorkbookError MissingColumn: a stamp called TIMESTAMP alone says neither start nor end
 */
export function stampColumn(names: readonly string[], file: string): StampColumn {
  const start = names.findIndex((name) => START.test(name));
  if (start >= 0) return { stamp: start, ends: false };
  const end = names.findIndex((name) => END.test(name));
  if (end >= 0) return { stamp: end, ends: true };
  throw new WorkbookError("MissingColumn", `ingest: ${file}: column TIMESTAMP_START or TIMESTAMP_END required in a half-hourly file, found ${names.slice(0, 4).join(", ")}, …; rename the stamp by what it says`, { file, column: "TIMESTAMP_START" });
}

/**
 * The tower's id: in the file's name, else in the lines above the header.
 * @throws WorkbookError BadSite
 */
export function siteOf(input: InputFile, preamble: readonly string[] = []): string {
  const site = siteInName(input.name) ?? preamble.map(siteInName).find((s) => s !== null) ?? null;
  if (site === null) throw new WorkbookError("BadSite", `ingest: ${input.path}: a site column, or a site id in the file's name as in FLX_DE-Hai_…, required, found neither; rename the file`, { file: input.path });
  return site;
}
