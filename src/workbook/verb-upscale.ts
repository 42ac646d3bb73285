import * as path from "node:path";
import { WorkbookError } from "../core/errors";
import { duration, type Progress } from "../core/progress";
import { writeMaps } from "../figures/map-write";
import type { TruthRow } from "../upscale/against-truth";
import { openMonthly } from "../upscale/monthly-view";
import type { UpscaleResult } from "../upscale/summary";
import { writeTotals } from "../upscale/totals-write";
import { truthMarkdown, writeTruth } from "../upscale/truth-write";
import { upscaleRun } from "../upscale/upscale";
import type { Given, OptionSpec } from "./arguments";
import { engineOf, ENGINE_OPTIONS } from "./engine-options";
import { totalsText } from "./verb-totals";

/** Options of `upscale`. */
export const UPSCALE_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  grid: { kind: "one", help: "drivers: a Zarr, NetCDF or GeoTIFF file, a folder of them, or a grid description (JSON)" },
  out: { kind: "one", help: "the Zarr store to write; tasks, log and report lie beside it in OUT.upscale" },
  resume: { kind: "flag", help: "only go on with a store that was begun (the same command without it goes on too)" },
  "store-only": { kind: "flag", help: "leave out totals and maps, which else are written beside the store into O-totals and O-maps" },
  truth: { kind: "one", help: "the true fluxes of a simulated grid (G.truth.zarr): the store is judged by them in O-totals" },
  "tile-cells": { kind: "one", help: "cells of a tile, and of an output chunk, at most (1024); fewer need less memory, and lose less when a worker dies" },
  ...ENGINE_OPTIONS,
};

const SHOWN = 10;

/** What is written beside a whole store. */
interface Beside {
  readonly files: readonly string[];
  readonly figures: readonly string[];
  readonly truth: readonly TruthRow[] | null;
  readonly text: string;
}

/** `upscale`: a run's fluxes on a grid, and beside the store its totals and maps. */
export async function upscaleVerb(given: Given, context: { progress: Progress; signal: AbortSignal }): Promise<{ json: UpscaleResult & Partial<Omit<Beside, "text">>; text: string; code: number }> {
  if (given.words.length !== 1) throw new WorkbookError("BadArgument", `upscale: one RUN is required, got ${given.words.length}; see upscale --help`);
  const [tileCells, truth] = [given.number("tile-cells", 1, 2 ** 20), given.one("truth")];
  if (truth !== undefined && given.flag("store-only")) throw new WorkbookError("BadArgument", "upscale: --truth is judged with the totals; leave --store-only out");
  // better now than after all tiles
  if (truth !== undefined) (await openMonthly(truth)).close();
  const result = await upscaleRun(given.words[0]!, given.need("grid"), given.need("out"), { ...engineOf("upscale", given), ...(tileCells === undefined ? {} : { tileCells }), resume: given.flag("resume"), ...context });
  if (result.failed.length > 0) return { json: result, text: `${upscaleText(result)}\ntotals and maps: not before every tile is done`, code: 1 };
  if (given.flag("store-only")) return { json: result, text: upscaleText(result), code: 0 };
  const { text, ...beside } = await writeBeside(result.out, truth, context.progress);
  return { json: { ...result, ...beside }, text: `${upscaleText(result)}\n${text}`, code: 0 };
}

/** Totals, maps and the comparison with the truth of a whole store, in folders named for it. */
async function writeBeside(store: string, truth: string | undefined, progress: Progress): Promise<Beside> {
  const { dir, name } = path.parse(store);
  const [ofTotals, ofMaps] = ["totals", "maps"].map((what) => path.join(dir, `${name}-${what}`)) as [string, string];
  const judged = truth === undefined ? null : await writeTruth(store, truth, ofTotals, { progress });
  const { totals, files } = await writeTotals(store, ofTotals, { progress });
  const maps = await writeMaps(store, ofMaps, { progress, totals });
  const drawn = `${maps.figures.length} figures${maps.simulated ? " of simulated data" : ""} → ${ofMaps}${maps.skipped.length > 0 ? `; not drawn: ${maps.skipped.map((s) => s.figure).join(", ")} (maps ${store} says why)` : ""}`;
  return {
    files: [...files, ...(judged?.files ?? []), ...maps.files], figures: maps.figures, truth: judged?.rows ?? null,
    text: [totalsText(totals, files), ...(judged === null ? [] : [truthMarkdown(judged.rows)]), drawn].join("\n"),
  };
}

/** What an upscaling came to, for a person. */
export function upscaleText({ out, simulated, tiles, failed, cells, cell_days, small_classes, unknown_class, filled, never, changed, notes, seconds, write_share }: UpscaleResult): string {
  const work = seconds.read + seconds.infer + seconds.write;
  const some = (title: string, counts: Readonly<Record<string, number>>): string[] => {
    const all = Object.entries(counts).sort((a, b) => b[1] - a[1]);
    const more = all.length > SHOWN ? `, … and ${all.length - SHOWN} more (--json lists all)` : "";
    return all.length === 0 ? [] : [`${title}: ${all.slice(0, SHOWN).map(([name, n]) => `${name} ${n}`).join(", ")}${more}`];
  };
  const empty = Object.fromEntries(Object.entries(cells).filter(([reason, n]) => reason !== "predicted" && n > 0).map(([reason, n]) => [reason.replace(/_/g, " "), n]));
  return [
    `${tiles.done} of ${tiles.total} tiles${tiles.done_before > 0 ? ` (${tiles.done_before} before)` : ""}, ${cell_days} ${simulated ? "simulated " : ""}cell-days → ${out}`,
    ...(work > 0 ? [`${Math.round(cell_days / work)} cell-days a second and worker; ${duration(seconds.wall)} now; reading ${percent(seconds.read / work)}, predicting ${percent(seconds.infer / work)}, writing ${percent(write_share)}`] : []),
    `cells predicted on all days: ${cells.predicted}`,
    ...some("cells not, or not on all days", empty),
    ...some("channels without a single value, in cells", never),
    ...some("driver values filled in short gaps", filled),
    ...some("driver values taken out or changed", changed),
    ...(small_classes > 0 ? [`cells whose classes below 5 % were given to the others: ${small_classes}`] : []),
    ...(unknown_class > 0 ? [`cells with land of no known class: ${unknown_class}`] : []),
    ...notes,
    ...(failed.length > 0 ? [`tiles that failed, the same command tries them again: ${failed.length}`, ...failed.slice(0, SHOWN).map((f) => `  ${f.tile}: ${f.reason.split("\n")[0]}`)] : []),
  ].join("\n");
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
