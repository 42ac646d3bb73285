import { columnsOf } from "../core/columns";
import { WorkbookError } from "../core/errors";
import type { DailyTable } from "../data/daily-table";
import type { Preparation } from "../data/preparation";
import type { RunHeader } from "./run-directory";

/** Channels that the modes prepare in different ways. */
const PREPARED: readonly string[] = [...columnsOf("reflectance"), ...columnsOf("vegetation")];

/**
 * What a run's header says of how the satellite channels were prepared that it learns from: as the table says, `paper` where it does not;
 * nothing for a run without any.
 * @example runPreparation(table, ["ta_degC"]) // {}
 */
export function runPreparation(table: Pick<DailyTable, "preparation">, channels: readonly string[]): Pick<RunHeader, "preparation"> {
  return channels.some((channel) => PREPARED.includes(channel)) ? { preparation: table.preparation ?? "paper" } : {};
}

/**
 * Refuses drivers that were prepared otherwise than those the run learned from. Drivers that say nothing, and runs that do not (no satellite
 * channel, or an older workbook), are taken as they are.
 * @param required how the run says that its own were prepared, `found` how these are said to be
 * @param file the table or grid
 * @throws WorkbookError BadRun
 * @source method §3: a run stores its mode; predict and upscale refuse another
 * @example checkPreparation("upscale", "RUN", "paper", grid.preparation, grid.path)
 */
export function checkPreparation(verb: string, dir: string, required: Preparation | null, found: Preparation | null, file: string): void {
  if (required === null || found === null || found === required) return;
  throw new WorkbookError("BadRun", `${verb}: ${file}: satellite channels prepared in ${required} mode, as those that ${dir} learned from, required, found ${found} mode; prepare them anew in ${required} mode, or take a run of ${found} mode`, { file });
}
