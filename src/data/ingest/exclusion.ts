/** Days of one site on which values were taken out or changed, and why. */
export interface Exclusion {
  readonly site: string;
  readonly reason: string;
  readonly days: number;
}

/** Joins entries of the same site and reason, in order of site, then of days. */
export function sumExclusions(list: readonly Exclusion[]): Exclusion[] {
  const sums = new Map<string, Exclusion>();
  for (const e of list) {
    const key = `${e.site}\n${e.reason}`;
    sums.set(key, { ...e, days: e.days + (sums.get(key)?.days ?? 0) });
  }
  return [...sums.values()].sort((a, b) => (a.site < b.site ? -1 : a.site > b.site ? 1 : b.days - a.days));
}
