import type { Day } from "../core/days";
import { WorkbookError } from "../core/errors";
import { FLUXES, type Flux } from "../core/quantities";
import { readAxis, type Axis } from "../data/grid/axis";
import { daysInMonth, fluxFactor, monthStart, readDays } from "../data/grid/cf";
import { textAttribute, type GridFile, type GridVariable } from "../data/grid/grid";
import { openGrid } from "../data/grid/open";
import type { Tile } from "../data/grid/predictors";
import { MONTH_SHARE } from "../evaluate/months";

/** Names of the fluxes in gridded files. */
export const GRID_NAME: Readonly<Record<Flux, string>> = { gpp: "GPP", reco: "RECO", nee: "NEE" };

/** What the attribute `frequency` of a store of monthly means says. @source CMIP6 controlled vocabularies, frequency */
export const MONTHLY = "mon";

/** The attribute `summary` of what holds months made of a store of days: nothing where the store has none, or is monthly itself. @example monthlySummary(grid).summary */
export function monthlySummary({ attributes }: { readonly attributes: Readonly<Record<string, unknown>> }): { summary?: string } {
  const { summary, frequency } = attributes;
  return typeof summary === "string" && frequency !== MONTHLY ? { summary: `monthly means of ${summary}` } : {};
}

/** An upscaled store as months: daily values are averaged while they are read, monthly ones are taken as they are. Whoever opens it closes it. */
export interface MonthlyView {
  readonly path: string;
  readonly grid: GridFile;
  readonly step: "day" | "month";
  readonly lat: Axis;
  readonly lon: Axis;
  /** the day of each stored step; a month's first where the store is monthly `[time]` */
  readonly days: Int32Array;
  /** first day of each month that the store touches `[month]` */
  readonly months: Int32Array;
  /** first and last day that the store covers */
  readonly period: { readonly first: Day; readonly last: Day };
  readonly fluxes: readonly Flux[];
  readonly simulated: boolean;
  close(): void;
}

/** One month of one tile. Both arrays are used again for the next month: whoever keeps them copies them. */
export interface TileMonth {
  /** index into `months` */
  readonly month: number;
  /** mean flux, g C m⁻² d⁻¹, NaN where fewer than 90 % of the month's days have a value `[cell]` */
  readonly mean: Float64Array;
  /** days with a value `[cell]` */
  readonly days: Float64Array;
}

/**
 * Opens what `upscale` wrote, or the monthly means made of it.
 * @throws WorkbookError MissingColumn without any of GPP, RECO and NEE; BadFile for a flux on other axes than time, lat, lon; BadUnit for one not in g C m⁻² d⁻¹
 * @example const view = await openMonthly("O.zarr"); view.months.length // 24
 */
export async function openMonthly(path: string): Promise<MonthlyView> {
  const grid = await openGrid(path);
  try {
    const fluxes = FLUXES.filter((flux) => grid.names.includes(GRID_NAME[flux]));
    if (fluxes.length === 0) await grid.variable(GRID_NAME.gpp);
    for (const flux of fluxes) await fluxVariable(grid, flux);
    const [lat, lon] = [await readAxis(grid, "lat", 90), await readAxis(grid, "lon", 180)];
    const days = await readDays(grid);
    const step = grid.attributes["frequency"] === MONTHLY ? "month" : "day";
    const months = Int32Array.from(new Set(Array.from(days, (d) => monthStart(d))));
    const last = step === "day" ? days[days.length - 1]! : months[months.length - 1]! + daysInMonth(months[months.length - 1]!) - 1;
    const first = step === "day" ? days[0]! : months[0]!;
    const simulated = String(grid.attributes["simulated"]) === "true";
    return { path, grid, step, lat, lon, days, months, period: { first: first as Day, last: last as Day }, fluxes, simulated, close: () => grid.close() };
  } catch (error) {
    grid.close();
    throw error;
  }
}

async function fluxVariable(grid: GridFile, flux: Flux): Promise<GridVariable> {
  const variable = await grid.variable(GRID_NAME[flux]);
  const fields = { file: grid.path, column: variable.name };
  if (variable.dims.join() !== "time,lat,lon") throw new WorkbookError("BadFile", `monthly: ${grid.path}: ${variable.name} on time × lat × lon required, found ${variable.dims.join(" × ") || "no named axes"}; give the store that upscale wrote`, fields);
  const factor = fluxFactor(textAttribute(variable.attributes, "units"), grid.path, variable.name);
  if (factor !== 1) throw new WorkbookError("BadUnit", `monthly: ${grid.path}: ${variable.name} in g C m-2 d-1 required, found ${String(variable.attributes["units"])}; give the store that upscale wrote`, fields);
  return variable;
}

/**
 * The tiles in which a store is read: one stored piece each, so that nothing is unpacked twice.
 * @example for (const tile of await viewTiles(view)) await eachMonth(view, "gpp", tile, …)
 */
export async function viewTiles(view: MonthlyView): Promise<Tile[]> {
  const { chunks, shape } = await view.grid.variable(GRID_NAME[view.fluxes[0]!]);
  const cut = (n: number, size: number): [number, number][] => Array.from({ length: Math.ceil(n / size) }, (_, i) => [i * size, Math.min(n, (i + 1) * size)]);
  return cut(shape[1]!, chunks[1]!).flatMap((rows) => cut(shape[2]!, chunks[2]!).map((columns): Tile => ({ rows, columns })));
}

/**
 * Reads a flux of one tile month by month, in order. One stored piece is in memory at a time, however long the record.
 * @param name of the variable, e.g. GPP, or GPP_spread
 * @source method §3: a month's mean needs 90 % of its days
 * @example await eachMonth(view, "GPP", tile, ({ month, mean }) => sum(month, mean))
 */
export async function eachMonth(view: MonthlyView, name: string, tile: Tile, visit: (month: TileMonth) => void): Promise<void> {
  const variable = await view.grid.variable(name);
  if (view.step === "month") return storedMonths(view, variable, tile, visit);
  const cells = (tile.rows[1] - tile.rows[0]) * (tile.columns[1] - tile.columns[0]);
  const [sum, days] = [new Float64Array(cells), new Float64Array(cells)];
  let month = 0;
  const flush = (): void => {
    const needed = MONTH_SHARE * daysInMonth(view.months[month]!);
    visit({ month, days, mean: sum.map((s, i) => (days[i]! >= needed ? s / days[i]! : NaN)) });
    sum.fill(0);
    days.fill(0);
  };
  const piece = variable.chunks[0]!;
  for (let from = 0; from < view.days.length; from += piece) {
    const to = Math.min(view.days.length, from + piece);
    const values = await variable.read([[from, to], tile.rows, tile.columns]);
    for (let t = from; t < to; t++) {
      if (view.months[month + 1] !== undefined && view.days[t]! >= view.months[month + 1]!) {
        flush();
        month++;
      }
      const at = (t - from) * cells;
      for (let i = 0; i < cells; i++) {
        const v = values[at + i]!;
        if (v !== v) continue;
        sum[i] += v;
        days[i] += 1;
      }
    }
  }
  flush();
}

async function storedMonths(view: MonthlyView, variable: GridVariable, tile: Tile, visit: (month: TileMonth) => void): Promise<void> {
  const counted = view.grid.names.includes(`${variable.name}_days`) ? await view.grid.variable(`${variable.name}_days`) : null;
  for (let month = 0; month < view.months.length; month++) {
    const ranges = [[month, month + 1], tile.rows, tile.columns] as const;
    const mean = await variable.read(ranges);
    const length = daysInMonth(view.months[month]!);
    visit({ month, mean, days: counted === null ? mean.map((v) => (v === v ? length : 0)) : await counted.read(ranges) });
  }
}

/**
 * Reads the monthly means of an ensemble's members of one tile: `<FLUX>_member` (member, month, lat, lon). Months that the store's own
 * axis does not have are passed over.
 * @returns the number of members; 0 where the store has none
 * @example await eachMemberMonth(view, "gpp", tile, (member, { month, mean }) => sums[member]!.add(month, mean))
 */
export async function eachMemberMonth(view: MonthlyView, flux: Flux, tile: Tile, visit: (member: number, month: number, mean: Float64Array) => void): Promise<number> {
  const name = `${GRID_NAME[flux]}_member`;
  if (!view.grid.names.includes(name)) return 0;
  const variable = await view.grid.variable(name);
  const where = `monthly: ${view.path}: ${name}`;
  if (variable.dims.join() !== "member,month,lat,lon") throw new WorkbookError("BadFile", `${where}: axes member × month × lat × lon required, found ${variable.dims.join(" × ") || "none named"}; give the store that upscale wrote`, { file: view.path, column: name });
  const of = new Map(Array.from(view.months, (m, i) => [m, i]));
  const at = Array.from(await readDays(view.grid, "month"), (d) => of.get(monthStart(d)));
  const cells = (tile.rows[1] - tile.rows[0]) * (tile.columns[1] - tile.columns[0]);
  const [members, months] = variable.shape as [number, number];
  for (let m = 0; m < members; m += variable.chunks[0]!) {
    for (let t = 0; t < months; t += variable.chunks[1]!) {
      const [mTo, tTo] = [Math.min(members, m + variable.chunks[0]!), Math.min(months, t + variable.chunks[1]!)];
      const values = await variable.read([[m, mTo], [t, tTo], tile.rows, tile.columns]);
      for (let k = 0; k < (mTo - m) * (tTo - t); k++) {
        const month = at[t + (k % (tTo - t))];
        if (month !== undefined) visit(m + Math.floor(k / (tTo - t)), month, values.subarray(k * cells, (k + 1) * cells));
      }
    }
  }
  return members;
}
