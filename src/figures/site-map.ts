import type * as TopojsonModule from "topojson-client";
import type { Site } from "../core/sites";
import { categoryLegend, COLORED_BY, sitesByCategory, type SitesBy } from "./categories";
import { count, requireSome, someOf, type Figure, type FigureContext, type Period } from "./figure";
import { INK, WIDTH, type SplitSide } from "./style";

/** A site, and its side of the split where one is drawn. */
export interface MapSite extends Site {
  readonly split?: SplitSide;
}

export interface SiteMapOptions extends FigureContext {
  readonly colorBy?: SitesBy;
  readonly period: Period | null;
  /** west, south, east, north, degrees; the whole globe without it */
  readonly extent?: readonly [number, number, number, number];
}

const OCEAN = "#f6f9fb";
const LAND = "#dcdcd6";

/**
 * Map of the sites in an equal-area projection, by land cover, climate or side of the split. Colour and symbol both tell the class.
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
    data: sites.map((s) => ({ site: s.site, lat: s.lat, lon: s.lon, igbp: s.igbp, koppen: s.koppenDetail ?? s.koppen, split: s.split ?? null, drawn: inside.includes(s) })),
    units: { lat: "degrees north", lon: "degrees east" },
    decimals: 1,
    draw: (stage) => {
      const { Plot } = stage;
      const extent = options.extent === undefined ? { type: "Sphere" } : { type: "MultiPoint", coordinates: edge(west, south, east, north) };
      const rareOnTop = [...present].sort((a, b) => b.sites.length - a.sites.length);
      const marks = rareOnTop.map((c) =>
        Plot.dot(c.sites, { x: "lon", y: "lat", r: inside.length > 150 ? 3.2 : 4, symbol: c.style.symbol, fill: c.style.color, fillOpacity: 0.92, stroke: INK, strokeWidth: 0.5 }),
      );
      const frame = options.extent === undefined ? [Plot.sphere({ fill: OCEAN, stroke: "#c4c4c4" })] : [Plot.frame({ fill: OCEAN, stroke: "#c4c4c4" })];
      const [mid, spanX, spanY] = [((south + north) / 2) * (Math.PI / 180), east - west, north - south];
      const height = options.extent === undefined ? 320 : Math.round(Math.min(560, Math.max(200, (620 * spanY) / (spanX * Math.cos(mid)))));
      const clip = options.extent === undefined ? undefined : ("frame" as const);
      return [[stage.plot({
        width: WIDTH, height, margin: 6,
        projection: { type: "equal-earth", rotate: [-(west + east) / 2, 0], domain: extent as never },
        marks: [...frame, Plot.geo(GRATICULE, { stroke: "#dfe6ea", strokeWidth: 0.6, clip }), Plot.geo(land(), { fill: LAND, stroke: "#b9b9b1", strokeWidth: 0.4, clip }), ...marks],
      })]];
    },
  };
}

/** Meridians and parallels each 30°; along a parallel points lie close, since an edge between two of them is a great circle. */
const GRATICULE = {
  type: "MultiLineString",
  coordinates: [
    ...[-150, -120, -90, -60, -30, 0, 30, 60, 90, 120, 150].map((lon) => [-90, -45, 0, 45, 90].map((lat) => [lon, lat])),
    ...[-60, -30, 0, 30, 60].map((lat) => Array.from({ length: 37 }, (_, i) => [10 * i - 180, lat])),
  ],
} as const;

/** Points along the border of a box: a projection bends its sides, so four corners would not hold it. */
function edge(west: number, south: number, east: number, north: number): [number, number][] {
  const steps = Array.from({ length: 9 }, (_, i) => i / 8);
  return steps.flatMap((t): [number, number][] => {
    const [lon, lat] = [west + t * (east - west), south + t * (north - south)];
    return [[lon, south], [lon, north], [west, lat], [east, lat]];
  });
}

function land(): object {
  const { feature } = require("topojson-client") as typeof TopojsonModule;
  const atlas = require("world-atlas/land-110m.json");
  return feature(atlas, atlas.objects.land);
}
