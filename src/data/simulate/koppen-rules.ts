import type { KoppenDetail } from "../../core/quantities";

/**
 * Köppen–Geiger class of twelve monthly means, in the southern hemisphere with the half-years swapped.
 * @param t `[month]` air temperature, °C
 * @param p `[month]` precipitation, mm a month
 * @returns the detailed class (a hot dry-summer tropics counts as `Aw`, as in the benchmark)
 * @source Peel, Finlayson, McMahon 2007, Table 1, doi:10.5194/hess-11-1633-2007
 * @example classifyKoppen(t, p, true) // "Dfb"
 */
export function classifyKoppen(t: ArrayLike<number>, p: ArrayLike<number>, north: boolean): KoppenDetail {
  const months = Array.from({ length: 12 }, (_, m) => m);
  const summer = months.filter((m) => (m >= 3 && m <= 8) === north);
  const winter = months.filter((m) => (m >= 3 && m <= 8) !== north);
  const sum = (which: number[]): number => which.reduce((a, m) => a + p[m]!, 0);
  const least = (which: number[]): number => Math.min(...which.map((m) => p[m]!));
  const most = (which: number[]): number => Math.max(...which.map((m) => p[m]!));
  const total = sum(months);
  const mean = months.reduce((a, m) => a + t[m]!, 0) / 12;
  const hot = Math.max(...months.map((m) => t[m]!));
  const cold = Math.min(...months.map((m) => t[m]!));
  const warmMonths = months.filter((m) => t[m]! >= 10).length;

  const threshold = 2 * mean + (sum(winter) >= 0.7 * total ? 0 : sum(summer) >= 0.7 * total ? 28 : 14);
  if (total < 10 * threshold) return `B${total < 5 * threshold ? "W" : "S"}${mean >= 18 ? "h" : "k"}` as KoppenDetail;
  if (hot < 10) return hot > 0 ? "ET" : "EF";
  if (cold >= 18) {
    const dry = least(months);
    return dry >= 60 ? "Af" : dry >= 100 - total / 25 ? "Am" : "Aw";
  }
  const main = cold > 0 ? "C" : "D";
  const drySummer = least(summer) < 40 && least(summer) < most(winter) / 3;
  const dryWinter = least(winter) < most(summer) / 10;
  // where both hold, the drier half-year decides
  const second = drySummer && (!dryWinter || sum(summer) < sum(winter)) ? "s" : dryWinter ? "w" : "f";
  const third = hot >= 22 ? "a" : warmMonths >= 4 ? "b" : main === "D" && cold < -38 ? "d" : "c";
  return `${main}${second}${third}` as KoppenDetail;
}
