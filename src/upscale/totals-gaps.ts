import type { TileLayers } from "./monthly-layers";
import type { MonthlyView } from "./monthly-view";
import { MKM2 } from "./cell-area";
import type { RegionFrame, TileEntries } from "./totals-regions";

/** Land without any flux, by reason. */
export interface GapRow {
  readonly reason: string;
  readonly cells: number;
  readonly land_Mkm2: number;
  /** of all land of the grid */
  readonly land_share: number;
}

/** Cells and days with and without a flux, counted tile by tile. */
export interface GapCount {
  /** cells with land */
  cells: number;
  cells_with_flux: number;
  /** of the cells with a flux: days that have none, and all days */
  days_missing: number;
  days: number;
  /** m² of land, all of it, and what has no flux */
  land: number;
  readonly reasons: Map<string, { cells: number; area: number }>;
}

/** Nothing counted yet. */
export function emptyGaps(): GapCount {
  return { cells: 0, cells_with_flux: 0, days_missing: 0, days: 0, land: 0, reasons: new Map() };
}

/**
 * Counts one tile.
 * @param days with a value `[cell]`
 * @example countGaps(gaps, view, frame, entries, layers, days)
 */
export function countGaps(gaps: GapCount, view: MonthlyView, frame: RegionFrame, entries: TileEntries, layers: TileLayers, days: Float64Array): void {
  const length = view.period.last - view.period.first + 1;
  const area = new Map<number, number>();
  // slots of the whole land come first; a cell on a band's edge has two
  entries.cell.forEach((cell, e) => { if (entries.slot[e]! < frame.bands.length) area.set(cell, (area.get(cell) ?? 0) + entries.area[e]!); });
  for (const [cell, m2] of area) {
    gaps.cells++;
    gaps.land += m2;
    if (days[cell]! > 0) {
      gaps.cells_with_flux++;
      gaps.days += length;
      gaps.days_missing += length - days[cell]!;
      continue;
    }
    const reason = layers.reason?.[cell] ?? "no value, the store does not say why";
    const gap = gaps.reasons.get(reason) ?? { cells: 0, area: 0 };
    gaps.reasons.set(reason, { cells: gap.cells + 1, area: gap.area + m2 });
  }
}

/** The rows of what was counted, largest first. @example gapRows(gaps)[0]?.reason */
export function gapRows({ reasons, land }: GapCount): GapRow[] {
  const rows = [...reasons].map(([reason, { cells, area }]): GapRow => ({ reason, cells, land_Mkm2: area / MKM2, land_share: area / land }));
  return rows.sort((a, b) => b.land_Mkm2 - a.land_Mkm2);
}
