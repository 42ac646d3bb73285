import { count } from "../../core/count";
import type { DriverReport } from "../drivers/join-report";
import type { Merged, Overlap } from "./merge";
import { sumExclusions, type Exclusion } from "./exclusion";
import type { Site } from "../../core/sites";
import type { FoundClass } from "../static/classes-at-sites";

/** What became of one file. */
export interface FileReport {
  readonly path: string;
  readonly kind: string;
  /** the one site of the file; null for several or none */
  readonly site: string | null;
  readonly rows: number;
  readonly status: "read" | "ignored" | "bad";
  readonly reason: string | null;
}

/** Days without a value, by column; a column that the table has nowhere is not listed. */
export interface MissingReport {
  readonly site: string;
  readonly days: Readonly<Record<string, number>>;
}

/** What `ingest` read, excluded and why: the object of `ingest --json`. */
export interface IngestReport {
  readonly n_sites: number;
  /** site-days with a flux, before exclusions */
  readonly n_site_days: number;
  /** all site-days */
  readonly n_driver_days: number;
  readonly files: readonly FileReport[];
  readonly excluded: readonly Exclusion[];
  readonly overlaps: readonly Overlap[];
  readonly missing: readonly MissingReport[];
  readonly warnings: readonly string[];
  /** what driver files gave; absent where there were none */
  readonly drivers?: DriverReport;
  /** classes that maps gave to sites; absent where no map was given */
  readonly layers?: readonly FoundClass[];
  /** the list of what to cite, where a table was written */
  readonly citations?: string;
}

/** Puts the report together. */
export function ingestReport(merged: Merged, files: readonly FileReport[], excluded: readonly Exclusion[], missing: readonly MissingReport[], sites: readonly Site[], warnings: readonly string[]): IngestReport {
  return {
    n_sites: sites.length,
    n_site_days: merged.fluxDays,
    n_driver_days: merged.day.length,
    files,
    excluded: sumExclusions(excluded),
    overlaps: merged.overlaps,
    missing,
    warnings: [...warnings, ...missingMetadata(sites)],
  };
}

/** Days without a value by site and column, as they came: before any exclusion. */
export function countMissing(merged: Merged): MissingReport[] {
  const out: { site: string; days: Record<string, number> }[] = [];
  for (let from = 0, to = 0; from < merged.site.length; from = to) {
    const site = merged.site[from]!;
    while (to < merged.site.length && merged.site[to] === site) to++;
    const days: Record<string, number> = {};
    for (const [name, values] of Object.entries(merged.numbers)) {
      let n = 0;
      for (let i = from; i < to; i++) if (values[i] !== values[i]) n++;
      if (n > 0) days[name] = n;
    }
    out.push({ site, days });
  }
  return out;
}

function missingMetadata(sites: readonly Site[]): string[] {
  const fields = [["lat", "position"], ["igbp", "IGBP class"], ["koppen", "Köppen class"]] as const;
  return fields.flatMap(([field, label]) => {
    const without = sites.filter((s) => s[field] === null || (field === "lat" && s.lon === null)).map((s) => s.site);
    if (without.length === 0) return [];
    const named = `${without.slice(0, 8).join(", ")}${without.length > 8 ? ", …" : ""}`;
    return [`${label} unknown at ${without.length} of ${count(sites.length, "site")} (${named}): left empty; give a list with --sites`];
  });
}
