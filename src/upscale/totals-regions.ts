import { IGBP, IGBP_ORDER, KOPPEN } from "../core/quantities";
import type { Tile } from "../data/grid/predictors";
import { cellAreas, cellEdges, EARTH_AREA, latitudeOverlaps } from "./cell-area";
import type { TileLayers } from "./monthly-layers";
import type { MonthlyView } from "./monthly-view";

/** What totals are parted by. */
export type RegionKind = "all" | "latitude" | "igbp" | "koppen" | "applicability";

/** A part of the grid that has a total of its own. Latitude bands are parts of every region and are no regions here. */
export interface Region {
  readonly by: RegionKind;
  readonly name: string;
}

/** Regions and latitude bands of a grid: the slots in which fluxes are summed, `slot = region · bands + band`. */
export interface RegionFrame {
  readonly regions: readonly Region[];
  /** south and north of each band, degrees, from south to north */
  readonly bands: readonly (readonly [number, number])[];
  /** area of a cell of each row, m² `[row]` */
  readonly areas: Float64Array;
  /** share of each row in bands `[row][…]` */
  readonly shares: readonly (readonly { readonly band: number; readonly share: number }[])[];
}

/** Land area of the cells of one tile by slot: one entry for each cell and slot that it has a part in. */
export interface TileEntries {
  readonly cell: Int32Array;
  readonly slot: Int32Array;
  /** m² of land */
  readonly area: Float64Array;
}

/** Regions of every grid; those without land are left out of what is written. */
const REGIONS: readonly Region[] = [
  { by: "all", name: "all land" },
  ...[...IGBP_ORDER, "unknown"].map((name) => ({ by: "igbp" as const, name })),
  ...[...KOPPEN, "unknown"].map((name) => ({ by: "koppen" as const, name })),
  ...["inside", "outside", "unknown"].map((name) => ({ by: "applicability" as const, name })),
];
const first = (by: RegionKind): number => REGIONS.findIndex((r) => r.by === by);
const ALL = 0;
const IGBP_AT = IGBP.map((name) => first("igbp") + IGBP_ORDER.indexOf(name));
const UNKNOWN = { igbp: first("igbp") + IGBP_ORDER.length, koppen: first("koppen") + KOPPEN.length, applicability: first("applicability") + 2 };

/**
 * The slots of a grid. A row on a band's edge belongs to both bands by area.
 * @param width of a band, degrees, from the south pole
 * @example regionFrame(view, 30).bands.length // 6
 */
export function regionFrame({ lat, lon }: Pick<MonthlyView, "lat" | "lon">, width: number): RegionFrame {
  const bands = Array.from({ length: Math.ceil(180 / width - 1e-9) }, (_, i) => [-90 + i * width, Math.min(90, -90 + (i + 1) * width)] as const);
  const shares = latitudeOverlaps(cellEdges(lat, 90), bands).map((overlaps) => {
    const whole = overlaps.reduce((sum, o) => sum + o.size, 0);
    return overlaps.map((o) => ({ band: o.index, share: o.size / whole }));
  });
  return { regions: REGIONS, bands, areas: cellAreas(lat, lon), shares };
}

/** Whether the grid covers the globe, so that its total may be called global. */
export function isGlobal({ areas }: RegionFrame, columns: number): boolean {
  return areas.reduce((sum, a) => sum + a * columns, 0) > 0.999 * EARTH_AREA;
}

/**
 * Parts the land of a tile into slots: land area = cell area × land fraction, applied here and nowhere else; fluxes are those of the land.
 * A cell's flux is shared out by the classes' shares of its land.
 * @example tileEntries(frame, tile, await readLayers(view, tile)).area
 */
export function tileEntries(frame: RegionFrame, tile: Tile, layers: TileLayers): TileEntries {
  const columns = tile.columns[1] - tile.columns[0];
  const bands = frame.bands.length;
  const [cell, slot, area]: [number[], number[], number[]] = [[], [], []];
  for (let i = 0; i < layers.landFraction.length; i++) {
    const row = tile.rows[0] + Math.floor(i / columns);
    const land = frame.areas[row]! * layers.landFraction[i]!;
    if (!(land > 0)) continue;
    const parts = partsOf(layers, i);
    for (const { band, share } of frame.shares[row]!) {
      for (const [region, fraction] of parts) {
        cell.push(i);
        slot.push(region * bands + band);
        area.push(land * share * fraction);
      }
    }
  }
  return { cell: Int32Array.from(cell), slot: Int32Array.from(slot), area: Float64Array.from(area) };
}

function partsOf({ igbp, koppen, inside, landFraction }: TileLayers, i: number): [region: number, fraction: number][] {
  const parts: [number, number][] = [[ALL, 1]];
  if (igbp !== null) {
    let rest = 1;
    for (let k = 0; k < IGBP.length; k++) {
      const fraction = igbp[k * landFraction.length + i]!;
      if (fraction > 0) parts.push([IGBP_AT[k]!, fraction]);
      rest -= Math.max(0, fraction);
    }
    if (rest > 1e-6) parts.push([UNKNOWN.igbp, rest]);
  }
  if (koppen !== null) parts.push([koppen[i]! < 0 ? UNKNOWN.koppen : first("koppen") + koppen[i]!, 1]);
  if (inside !== null) parts.push([Number.isNaN(inside[i]!) ? UNKNOWN.applicability : first("applicability") + (inside[i] === 1 ? 0 : 1), 1]);
  return parts;
}
