import type { DuckDBConnection } from "@duckdb/node-api";
import { parseDay } from "../../core/days";
import { WorkbookError } from "../../core/errors";
import { parseIgbp, type Site, type SiteId } from "../../core/sites";
import { sqlName, sqlText } from "../files/duckdb";
import type { Exclusion } from "../ingest/exclusion";
import { dayColumn } from "../files/parquet";
import { layAxes, SiteCounter, type Axes } from "./axes";
import { bareSite } from "./folder";
import { layParquet, requireColumns } from "./lay-parquet";

/** First day of MODIS Terra's reflectance; the benchmark begins there. @source CarbonFluxBench, arXiv 2603.09868 */
export const MODIS_START = parseDay("2000-02-24");
/** Days of drivers kept before a site's first flux, so that the longest window has its history. */
export const HISTORY_DAYS = 365;

const DATE = "TIMESTAMP";
/** The targets' names in the file by canonical column. */
export const TARGETS = { gpp: "GPP_NT_VUT_USTAR50", reco: "RECO_NT_VUT_USTAR50", nee: "NEE_VUT_USTAR50", nee_qc: "NEE_VUT_USTAR50_QC" } as const;

/** Fluxes of all sites on their axes. */
export interface Targets {
  readonly axes: Axes;
  /** gpp, reco, nee, nee_qc by canonical name `[row]` */
  readonly numbers: ReadonlyMap<string, Float32Array>;
  readonly sites: readonly Omit<Site, "koppen" | "koppenDetail">[];
  /** names under which each site occurs in the file */
  readonly names: ReadonlyMap<SiteId, readonly string[]>;
  readonly read: number;
  readonly excluded: readonly Exclusion[];
  readonly warnings: readonly string[];
}

/**
 * Reads the targets. As in the benchmark, a day counts only with GPP, RECO, NEE and QC, days before 2000-02-24 are dropped, the first row
 * of a site and day is kept; here each of these is counted. Positions are rounded to 3 decimals.
 * @throws WorkbookError MissingColumn, BadDate, EmptyTable
 * @source CarbonFluxBench, arXiv 2603.09868, load_targets
 */
export async function readTargets(db: DuckDBConnection, file: string): Promise<Targets> {
  const { types } = await requireColumns(db, file, ["site", DATE, "IGBP"], ["lat", "lon", ...Object.values(TARGETS)]);
  const described = await describe(db, file, dayColumn(DATE, types.get(DATE)!).sql);
  const spans = described.sites.filter((s) => s.last >= MODIS_START).map(({ site, first, last }) => ({ site, first: Math.max(MODIS_START, first - HISTORY_DAYS), last }));
  if (spans.length === 0) throw new WorkbookError("EmptyTable", `ingest: ${file}: a day from 2000-02-24 on required, found none; download the file again`, { file });
  const axes = layAxes(spans);
  const laid = await layParquet(db, file, DATE, Object.values(TARGETS), axes);
  const numbers = new Map(Object.entries(TARGETS).map(([column, name]) => [column, laid.numbers.get(name)!]));
  const excluded = [
    ...described.early.map(({ site, days }) => ({ site, reason: "before 2000-02-24, the first day of MODIS", days })),
    ...laid.duplicates.list(`${TARGETS.nee}: a day given twice, the first kept`),
    ...dropIncomplete(axes, [...numbers.values()]),
  ];
  const kept = new Set(spans.map((s) => s.site));
  return { axes, numbers, sites: described.sites.filter((s) => kept.has(s.site)).map((s) => s.described), names: described.names, read: laid.read, excluded, warnings: described.warnings };
}

/** Takes out the fluxes of days on which one of the four is missing, and counts the days that had any. */
function dropIncomplete(axes: Axes, columns: readonly Float32Array[]): Exclusion[] {
  const lost = new SiteCounter();
  for (const { site, offset, length } of axes.sites) {
    for (let row = offset; row < offset + length; row++) {
      const known = columns.filter((values) => !Number.isNaN(values[row]!)).length;
      if (known === columns.length || known === 0) continue;
      for (const values of columns) values[row] = NaN;
      lost.add(site);
    }
  }
  return lost.list("one of GPP, RECO, NEE and QC is missing: no flux of the day is kept, as in the benchmark");
}

interface Described {
  readonly site: SiteId;
  readonly first: number;
  readonly last: number;
  readonly described: Omit<Site, "koppen" | "koppenDetail">;
}

async function describe(db: DuckDBConnection, file: string, day: string): Promise<{ sites: Described[]; names: Map<SiteId, string[]>; early: { site: SiteId; days: number }[]; warnings: string[] }> {
  const from = `read_parquet(${sqlText(file)}, file_row_number = true)`;
  const first = (column: string): string => `arg_min(${sqlName(column)}, file_row_number)`;
  const read = await db.runAndReadAll(
    `SELECT CAST(site AS VARCHAR), min(d) FILTER (d >= ${MODIS_START}), max(d), count(*) FILTER (d < ${MODIS_START}), ${first("lat")}, ${first("lon")}, CAST(${first("IGBP")} AS VARCHAR), count(DISTINCT round(lat, 3)) FILTER (lat > -90.1), min(file_row_number)
     FROM (SELECT *, ${day} d FROM ${from}) WHERE site IS NOT NULL GROUP BY site ORDER BY 9`);
  const names = new Map<SiteId, string[]>();
  const sites = new Map<SiteId, Described>();
  const warnings: string[] = [];
  const earlyDays = new Map<SiteId, number>();
  for (const row of read.getRows()) {
    const name = String(row[0]);
    const site = bareSite(name);
    names.set(site, [...(names.get(site) ?? []), name]);
    if (Number(row[3]) > 0) earlyDays.set(site, (earlyDays.get(site) ?? 0) + Number(row[3]));
    if (Number(row[7]) > 1) warnings.push(`${file}: ${site}: ${Number(row[7])} positions; the first is kept`);
    const [low, high] = [row[1] === null ? Infinity : Number(row[1]), Number(row[2])];
    const old = sites.get(site);
    const degrees = (value: unknown, limit: number): number | null => (value !== null && Math.abs(Number(value)) <= limit ? Math.round(Number(value) * 1000) / 1000 : null);
    sites.set(site, {
      site, first: Math.min(low, old?.first ?? Infinity), last: Math.max(high, old?.last ?? -Infinity),
      described: old?.described ?? { site, lat: degrees(row[4], 90), lon: degrees(row[5], 180), igbp: parseIgbp(row[6] === null ? null : String(row[6])) },
    });
  }
  return { sites: [...sites.values()].sort((a, b) => (a.site < b.site ? -1 : 1)), names, early: [...earlyDays].map(([site, days]) => ({ site, days })), warnings };
}
