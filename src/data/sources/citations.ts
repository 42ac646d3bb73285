import * as fs from "node:fs";
import * as path from "node:path";
import { writeAtomic } from "../../core/files";
import { markdownCode, markdownText } from "../../core/markdown";
import type { SiteId } from "../../core/sites";
import { entryOfSource, readCatalogue, type CatalogueEntry } from "./catalogue";
import { siteRows, texts, type DailyTable } from "../daily-table";
import type { FileReport } from "../ingest/ingest-report";
import { productOf } from "../towers/read-oneflux";
import type { SiteCitation } from "./site-citations";

/** A source and the sites whose rows, drivers or classes come from it. */
export interface SourceUse {
  /** as the table's source column says it, or the catalogue's id */
  readonly source: string;
  readonly sites: readonly SiteId[];
}

/** What a citation list is made of. */
export interface CitationParts {
  readonly table: DailyTable;
  /** sources of drivers and maps, which the rows do not name */
  readonly further?: readonly SourceUse[];
  /** files that were read: some tell a product by their name alone */
  readonly files?: readonly Pick<FileReport, "path" | "site" | "status">[];
  /** the towers' own citations, where a list of sites has them */
  readonly ofSites?: readonly SiteCitation[];
  readonly catalogue?: readonly CatalogueEntry[];
}

/** Sources of a table's rows with their sites, in order of name. @example usesOf(table)[0].source // "FLUXNET2015_SUBSET_DD" */
export function usesOf(table: DailyTable): SourceUse[] {
  const source = texts(table, "source");
  const sites = new Map<string, Set<SiteId>>();
  for (const { site, from, to } of siteRows(table)) {
    for (const name of new Set(source.slice(from, to))) {
      if (name !== null) sites.set(name, (sites.get(name) ?? new Set()).add(site.site));
    }
  }
  return [...sites].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, of]) => ({ source: name, sites: [...of] }));
}

/**
 * What to cite for a table as Markdown: each source used, its licence, DOI and citation, and the sites it is used for; the towers' own citations;
 * and the sources that the catalogue does not know, which the user must look up.
 * @example citationsMarkdown("T.parquet", { table, ofSites })
 */
export function citationsMarkdown(name: string, { table, further = [], files = [], ofSites = [], catalogue = readCatalogue() }: CitationParts): string {
  const byFile = productsOfFiles(files, catalogue);
  const known = new Map<CatalogueEntry, Set<SiteId>>();
  const unknown: SourceUse[] = [];
  const add = (entry: CatalogueEntry, site: SiteId): void => void known.set(entry, (known.get(entry) ?? new Set()).add(site));
  for (const use of [...usesOf(table), ...further]) {
    const entry = catalogue.find((e) => e.id === use.source) ?? entryOfSource(use.source, catalogue);
    if (entry === null) unknown.push(use);
    else for (const site of use.sites) add(byFile.get(`${site} ${use.source}`) ?? entry, site);
  }
  const used = new Set(table.sites.map((s) => s.site));
  const own = ofSites.filter((c) => used.has(c.site));
  const silent = [...used].filter((site) => !own.some((c) => c.site === site));
  return [
    `## ${name}`, "", `${used.size} ${used.size === 1 ? "site" : "sites"}. Check the wording with each provider before you publish.`, "",
    ...[...known].sort(([a], [b]) => (a.id < b.id ? -1 : 1)).flatMap(([entry, sites]) => entryLines(entry, [...sites].sort())),
    ...(unknown.length === 0 ? [] : [
      "### Sources the catalogue does not know", "", "Find out licence and citation of each before you publish; add them to data/catalogue.json.", "",
      ...unknown.map((u) => `- ${markdownCode(u.source)}: ${listed([...u.sites].sort())}`), "",
    ]),
    "### Towers", "",
    ...(own.length === 0 ? ["No list of sites with a `citation` or `doi` column was given (--sites): each tower's own DOI is in its product and must be cited."] : own.map((c) => `- **${markdownText(c.site)}**: ${[c.citation, doiLink(c.doi, c.citation)].filter((t): t is string => t !== null).map(markdownText).join(" ")}`)),
    ...(own.length > 0 && silent.length > 0 ? ["", `Without a citation in the list: ${listed(silent.sort())}.`] : []), "",
  ].join("\n");
}

/** Entries that files' names tell, by site and the source text of their rows. */
function productsOfFiles(files: NonNullable<CitationParts["files"]>, catalogue: readonly CatalogueEntry[]): ReadonlyMap<string, CatalogueEntry> {
  const out = new Map<string, CatalogueEntry>();
  for (const { path: file, site, status } of files) {
    const name = path.basename(file).replace(/\.gz$/i, "");
    const entry = catalogue.find((e) => e.file !== undefined && new RegExp(e.file).test(name));
    if (entry !== undefined && site !== null && status === "read") out.set(`${site} ${productOf(name)}`, entry);
  }
  return out;
}

function entryLines(entry: CatalogueEntry, sites: readonly SiteId[]): string[] {
  return [
    `### ${entry.title}`, "", `- cite: ${entry.citation}`, ...(entry.doi === null ? [] : [`- DOI: https://doi.org/${entry.doi}`]),
    `- licence: ${entry.licence}`, `- used for ${sites.length} ${sites.length === 1 ? "site" : "sites"}: ${listed(sites)}`, "",
  ];
}

const listed = (names: readonly string[]): string => names.map(markdownText).join(", ");

function doiLink(doi: string | null, citation: string | null): string | null {
  return doi === null || citation?.includes(doi) ? null : `https://doi.org/${doi}`;
}

const TITLE = "# Citations\n\nWhat the tables in this folder are made of, one section a table. Written by `ingest`.\n";

/**
 * Writes a table's citations to `citations.md` beside it; sections of other tables in that folder stay as long as their table does.
 * @example writeCitations("data/tables/T.parquet", { table }) // "data/tables/citations.md"
 */
export function writeCitations(out: string, parts: CitationParts): string {
  const folder = path.dirname(path.resolve(out));
  const file = path.join(path.dirname(out), "citations.md");
  const name = path.basename(out);
  const before = fs.existsSync(file) ? fs.readFileSync(file, "utf8") : "";
  const others = before.split(/^(?=## )/m).filter((section) => {
    const of = /^## (.+)$/m.exec(section.split("\n")[0]!)?.[1];
    return of !== undefined && of !== name && fs.existsSync(path.join(folder, of));
  });
  writeAtomic(file, [TITLE, ...others.map((s) => s.trimEnd()), citationsMarkdown(name, parts).trimEnd(), ""].join("\n"));
  return file;
}
