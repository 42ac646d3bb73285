import { count } from "../core/count";
import { WorkbookError } from "../core/errors";
import type { Progress } from "../core/progress";
import { simulateGrid } from "../data/simulate/grid";
import type { GridOptions } from "../data/simulate/grid-options";
import type { SimulateOptions } from "../data/simulate/options";
import { simulate } from "../data/simulate/simulate";
import { writeSimulation } from "../data/simulate/write";
import type { Given, OptionSpec } from "./arguments";

const one = (help: string): OptionSpec => ({ kind: "one", help });

/** Options of the verb `simulate`. */
export const SIMULATE_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  out: one("the table to write; with --grid the Zarr store"), seed: one("seed (1)"), world: one("default, hidden=0 or hidden=unidentifiable"),
  years: one("mean record, years (4); with --grid whole years from 2001 on (2)"),
  sites: one("number of towers (160)"), variant: one("USTAR50 (closed) or REF (unclosed)"),
  grid: one("cells of so many degrees over the globe instead of towers: 4, 1, 0.25, …"), box: one("of a grid: land only within west,south,east,north, degrees"), workers: one("of a grid: processes at once (what the machine has room for)"),
};
const TOWERS_ALONE = ["sites", "variant"];
const GRID_ALONE = ["box", "workers"];

/**
 * Makes the virtual flux network, or with --grid the gridded globe of the same physics, and writes it with its truth beside it.
 * @throws WorkbookError BadArgument for options that do not belong together or cannot be
 */
export async function simulateVerb(given: Given, context: { progress: Progress; signal: AbortSignal }): Promise<{ json: unknown; text: string }> {
  const out = given.need("out");
  const onGrid = given.one("grid") !== undefined;
  for (const name of onGrid ? TOWERS_ALONE : GRID_ALONE) {
    if (given.one(name) !== undefined) throw new WorkbookError("BadArgument", `simulate: --${name} ${onGrid ? "without" : "beside"} --grid is required, got it ${onGrid ? "beside" : "without"}; ${onGrid ? "leave one out" : "add --grid DEG"}`);
  }
  return onGrid ? simulateCells(given, out, context) : simulateTowers(given, out);
}

/** What was given of the options, by name. */
const told = (options: Readonly<Record<string, unknown>>): object => Object.fromEntries(Object.entries(options).filter(([, v]) => v !== undefined));

async function simulateTowers(given: Given, out: string): Promise<{ json: unknown; text: string }> {
  const options = { sites: given.number("sites", 1, 5000), years: given.number("years", 1, 15), seed: given.number("seed", 0, 2 ** 31), world: given.one("world"), variant: given.one("variant") };
  const network = simulate(told(options) as SimulateOptions);
  const files = await writeSimulation(network, out);
  const json = { ...files, n_sites: network.table.sites.length, n_site_days: network.table.rows.numRows() };
  return { json, text: `simulated ${count(json.n_sites, "site")}, ${json.n_site_days} site-days → ${Object.values(files).join(", ")}` };
}

async function simulateCells(given: Given, out: string, context: { progress: Progress; signal: AbortSignal }): Promise<{ json: unknown; text: string }> {
  const box = given.one("box")?.split(",").map((text) => (text.trim() === "" ? NaN : Number(text)));
  const options = { years: given.number("years", 1, 20), seed: given.number("seed", 0, 2 ** 31), world: given.one("world"), box };
  const workers = given.number("workers", 1, 1024);
  const { cells, days, ...files } = await simulateGrid(given.number("grid", 0.25, 30)!, out, told(options) as GridOptions, { ...context, ...(workers === undefined ? {} : { workers }) });
  return { json: { ...files, n_cells: cells, n_cell_days: cells * days }, text: `simulated ${cells} cells of land, ${cells * days} cell-days → ${Object.values(files).join(", ")}` };
}
