import { columnSpec, knownColumns } from "../core/columns";
import { asDay, formatDay } from "../core/days";
import { isWorkbookError } from "../core/errors";
import { quantile } from "../core/quantile";
import type { SiteId } from "../core/sites";
import { readVariables, type Variables } from "../data/columns";
import { daysOf, hasColumn, numbers, siteRows, texts, type DailyTable } from "../data/daily-table";
import { gapsOf } from "../data/sites/site-gaps";
import { checkUnits } from "../data/ingest/units";
import { describeSites, type SiteDescription } from "./describe-sites";
import { energyClosure } from "./energy-balance";
import { hasOutliers, outliers } from "./outliers";

/** What a table holds of one variable at one site. */
export interface VariableCard {
  readonly site: SiteId;
  readonly column: string;
  readonly label: string;
  readonly unit: string;
  /** what the values look like instead, by the rules of data/variables.json; null where they fit the unit */
  readonly unit_doubt: string | null;
  /** days with a value, and their share of the calendar days from the site's first row to its last */
  readonly days: number;
  readonly share: number;
  readonly first: string;
  readonly last: string;
  readonly longest_gap: number;
  readonly min: number;
  readonly q01: number;
  readonly median: number;
  readonly q99: number;
  readonly max: number;
  /** by `OUTLIER_RULE`; null where the rule is not asked */
  readonly outliers: number | null;
}

/** A site at a glance. */
export interface SiteCard extends SiteDescription {
  readonly lat: number | null;
  readonly lon: number | null;
  /** texts of the source column */
  readonly sources: readonly string[];
  /** share of the flux days with QC = 1, with QC of at least 0.75, and with no known QC */
  readonly qc1_share: number | null;
  readonly qc75_share: number | null;
  readonly qc_unknown_share: number | null;
  /** mean share of half-hours measured, where the table says */
  readonly measured_share: number | null;
  /** median over site-years of (LE + H) / (Rn − G); null where it cannot be had */
  readonly energy_closure: number | null;
  readonly variables: readonly VariableCard[];
}

/**
 * A card for each site: position and classes, period, fluxes, quality, closure of the carbon and the energy balance, and for each variable
 * availability, unit, range and outliers.
 * @example siteCards(table).find((c) => c.site === "DE-Hai")?.variables
 */
export function siteCards(table: DailyTable): SiteCard[] {
  const described = new Map(describeSites(table).map((d) => [d.site, d]));
  const columns = knownColumns(table.rows.columnNames()).map((c) => c.name);
  const known = readVariables();
  const source = texts(table, "source");
  const energy = ["le_W_m2", "h_W_m2", "netrad_W_m2"].every((name) => hasColumn(table, name)) ? energyClosure(table) : [];
  return siteRows(table).map(({ site, from, to }): SiteCard => {
    const about = described.get(site.site)!;
    const ratios = energy.filter((e) => e.site === site.site && e.closure !== null).map((e) => e.closure!);
    const gaps = new Map(gapsOf(table, site.site, columns).map((g) => [g.column, g]));
    return {
      ...about, lat: site.lat, lon: site.lon,
      sources: [...new Set(source.slice(from, to))].filter((s): s is string => s !== null).sort(),
      ...qualityOf(table, about, from, to),
      energy_closure: quantile(ratios, 0.5),
      variables: columns.flatMap((column) => {
        const card = variableCard(table, { site: site.site, column, from, to }, known);
        const gap = gaps.get(column)!;
        return card === null ? [] : [{ ...card, share: 1 - gap.share, longest_gap: gap.longest }];
      }),
    };
  });
}

function qualityOf(table: DailyTable, about: SiteDescription, from: number, to: number): Pick<SiteCard, "qc1_share" | "qc75_share" | "qc_unknown_share" | "measured_share"> {
  const share = (n: number): number | null => (about.flux_days === 0 ? null : n / about.flux_days);
  const [qc, nee] = ["nee_qc", "nee"].map((name) => (hasColumn(table, name) ? numbers(table, name) : null));
  let good = 0;
  for (let i = from; i < to; i++) if ((qc?.[i] ?? NaN) >= 0.75 && !Number.isNaN(nee?.[i] ?? NaN)) good++;
  const measured = hasColumn(table, "nee_measured") ? numbers(table, "nee_measured").subarray(from, to).filter((v) => v === v) : new Float32Array(0);
  return {
    qc1_share: share(about.qc1_days), qc75_share: share(good), qc_unknown_share: share(about.qc_unknown_days),
    measured_share: measured.length === 0 ? null : measured.reduce((sum, v) => sum + v, 0) / measured.length,
  };
}

/** Null where the site has no value at all. */
function variableCard(table: DailyTable, { site, column, from, to }: { site: SiteId; column: string; from: number; to: number }, variables: Variables): Omit<VariableCard, "share" | "longest_gap"> | null {
  const values = numbers(table, column).subarray(from, to);
  const day = daysOf(table).subarray(from, to);
  const present = values.filter((v) => v === v);
  if (present.length === 0) return null;
  const spec = columnSpec(column)!;
  const at = (q: number): number => quantile(present, q)!;
  return {
    site, column, label: spec.label, unit: spec.unit, unit_doubt: doubtOf(site, column, present, variables),
    days: present.length,
    first: formatDay(asDay(day[values.findIndex((v) => v === v)]!)), last: formatDay(asDay(day[values.length - 1 - values.slice().reverse().findIndex((v) => v === v)]!)),
    min: at(0), q01: at(0.01), median: at(0.5), q99: at(0.99), max: at(1),
    outliers: hasOutliers(column) ? outliers(values, day).length : null,
  };
}

/** What `ingest` would have refused: a table may also come from elsewhere. */
function doubtOf(site: SiteId, column: string, present: Float32Array, { list }: Variables): string | null {
  const variable = list.find((v) => v.column === column);
  if (variable === undefined) return null;
  try {
    checkUnits("the table", site, { variable, index: 0, name: column, scale: 1, offset: 0 }, present, "sites");
    return null;
  } catch (error) {
    if (!isWorkbookError(error, "BadUnit")) throw error;
    return /found (.*)$/.exec(error.message)?.[1] ?? error.message;
  }
}
