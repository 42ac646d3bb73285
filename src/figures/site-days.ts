import { count } from "../core/count";
import type { SiteId } from "../core/sites";
import { periodOf, type Figure } from "./figure";

/** Some rows of columns that name a site and a day. */
export interface ChosenRows {
  readonly site: readonly SiteId[];
  readonly day: ArrayLike<number>;
  readonly rows: readonly number[];
}

/**
 * n, what it counts, and the period of the site-days in several series; a day that stands in two of them counts once.
 * @example siteDays([{ site: ["A", "A"], day: [1, 2], rows: [0] }]) // { n: 1, nOf: "site-days at 1 site", … }
 */
export function siteDays(series: readonly ChosenRows[]): Pick<Figure, "n" | "nOf" | "period"> {
  const bySite = new Map<SiteId, Set<number>>();
  for (const { site, day, rows } of series) {
    for (const i of rows) {
      const days = bySite.get(site[i]!);
      if (days === undefined) bySite.set(site[i]!, new Set([day[i]!]));
      else days.add(day[i]!);
    }
  }
  const all = [...bySite.values()];
  const ends = all.map((days) => periodOf([...days])!).flatMap(({ first, last }) => [first, last]);
  return { n: all.reduce((sum, days) => sum + days.size, 0), nOf: `site-days at ${count(bySite.size, "site")}`, period: periodOf(ends) };
}
