import { asDay, formatDay, type Day } from "../core/days";
import { WorkbookError } from "../core/errors";
import { counter, silent, type Progress } from "../core/progress";
import type { Flux } from "../core/quantities";
import { daysInMonth } from "../data/grid/cf";
import type { Tile } from "../data/grid/predictors";
import { openXbase, type Xbase, type XbaseFile, type XbaseFlux } from "../data/products/xbase-layout";
import { readXbaseSites } from "../data/products/xbase-sites";
import { cellAreas } from "./cell-area";
import { partOf, regrid, regridder, type ProductPart, type Regridder } from "./compare-regrid";
import { addMeans, blocksOf, emptyMeans, meanOf } from "./monthly-blocks";
import { frameOf, MOST_ROWS, type MapFrame } from "./monthly-fields";
import { readLayers } from "./monthly-layers";
import { eachMonth, GRID_NAME, openMonthly, viewTiles, type MonthlyView } from "./monthly-view";
import { memberUncertainty } from "./totals-members";
import { isGlobal, regionFrame, tileEntries } from "./totals-regions";
import { totalRows, type TotalRow } from "./totals-rows";
import { addMonth, emptySums, type MonthSums } from "./totals-sums";

/** A flux of a region in both, over the cells and months that both have. */
export interface SideRow extends Pick<TotalRow, "flux" | "by" | "region" | "period" | "months" | "land_Mkm2"> {
  /** share of the region's land whose cells both have */
  readonly common_share: number;
  /** g C m⁻² d⁻¹ over common cells and months */
  readonly own_mean: number | null;
  readonly xbase_mean: number | null;
  readonly difference: number | null;
  /** Pg C yr⁻¹ (of a season Pg C) of the common cells; null where a calendar month is missing */
  readonly own_Pg_C: number | null;
  readonly xbase_Pg_C: number | null;
}

/** An upscaled store beside X-BASE. */
export interface XbaseSideBySide {
  readonly path: string;
  readonly product: string;
  readonly simulated: boolean;
  /** first and last day of the common months */
  readonly period: { readonly first: Day; readonly last: Day };
  /** months with a common cell */
  readonly n_months: number;
  /** cells with a common month of any flux */
  readonly n_cells: number;
  readonly rows: readonly SideRow[];
  readonly frame: MapFrame;
  /** m² of land `[cell]` */
  readonly land: Float64Array;
  /** own less X-BASE, mean over common months, g C m⁻² d⁻¹, NaN = none `[cell]` */
  readonly difference: Readonly<Partial<Record<Flux, Float64Array>>>;
  /** what must stand beside the figures */
  readonly words: readonly string[];
}

/** What of X-BASE a flux is. */
const OF_XBASE: Readonly<Record<Flux, readonly XbaseFlux[]>> = { gpp: ["GPP"], nee: ["NEE"], reco: ["GPP", "NEE"] };
/** Cells of a strip that are read together: X-BASE's pieces are large, and each strip unpacks them again. */
const STRIP = 2 ** 16;

/**
 * Puts an upscaled store beside X-BASE's monthly files: both on this grid's cells (X-BASE averaged over its land, or its cell repeated where
 * it is coarser), over the cells and months that both have, weighed by this grid's land.
 * @throws WorkbookError BadFile for the hourly product; EmptyTable without a common month or cell; what `openMonthly` and `openXbase` throw
 * @source Nelson, Walther et al. 2024, doi:10.5194/bg-21-5079-2024; method §9
 * @example (await besideXbase("O.zarr", "data/raw/xbase-monthly")).rows[0].difference
 */
export async function besideXbase(path: string, product: string, options: { readonly bands?: number; readonly progress?: Progress } = {}): Promise<XbaseSideBySide> {
  const view = await openMonthly(path);
  try {
    const xbase = await openXbase(product);
    try {
      return await compareViews(view, xbase, options);
    } finally {
      xbase.close();
    }
  } finally {
    view.close();
  }
}

interface Step {
  readonly file: XbaseFile;
  readonly step: number;
}

async function compareViews(view: MonthlyView, xbase: Xbase, options: { readonly bands?: number; readonly progress?: Progress }): Promise<XbaseSideBySide> {
  if (xbase.layout !== "month") throw new WorkbookError("BadFile", `compare: ${xbase.path}: X-BASE's monthly files are required, found the hourly ones; get them with fetch xbase-monthly`, { file: xbase.path });
  const steps = stepsOf(xbase);
  const common = view.months.filter((m) => OF_XBASE.reco.every((flux) => steps.get(flux)!.has(m)));
  if (common.length === 0) throw new WorkbookError("EmptyTable", `compare: ${xbase.path}: a month of ${formatDay(view.period.first)} to ${formatDay(view.period.last)} required, found none in X-BASE's files; give those of the same years`, { file: xbase.path });
  const frame = regionFrame(view, options.bands ?? 30);
  const overlaps = regridder(view, xbase.files[0]!);
  const blocks = blocksOf(view, MOST_ROWS);
  const areas = cellAreas(view.lat, view.lon);
  const land = new Float64Array(frame.regions.length * frame.bands.length);
  const mapLand = new Float64Array(blocks.rows * blocks.columns);
  const sums = view.fluxes.map((flux) => ({ flux, own: emptySums(frame, common.length), theirs: emptySums(frame, common.length), predicted: new Float64Array(land.length), difference: emptyMeans(mapLand.length) }));
  const counted = { cells: 0, months: new Set<number>() };
  const tiles = await strips(view);
  const step = counter("X-BASE beside", tiles.length, options.progress ?? silent);
  for (const [i, tile] of tiles.entries()) {
    const layers = await readLayers(view, tile);
    const entries = tileEntries(frame, tile, layers);
    entries.slot.forEach((slot, e) => (land[slot] += entries.area[e]!));
    const { block, weight } = blocks.of(tile, areas, layers.landFraction);
    weight.forEach((w, c) => (mapLand[block[c]!] += w));
    const part = entries.slot.length === 0 ? null : await partOf(overlaps, xbase.files[0]!, tile);
    const any = new Uint8Array(weight.length);
    for (const { flux, own, theirs, predicted, difference } of part === null ? [] : sums) {
      const mine = await commonMonths(view, flux, tile, common);
      const has = new Uint8Array(weight.length);
      for (const [m, month] of common.entries()) {
        const values = await productMonth(OF_XBASE[flux].map((f) => steps.get(f)!.get(month)!), overlaps, part!, tile);
        const ours = mine.subarray(m * weight.length, (m + 1) * weight.length);
        for (let c = 0; c < ours.length; c++) {
          if (Number.isNaN(ours[c]! + values[c]!)) ours[c] = values[c] = NaN;
          else if (weight[c]! > 0) has[c] = any[c] = 1;
        }
        if (ours.some((v, c) => v === v && weight[c]! > 0)) counted.months.add(month);
        addMonth(own, entries, common.length, m, ours);
        addMonth(theirs, entries, common.length, m, values);
        addMeans(difference, block, weight, ours.map((v, c) => v - values[c]!), 0, daysInMonth(month));
      }
      entries.cell.forEach((cell, e) => { if (has[cell] === 1) predicted[entries.slot[e]!] += entries.area[e]!; });
    }
    counted.cells += any.reduce((a, b) => a + b, 0);
    step(i + 1);
  }
  if (counted.cells === 0) throw new WorkbookError("EmptyTable", `compare: ${xbase.path}: a land cell that both have is required, found none; give the part of X-BASE that covers the grid`, { file: xbase.path });
  const rowsOf = (pick: (s: (typeof sums)[number]) => MonthSums): TotalRow[] => totalRows({
    frame, months: common, land, uncertainty: memberUncertainty(null, 0), global: isGlobal(frame, view.lon.centres.length),
    sums: sums.map((s) => ({ flux: s.flux, mean: pick(s), members: [], predicted: s.predicted })),
  });
  const [first, last] = [Math.min(...counted.months), Math.max(...counted.months)];
  return {
    path: view.path, product: xbase.path, simulated: view.simulated, n_months: counted.months.size, n_cells: counted.cells,
    period: { first: asDay(first), last: asDay(last + daysInMonth(last) - 1) },
    rows: joined(rowsOf((s) => s.own), rowsOf((s) => s.theirs)), frame: frameOf(view, blocks), land: mapLand,
    difference: Object.fromEntries(sums.map((s) => [s.flux, meanOf(s.difference)])), words: xbaseWords(view.simulated),
  };
}

/** Where each month of X-BASE lies, by flux. */
function stepsOf({ files }: Xbase): Map<XbaseFlux, Map<number, Step>> {
  const out = new Map<XbaseFlux, Map<number, Step>>(OF_XBASE.reco.map((flux) => [flux, new Map()]));
  for (const file of files) file.days.forEach((day, step) => out.get(file.flux)!.set(day, { file, step }));
  return out;
}

/** Full-width strips of whole pieces where they are small, else single pieces. */
async function strips(view: MonthlyView): Promise<Tile[]> {
  const tiles = await viewTiles(view);
  const width = view.lon.centres.length;
  const height = tiles[0]!.rows[1];
  const rows = Math.floor(STRIP / (width * height)) * height;
  if (rows === 0) return tiles;
  return Array.from({ length: Math.ceil(view.lat.centres.length / rows) }, (_, i): Tile => ({ rows: [i * rows, Math.min(view.lat.centres.length, (i + 1) * rows)], columns: [0, width] }));
}

/** This store's means of the common months `[month, cell]`. */
async function commonMonths(view: MonthlyView, flux: Flux, tile: Tile, common: Int32Array): Promise<Float64Array> {
  const cells = (tile.rows[1] - tile.rows[0]) * (tile.columns[1] - tile.columns[0]);
  const at = new Map(Array.from(common, (m, i) => [m, i]));
  const out = new Float64Array(common.length * cells);
  await eachMonth(view, GRID_NAME[flux], tile, ({ month, mean }) => {
    const m = at.get(view.months[month]!);
    if (m !== undefined) out.set(mean, m * cells);
  });
  return out;
}

async function productMonth(parts: readonly Step[], overlaps: Regridder, part: ProductPart, tile: Tile): Promise<Float64Array> {
  let sum: Float64Array | null = null;
  for (const { file, step } of parts) {
    const values = (await file.variable.read([[step, step + 1], part.rows, part.columns])).map((v) => v * file.factor);
    sum = sum === null ? values : sum.map((v, i) => v + values[i]!);
  }
  return regrid(overlaps, part, tile, sum!);
}

function joined(own: readonly TotalRow[], theirs: readonly TotalRow[]): SideRow[] {
  return own.map((row, i): SideRow => {
    const other = theirs[i]!;
    const [a, b] = [row.mean_g_C_m2_d, other.mean_g_C_m2_d];
    return {
      flux: row.flux, by: row.by, region: row.region, period: row.period, months: row.months, land_Mkm2: row.land_Mkm2, common_share: row.predicted_share,
      own_mean: a, xbase_mean: b, difference: a === null || b === null ? null : a - b, own_Pg_C: row.total_Pg_C, xbase_Pg_C: other.total_Pg_C,
    };
  });
}

/**
 * What must stand beside any figure that sets fluxes beside X-BASE's.
 * @source method §9; Nelson, Walther et al. 2024, doi:10.5194/bg-21-5079-2024
 * @example xbaseWords(false)[0]
 */
export function xbaseWords(simulated: boolean): string[] {
  return [
    "X-BASE's global NEE, −5.75 ± 0.33 Pg C yr⁻¹ (2001–2020), is not a net biome balance: fire, lateral flux and harvest export are not in it. Its ± is not an interval of ours.",
    `X-BASE learned from ${readXbaseSites().length} towers; where this run learned from the same ones, agreement is no independent check.`,
    "RECO of X-BASE is GPP + NEE, may be negative, and is not clipped.",
    ...(simulated ? ["One side is of a simulated world: the difference says nothing of the Earth."] : []),
  ];
}
