import type * as PlotModule from "@observablehq/plot";
import type { Markish, PlotOptions } from "@observablehq/plot";
import type * as TopojsonModule from "topojson-client";
import { WIDTH } from "./style";

/** West, south, east, north, degrees. */
export type Extent = readonly [number, number, number, number];

const OCEAN = "#f6f9fb";

/** An empty map: its projection, and marks to put below and above what is drawn on it. */
export interface BaseMap {
  readonly options: Pick<PlotOptions, "width" | "height" | "margin" | "projection">;
  /** sea, graticule and land in the colour given */
  below(land: string): Markish[];
  /** outline of the land */
  coast(stroke: string): Markish;
}

/**
 * An equal-area map of the globe, or of a part of it: areas compare by eye, as totals do.
 * @source equal-earth projection: Šavrič, Patterson & Jenny 2019, doi:10.1080/13658816.2018.1504949; land: Natural Earth 1:110m
 * @example const base = baseMap(stage.Plot); stage.plot({ ...base.options, marks: [...base.below("#dcdcd6"), dots] })
 */
export function baseMap(Plot: typeof PlotModule, extent?: Extent): BaseMap {
  const [west, south, east, north] = extent ?? [-180, -90, 180, 90];
  const domain = extent === undefined ? { type: "Sphere" } : { type: "MultiPoint", coordinates: edge(west, south, east, north) };
  const frame = extent === undefined ? Plot.sphere({ fill: OCEAN, stroke: "#c4c4c4" }) : Plot.frame({ fill: OCEAN, stroke: "#c4c4c4" });
  const [mid, spanX, spanY] = [((south + north) / 2) * (Math.PI / 180), east - west, north - south];
  const height = extent === undefined ? 320 : Math.round(Math.min(560, Math.max(200, (620 * spanY) / (spanX * Math.cos(mid)))));
  const clip = extent === undefined ? undefined : ("frame" as const);
  return {
    options: { width: WIDTH, height, margin: 6, projection: { type: "equal-earth", rotate: [-(west + east) / 2, 0], domain: domain as never } },
    below: (fill) => [frame, Plot.geo(GRATICULE, { stroke: "#dfe6ea", strokeWidth: 0.6, clip }), Plot.geo(land(), { fill, stroke: "#b9b9b1", strokeWidth: 0.4, clip })],
    coast: (stroke) => Plot.geo(land(), { fill: "none", stroke, strokeWidth: 0.5, clip }),
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
