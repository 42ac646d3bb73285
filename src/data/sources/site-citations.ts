import * as fs from "node:fs";
import type { SiteId } from "../../core/sites";
import type { Variables } from "../columns";
import { readHeader, readRows } from "../files/csv";
import { gunzip } from "../files/decompress";

/** How one tower wants to be cited. */
export interface SiteCitation {
  readonly site: SiteId;
  readonly doi: string | null;
  readonly citation: string | null;
}

const DOI = ["doi", "product_doi", "fluxnet_product_doi", "site_doi"];
const CITATION = ["citation", "how_to_cite"];

/**
 * The towers' own citations in a list of sites, where it has a column `citation` or `doi`; none where it has neither.
 * @throws WorkbookError BadFile as `readRows`
 * @example (await readSiteCitations("sites.csv", readVariables()))[0].doi // "10.17190/AMF/2571144"
 */
export async function readSiteCitations(file: string, variables: Variables): Promise<SiteCitation[]> {
  const bytes = await gunzip(file, fs.readFileSync(file));
  const header = readHeader(bytes, file);
  const lower = header.names.map((n) => n.trim().toLowerCase());
  const at = (names: readonly string[]): number => names.map((n) => lower.indexOf(n)).find((i) => i >= 0) ?? -1;
  const [site, doi, citation] = [at(variables.keys.site), at(DOI), at(CITATION)];
  if (site < 0 || (doi < 0 && citation < 0)) return [];
  const rows = readRows(bytes, header, { day: null, numbers: [], texts: [site, doi, citation].filter((i) => i >= 0), missingTexts: variables.missingTexts, missingCodes: variables.missingCodes }, file);
  const missing = new Set(["", ...variables.missingTexts]);
  const text = (i: number, row: number): string | null => {
    const value = i < 0 ? "" : rows.texts.get(i)![row]!;
    return missing.has(value) ? null : value;
  };
  return Array.from({ length: rows.n }, (_, row): SiteCitation => ({ site: text(site, row) ?? "", doi: text(doi, row)?.replace(/^(https?:\/\/(dx\.)?doi\.org\/|doi:)/i, "") ?? null, citation: text(citation, row) }))
    .filter((c) => c.site !== "" && (c.doi !== null || c.citation !== null));
}
