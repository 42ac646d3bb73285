import { count } from "../core/count";
import type { Site } from "../core/sites";
import { categoryLegend, COLORED_BY, sitesByCategory, type SitesBy } from "./categories";
import { requireSome, someOf, type Figure, type FigureContext, type Period } from "./figure";
import { baseMap } from "./projection";
import { INK, type SplitSide } from "./style";

/** A site, and its side of the split or its fold where one is drawn. */
export interface MapSite extends Site {
  readonly split?: SplitSide;
  readonly fold?: string;
}

export interface SiteMapOptions extends FigureContext {
  readonly colorBy?: SitesBy;
  readonly period: Period | null;
  /** west, south, east, north, degrees; the whole globe without it */
  readonly extent?: readonly [number, number, number, number];
}

const LAND = "#dcdcd6";

/**
 * Map of the sites in an equal-area projection, by land cover, climate, side of the split or fold. Colour and symbol both tell the class.
 * Sites without a position are named under the map; sites without a class are drawn as "unknown".
 * @throws WorkbookError EmptyTable where no site has a position
 * @source equal-earth projection: Šavrič, Patterson & Jenny 2019, doi:10.1080/13658816.2018.1504949; land: Natural Earth 1:110m
 * @example siteMap(table.sites, { colorBy: "igbp", simulated: true, period })
 */
export function siteMap(sites: readonly MapSite[], options: SiteMapOptions): Figure {
  const by = options.colorBy ?? "igbp";
  const hasPosition = (s: MapSite): boolean => Number.isFinite(s.lat) && Number.isFinite(s.lon);
  const nowhere = sites.filter((s) => !hasPosition(s));
  const [west, south, east, north] = options.extent ?? [-180, -90, 180, 90];
  const placed = sites.filter(hasPosition);
  const inside = placed.filter((s) => s.lon! >= west && s.lon! <= east && s.lat! >= south && s.lat! <= north);
  requireSome("siteMap", inside.length, "at least one site with lat and lon inside the map", `none of ${sites.length}`, "add positions to the site table or widen `extent`");

  const present = sitesByCategory(inside, by, (s) => s[by]);
  const notes = [
    ...(nowhere.length > 0 ? [`Not drawn: ${count(nowhere.length, "site")} without a position (${someOf(nowhere.map((s) => s.site))}).`] : []),
    ...(inside.length < placed.length ? [`Not drawn: ${count(placed.length - inside.length, "site")} outside the map.`] : []),
  ];

  return {
    name: `site-map-${by}`,
    title: `Sites by ${COLORED_BY[by]}${options.suffix ?? ""}`,
    caption: `Positions of ${count(inside.length, "site")} by ${COLORED_BY[by]}; number of sites of each class in brackets. Equal-earth projection.`,
    alt: `Map of ${count(inside.length, "site")} by ${COLORED_BY[by]}: ${present.map((c) => `${c.key} ${c.sites.length}`).join(", ")}.`,
    n: inside.length,
    nOf: inside.length === 1 ? "site" : "sites",
    period: options.period,
    simulated: options.simulated,
    legend: categoryLegend(present),
    notes,
    data: sites.map((s) => ({ site: s.site, lat: s.lat, lon: s.lon, igbp: s.igbp, koppen: s.koppenDetail ?? s.koppen, split: s.split ?? null, fold: s.fold ?? null, drawn: inside.includes(s) })),
    units: { lat: "degrees north", lon: "degrees east" },
    decimals: 1,
    draw: (stage) => {
      const { Plot } = stage;
      const rareOnTop = [...present].sort((a, b) => b.sites.length - a.sites.length);
      const marks = rareOnTop.map((c) =>
        Plot.dot(c.sites, { x: "lon", y: "lat", r: inside.length > 150 ? 3.2 : 4, symbol: c.style.symbol, fill: c.style.color, fillOpacity: 0.92, stroke: INK, strokeWidth: 0.5 }),
      );
      const base = baseMap(Plot, options.extent);
      return [[stage.plot({ ...base.options, marks: [...base.below(LAND), ...marks] })]];
    },
  };
}
