import { asDay, yearOf } from "../core/days";
import { FLUXES } from "../core/quantities";
import type { SiteId } from "../core/sites";
import type { DailyTable } from "../data/daily-table";
import { flagSiteYears } from "../data/sites/site-year-flags";
import { hasFlux, type SiteRecord } from "../windows/record";
import type { RunConfig } from "./config";
import type { RunSplit } from "./run-directory";

/**
 * Takes the fluxes of flagged site-years out of the records that train or validate (configuration key `exclude_site_years`); their drivers stay, and test sites keep
 * everything. A site without a flux left leaves the split. Changes `records` and `removed`; what was taken out is told in a warning.
 * @example const { split, warnings } = excludeSiteYears(table, config, drawn, records, removed)
 */
export function excludeSiteYears(table: DailyTable, config: RunConfig, split: RunSplit, records: Map<SiteId, SiteRecord>, removed: { site: SiteId; reason: string }[]): { split: RunSplit; warnings: string[] } {
  if (config.exclude_site_years === "off") return { split, warnings: [] };
  const learning = new Set([...split.train, ...split.validation]);
  const years = new Map<SiteId, Set<number>>();
  for (const { site, year } of flagSiteYears(table)) if (learning.has(site)) years.set(site, (years.get(site) ?? new Set()).add(year));
  if (years.size === 0) return { split, warnings: [`exclude_site_years ${config.exclude_site_years}: no site-year of a training site is flagged`] };
  const gone = new Set<SiteId>();
  for (const [site, flagged] of years) {
    const record = withoutYears(records.get(site)!, flagged);
    records.set(site, record);
    if (Array.from({ length: record.length }, (_, d) => d).some((d) => hasFlux(record, d))) continue;
    gone.add(site);
    records.delete(site);
    removed.push({ site, reason: `every year flagged (${config.exclude_site_years})` });
  }
  const keep = (sites: readonly SiteId[]): SiteId[] => sites.filter((s) => !gone.has(s));
  const named = [...years].map(([site, own]) => `${site} ${[...own].sort((a, b) => a - b).join(", ")}`);
  const count = [...years.values()].reduce((n, own) => n + own.size, 0);
  return {
    split: { ...split, train: keep(split.train), validation: keep(split.validation), learned: split.learned.filter((s) => !gone.has(s.site)) },
    warnings: [`exclude_site_years ${config.exclude_site_years}: nothing is learnt from the fluxes of ${count} site-years: ${named.join("; ")}`],
  };
}

function withoutYears(record: SiteRecord, years: ReadonlySet<number>): SiteRecord {
  const targets = record.targets.slice();
  for (let d = 0; d < record.length; d++) if (years.has(yearOf(asDay(record.first + d)))) targets.fill(NaN, d * FLUXES.length, (d + 1) * FLUXES.length);
  return { ...record, targets };
}
