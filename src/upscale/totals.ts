import type { Day } from "../core/days";
import { counter, silent, type Progress } from "../core/progress";
import type { Tile } from "../data/grid/predictors";
import { MKM2 } from "./cell-area";
import { readLayers } from "./monthly-layers";
import { eachMemberMonth, eachMonth, GRID_NAME, openMonthly, viewTiles, type MonthlyView } from "./monthly-view";
import { countGaps, emptyGaps, gapRows, type GapCount, type GapRow } from "./totals-gaps";
import { memberUncertainty, spreadKindOf, type Uncertainty } from "./totals-members";
import { isGlobal, regionFrame, tileEntries, type RegionFrame, type TileEntries } from "./totals-regions";
import { totalRows, type TotalRow } from "./totals-rows";
import { addMonth, emptySums, type FluxSums } from "./totals-sums";
import { readTowers, towerNotes, type TrainingTowers } from "./training-towers";

/** What `gridTotals` may be told. */
export interface TotalsOptions {
  /** width of the latitude bands, degrees (30) */
  readonly bands?: number;
  readonly progress?: Progress;
}

/** Area-weighted totals of an upscaled store. */
export interface GridTotals {
  readonly path: string;
  readonly simulated: boolean;
  readonly period: { readonly first: Day; readonly last: Day };
  readonly rows: readonly TotalRow[];
  /** land without a flux, by reason */
  readonly gaps: readonly GapRow[];
  readonly land: { readonly Mkm2: number } & Readonly<Omit<GapCount, "land" | "reasons">>;
  readonly uncertainty: Uncertainty;
  /** towers behind the run, by class; null where the store does not say */
  readonly towers: TrainingTowers | null;
  readonly notes: readonly string[];
}

/**
 * Totals of GPP, RECO and NEE over the land of a grid: all, by latitude band, by IGBP and Köppen class, inside and outside the area of
 * applicability; the mean year, its seasons, each year. Land fraction is applied once: stored fluxes are those of a cell's land. A cell's
 * missing months are filled with its band's mean of that month and the filled share is told; land without any value is counted and adds
 * nothing. Read tile by tile, so memory does not grow with the grid.
 * @throws WorkbookError what `openMonthly` and `readLayers` throw
 * @source issue 6; spherical areas: R² Δλ (sin φ₂ − sin φ₁)
 * @example (await gridTotals("O.zarr")).rows[0].total_Pg_C
 */
export async function gridTotals(path: string, options: TotalsOptions = {}): Promise<GridTotals> {
  const view = await openMonthly(path);
  try {
    const frame = regionFrame(view, options.bands ?? 30);
    const land = new Float64Array(frame.regions.length * frame.bands.length);
    const sums = view.fluxes.map((flux): FluxSums => ({ flux, mean: emptySums(frame, view.months.length), members: [], predicted: new Float64Array(land.length) }));
    const gaps = emptyGaps();
    const tiles = await viewTiles(view);
    const step = counter("totals", tiles.length, options.progress ?? silent);
    for (const [i, tile] of tiles.entries()) {
      const layers = await readLayers(view, tile);
      const entries = tileEntries(frame, tile, layers);
      entries.slot.forEach((slot, e) => (land[slot] += entries.area[e]!));
      if (entries.slot.length > 0) countGaps(gaps, view, frame, entries, layers, await sumTile(view, frame, tile, entries, sums));
      step(i + 1);
    }
    const uncertainty = memberUncertainty(await spreadKindOf(view.grid), Math.max(0, ...sums.map((s) => s.members.length)));
    const global = isGlobal(frame, view.lon.centres.length);
    const rows = totalRows({ frame, months: view.months, land, sums, uncertainty, global });
    const { reasons, land: m2, ...counts } = gaps;
    const towers = readTowers(view.grid.attributes);
    return { path, simulated: view.simulated, period: view.period, rows, gaps: gapRows(gaps), land: { Mkm2: m2 / MKM2, ...counts }, uncertainty, towers, notes: [...notesOf(rows, global, uncertainty, gaps), ...towerNotes(towers, rows), ...(view.simulated ? ["Made of simulated data: these are no totals of the Earth."] : [])] };
  } finally {
    view.close();
  }
}

/** Adds one tile to the sums. @returns days with a value of the first flux `[cell]` */
async function sumTile(view: MonthlyView, frame: RegionFrame, tile: Tile, entries: TileEntries, sums: readonly FluxSums[]): Promise<Float64Array> {
  const cells = (tile.rows[1] - tile.rows[0]) * (tile.columns[1] - tile.columns[0]);
  const months = view.months.length;
  const counted = new Float64Array(cells);
  for (const { flux, mean, members, predicted } of sums) {
    const any = new Uint8Array(cells);
    await eachMonth(view, GRID_NAME[flux], tile, (m) => {
      addMonth(mean, entries, months, m.month, m.mean);
      for (let i = 0; i < cells; i++) {
        if (m.mean[i]! === m.mean[i]!) any[i] = 1;
        if (flux === sums[0]!.flux) counted[i] += m.days[i]!;
      }
    });
    entries.cell.forEach((cell, e) => { if (any[cell] === 1) predicted[entries.slot[e]!] += entries.area[e]!; });
    await eachMemberMonth(view, flux, tile, (member, month, values) => {
      while (members.length <= member) members.push(emptySums(frame, months));
      addMonth(members[member]!, entries, months, month, values);
    });
  }
  return counted;
}

function notesOf(rows: readonly TotalRow[], global: boolean, uncertainty: Uncertainty, gaps: GapCount): string[] {
  const incomplete = rows.filter((r) => r.total_Pg_C === null && r.by === "all" && r.flux === rows[0]!.flux);
  const has = (by: TotalRow["by"]): boolean => rows.some((r) => r.by === by);
  const missing = gaps.days === 0 ? 0 : (100 * gaps.days_missing) / gaps.days;
  return [
    "Totals are of land: cell area on the sphere × land fraction, once; negative NEE = uptake.",
    ...(global ? [] : ["The grid does not cover the globe: its totals are those of its part."]),
    `${gaps.cells_with_flux} of ${gaps.cells} land cells have a flux on some day. The others add nothing and count as no zero: their land is given by reason.`,
    `${missing.toFixed(2)} % of the days of cells with a flux have none. A month needs 90 % of its days; a month that a cell lacks takes its latitude band's mean: filled_share.`,
    ...(incomplete.length > 0 ? [`No total for ${incomplete.map((r) => r.period).join(", ")}: a calendar month is missing throughout a band; the mean flux there is of the months that are left (column months), no mean of the whole period, and which are left depends on the width of the bands.`] : []),
    ...(has("igbp") ? ["A cell's flux is shared out by the classes' shares of its land, so a class has the flux of the cells it lies in, not one of its own."] : []),
    ...(has("applicability") ? [] : ["The store does not say what lies inside its area of applicability."]),
    uncertainty.text,
  ];
}
