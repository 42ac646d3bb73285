import * as path from "node:path";
import { WorkbookError } from "../core/errors";
import type { Progress } from "../core/progress";
import { toMarkdown, type TableRow } from "../evaluate/table";
import { writeMaps } from "../figures/map-write";
import { exportMonthly } from "../upscale/export-netcdf";
import { writeMonthly } from "../upscale/monthly-store";
import { gridTotals, type GridTotals } from "../upscale/totals";
import { writeTotals } from "../upscale/totals-write";
import { truthMarkdown, writeTruth } from "../upscale/truth-write";
import type { Given, OptionSpec } from "./arguments";

interface Context {
  readonly progress: Progress;
}

/** What one of these verbs hands back. */
type Result = Promise<{ json: unknown; text: string }>;

const one = (help: string): OptionSpec => ({ kind: "one", help });
const BANDS = one("width of the latitude bands, degrees (30)");

/** Options of `totals`. */
export const TOTALS_OPTIONS: Readonly<Record<string, OptionSpec>> = { out: one("folder for totals.csv, totals.json and totals.md"), bands: BANDS, truth: one("the true fluxes of a simulated grid (G.truth.zarr): cell R², bias, coverage and totals beside them, as truth.csv, truth.json and truth.md") };
/** Options of `maps`. */
export const MAPS_OPTIONS: Readonly<Record<string, OptionSpec>> = { out: one("folder for the figures, each as SVG, PNG, CSV and meta"), xbase: one("folder of X-BASE's monthly files, to draw the difference and write xbase.csv, xbase.json and xbase.md") };
/** Options of `monthly`. */
export const MONTHLY_OPTIONS: Readonly<Record<string, OptionSpec>> = { out: one("folder for {GPP|RECO|NEE}_{year}_{res}_monthly.nc"), zarr: one("a Zarr store of the same months to write, instead or as well") };

/** `totals`: Pg C of an upscaled store. */
export async function totalsVerb(given: Given, { progress }: Context): Result {
  const [store, out, bands] = [storeOf("totals", given), given.need("out"), given.number("bands", 1, 180)];
  const known = given.one("truth");
  // first what can be of another grid, so that nothing is half-written
  const truth = known === undefined ? null : await writeTruth(store, known, out, { progress });
  const { totals, files } = await writeTotals(store, out, { progress, ...(bands === undefined ? {} : { bands }) });
  return {
    json: { ...totals, files: [...files, ...(truth?.files ?? [])], ...(truth === null ? {} : { truth: truth.rows }) },
    text: [totalsText(totals, files), ...(truth === null ? [] : [truthMarkdown(truth.rows)])].join("\n\n"),
  };
}

/** `maps`: the figures of an upscaled store. */
export async function mapsVerb(given: Given, { progress }: Context): Result {
  const [store, out, xbase] = [storeOf("maps", given), given.need("out"), given.one("xbase")];
  const totals = await gridTotals(store, { progress });
  const written = await writeMaps(store, out, { progress, totals, ...(xbase === undefined ? {} : { xbase }) });
  const lines = [
    `${written.figures.length} figures${written.simulated ? " of simulated data" : ""} → ${out}: ${written.figures.join(", ")}`,
    ...written.skipped.map((s) => `not drawn: ${s.figure}: ${s.reason}`),
    ...(written.xbase?.words ?? []).map((words) => `- ${words}`),
  ];
  const { xbase: beside, ...json } = written;
  return { json: { ...json, xbase: beside === null ? null : { n_cells: beside.n_cells, n_months: beside.n_months, words: beside.words, rows: beside.rows } }, text: lines.join("\n") };
}

/** `monthly`: monthly means of an upscaled store, as X-BASE publishes them. */
export async function monthlyVerb(given: Given, { progress }: Context): Result {
  const [store, out, zarr] = [storeOf("monthly", given), given.one("out"), given.one("zarr")];
  if (out === undefined && zarr === undefined) throw new WorkbookError("BadArgument", "monthly: --out DIR for NetCDF files or --zarr M.zarr is required, got neither; see monthly --help");
  const written = zarr === undefined ? null : await writeMonthly(store, zarr, { progress });
  // from the monthly store where there is one: a hundredth of the reading
  const files = out === undefined ? [] : await exportMonthly(written ?? store, out, { progress });
  const lines = [...(written === null ? [] : [`monthly means → ${written}`]), ...(files.length === 0 ? [] : [`${files.length} NetCDF ${files.length === 1 ? "file" : "files"} → ${out}: ${files.map((f) => path.basename(f)).slice(0, 6).join(", ")}${files.length > 6 ? ", …" : ""}`])];
  return { json: { zarr: written, files }, text: lines.join("\n") };
}

function storeOf(verb: string, given: Given): string {
  if (given.words.length !== 1) throw new WorkbookError("BadArgument", `${verb}: one store O.zarr, as upscale writes it, is required, got ${given.words.length}; see ${verb} --help`);
  return given.words[0]!;
}

/** Totals for a person: the whole, its years, what is missing. */
export function totalsText({ rows, gaps, notes, uncertainty, simulated }: GridTotals, files: readonly string[]): string {
  const whole = rows.filter((r) => r.by === "all").map((r): TableRow => ({
    flux: r.flux.toUpperCase(), region: r.region, period: r.period, months: r.months, "Pg C": r.total_Pg_C, sd: r.sd, low: r.low, high: r.high, "g C m⁻² d⁻¹": r.mean_g_C_m2_d, "land with a flux": `${(100 * r.predicted_share).toFixed(1)} %`, filled: `${(100 * r.filled_share).toFixed(1)} %`,
  }));
  return [
    `totals${simulated ? " of simulated data" : ""}, ${uncertainty.label} → ${files.join(", ")}`, toMarkdown(whole, 2).trimEnd(),
    ...gaps.map((g) => `no flux: ${g.reason}: ${g.cells} ${g.cells === 1 ? "cell" : "cells"}, ${g.land_Mkm2.toFixed(2)} million km², ${(100 * g.land_share).toFixed(1)} % of the land`),
    ...notes.map((note) => `- ${note}`),
  ].join("\n");
}
