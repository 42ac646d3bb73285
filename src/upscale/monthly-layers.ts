import { WorkbookError } from "../core/errors";
import { IGBP, KOPPEN } from "../core/quantities";
import { parseIgbp, parseKoppen } from "../core/sites";
import { textAttribute, type GridVariable } from "../data/grid/grid";
import type { Tile } from "../data/grid/predictors";
import type { MonthlyView } from "./monthly-view";

/** What a store says of the cells of one tile besides fluxes; null where it has no such layer. */
export interface TileLayers {
  /** share of the cell that is land, NaN = unknown `[cell]` */
  readonly landFraction: Float64Array;
  /** share of each class in the cell's land `[igbp, cell]` in the order of IGBP */
  readonly igbp: Float64Array | null;
  /** index into KOPPEN, −1 = unknown `[cell]` */
  readonly koppen: Int8Array | null;
  /** to the training sites, NaN = unknown `[cell]` */
  readonly dissimilarity: Float64Array | null;
  /** 1 inside the area of applicability, 0 outside, NaN = unknown `[cell]` */
  readonly inside: Float64Array | null;
  /** why a cell has no value, "" where it has one `[cell]` */
  readonly reason: readonly string[] | null;
}

/**
 * Reads the layers of one tile.
 * @throws WorkbookError MissingColumn without land_fraction; BadFile for class layers without `flag_meanings`
 * @example (await readLayers(view, tile)).landFraction
 */
export async function readLayers(view: MonthlyView, tile: Tile): Promise<TileLayers> {
  const { grid } = view;
  const ranges = [tile.rows, tile.columns];
  const landFraction = await (await grid.variable("land_fraction")).read(ranges);
  const open = (name: string): Promise<GridVariable | null> => (grid.names.includes(name) ? grid.variable(name) : Promise.resolve(null));
  const [igbp, koppen, applicability, reason] = [await open("igbp_fraction"), await open("koppen"), await open("applicability"), await open("reason")];
  const dissimilarity = applicability === null ? null : await applicability.read(ranges);
  return {
    landFraction, dissimilarity,
    igbp: igbp === null ? null : byClass(view, igbp, await igbp.read([[0, igbp.shape[0]!], ...ranges]), landFraction.length),
    koppen: koppen === null ? null : codes(view, koppen, await koppen.read(ranges)),
    inside: applicability === null ? null : insideOf(applicability, dissimilarity!),
    reason: reason === null ? null : texts(view, reason, await reason.read(ranges)),
  };
}

function meanings(view: MonthlyView, variable: GridVariable): string[] {
  const text = textAttribute(variable.attributes, "flag_meanings");
  if (text === null) throw new WorkbookError("BadFile", `monthly: ${view.path}: ${variable.name}: the attribute flag_meanings is required, found none; give the store that upscale wrote`, { file: view.path, column: variable.name });
  return text.trim().split(/\s+/);
}

function byClass(view: MonthlyView, variable: GridVariable, values: Float64Array, cells: number): Float64Array {
  const out = new Float64Array(IGBP.length * cells);
  meanings(view, variable).forEach((name, k) => {
    const igbp = parseIgbp(name);
    if (igbp === null) return;
    for (let i = 0; i < cells; i++) out[IGBP.indexOf(igbp) * cells + i] = Number.isFinite(values[k * cells + i]!) ? values[k * cells + i]! : 0;
  });
  return out;
}

function flagged(view: MonthlyView, variable: GridVariable): Map<number, string> {
  const names = meanings(view, variable);
  const values = variable.attributes["flag_values"] as ArrayLike<number> | undefined;
  return new Map(names.map((name, k) => [Number(values?.[k] ?? k), name]));
}

function codes(view: MonthlyView, variable: GridVariable, values: Float64Array): Int8Array {
  const of = flagged(view, variable);
  return Int8Array.from(values, (v) => KOPPEN.findIndex((k) => k === parseKoppen(of.get(v) ?? null).koppen));
}

function texts(view: MonthlyView, variable: GridVariable, values: Float64Array): string[] {
  const of = flagged(view, variable);
  return Array.from(values, (v) => (of.get(v) ?? "unknown").replace(/_/g, " "));
}

/**
 * Inside where the dissimilarity does not exceed the layer's `threshold`.
 * @source Meyer & Pebesma 2021, doi:10.1111/2041-210X.13650
 */
function insideOf(variable: GridVariable, values: Float64Array): Float64Array | null {
  const threshold = Number(variable.attributes["threshold"] ?? NaN);
  return Number.isNaN(threshold) ? null : values.map((v) => (Number.isNaN(v) ? NaN : v <= threshold ? 1 : 0));
}
