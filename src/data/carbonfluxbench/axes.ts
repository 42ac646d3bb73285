import type { SiteId } from "../../core/sites";

/** The days of one site, one after the other, as a part of all rows. */
export interface SiteAxis {
  readonly site: SiteId;
  readonly first: number;
  readonly length: number;
  /** row of its first day */
  readonly offset: number;
}

/** Every site's days laid end to end: a value has its place before it is read, so no table is sorted or joined. */
export interface Axes {
  readonly sites: readonly SiteAxis[];
  readonly rows: number;
}

/** How often rows of a site had to be left out. */
export class SiteCounter {
  private readonly counts = new Map<SiteId, number>();

  add(site: SiteId): void {
    this.counts.set(site, (this.counts.get(site) ?? 0) + 1);
  }

  /** as exclusions, under `reason` */
  list(reason: string): { site: SiteId; reason: string; days: number }[] {
    return [...this.counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([site, days]) => ({ site, reason, days }));
  }
}

/** Lays sites end to end in the order given. @example layAxes([{ site: "A", first: 0, last: 1 }]).rows // 2 */
export function layAxes(spans: readonly { readonly site: SiteId; readonly first: number; readonly last: number }[]): Axes {
  let rows = 0;
  const sites = spans.map(({ site, first, last }): SiteAxis => {
    const axis = { site, first, length: last - first + 1, offset: rows };
    rows += axis.length;
    return axis;
  });
  return { sites, rows };
}
