import { IGBP_ORDER, KOPPEN } from "../core/quantities";
import type { LegendEntry } from "./figure";
import { FOLD_STYLES, IGBP_STYLE, KOPPEN_STYLE, SPLIT_SIDES, SPLIT_STYLE, UNKNOWN_STYLE, type DotStyle } from "./style";

/** What sites may be sorted and coloured by. */
export type SitesBy = "igbp" | "koppen" | "split" | "fold";

/** A class as figures draw it. */
export interface Category {
  readonly key: string;
  readonly style: DotStyle;
}

/** Classes that are the same in every table; folds are named by whoever draws them. */
const CATEGORIES: Readonly<Record<Exclude<SitesBy, "fold">, readonly Category[]>> = {
  igbp: IGBP_ORDER.map((key) => ({ key, style: IGBP_STYLE[key] })),
  koppen: KOPPEN.map((key) => ({ key, style: KOPPEN_STYLE[key] })),
  split: SPLIT_SIDES.map((key) => ({ key, style: SPLIT_STYLE[key] })),
};

/** How a title says what the colours mean. */
export const COLORED_BY: Readonly<Record<SitesBy, string>> = { igbp: "land cover (IGBP)", koppen: "climate (Köppen)", split: "side of the split", fold: "fold" };

/**
 * The classes that occur, in the house's order, each with its sites; a site without a class is "unknown".
 * @example sitesByCategory(sites, "igbp", (s) => s.igbp).map((c) => `${c.key} ${c.sites.length}`)
 */
export function sitesByCategory<S>(sites: readonly S[], by: SitesBy, classOf: (site: S) => string | null | undefined): readonly (Category & { readonly sites: readonly S[] })[] {
  const classes = by === "fold" ? folds(sites.map(classOf)) : CATEGORIES[by];
  return [...classes, { key: "unknown", style: UNKNOWN_STYLE }]
    .map((c) => ({ ...c, sites: sites.filter((s) => (classOf(s) ?? "unknown") === c.key) }))
    .filter((c) => c.sites.length > 0);
}

function folds(names: readonly (string | null | undefined)[]): Category[] {
  const present = [...new Set(names.filter((name): name is string => name !== null && name !== undefined))];
  return present.sort((a, b) => a.localeCompare(b, "en", { numeric: true })).map((key, i) => ({ key, style: FOLD_STYLES[i % FOLD_STYLES.length]! }));
}

/** Legend entries of the classes that occur, with the number of sites of each. @example categoryLegend(present) */
export function categoryLegend(present: ReturnType<typeof sitesByCategory>): LegendEntry[] {
  return present.map((c) => ({ label: `${c.key} (${c.sites.length})`, kind: "dot", color: c.style.color, symbol: c.style.symbol }));
}
