import { WorkbookError } from "../core/errors";
import { duration, type Progress } from "../core/progress";
import type { UpscaleResult } from "../upscale/summary";
import { upscaleRun } from "../upscale/upscale";
import type { Given, OptionSpec } from "./arguments";
import { engineOf, ENGINE_OPTIONS } from "./engine-options";

/** Options of `upscale`. */
export const UPSCALE_OPTIONS: Readonly<Record<string, OptionSpec>> = {
  grid: { kind: "one", help: "drivers: a Zarr, NetCDF or GeoTIFF file, a folder of them, or a grid description (JSON)" },
  out: { kind: "one", help: "the Zarr store to write; tasks, log and report lie beside it in OUT.upscale" },
  resume: { kind: "flag", help: "only go on with a store that was begun (the same command without it goes on too)" },
  "tile-cells": { kind: "one", help: "cells of a tile, and of an output chunk, at most (1024); fewer need less memory, and lose less when a worker dies" },
  ...ENGINE_OPTIONS,
};

const SHOWN = 10;

/** `upscale`: a run's fluxes on a grid. */
export async function upscaleVerb(given: Given, context: { progress: Progress; signal: AbortSignal }): Promise<{ json: UpscaleResult; text: string; code: number }> {
  if (given.words.length !== 1) throw new WorkbookError("BadArgument", `upscale: one RUN is required, got ${given.words.length}; see upscale --help`);
  const tileCells = given.number("tile-cells", 1, 2 ** 20);
  const result = await upscaleRun(given.words[0]!, given.need("grid"), given.need("out"), { ...engineOf("upscale", given), ...(tileCells === undefined ? {} : { tileCells }), resume: given.flag("resume"), ...context });
  return { json: result, text: upscaleText(result), code: result.failed.length > 0 ? 1 : 0 };
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
    `cells predicted: ${cells.predicted}`,
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
