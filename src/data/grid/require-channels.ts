import { WorkbookError } from "../../core/errors";
import { nearest } from "../../core/nearest";
import type { OpenedPredictors } from "./predictors";

/** What a run needs of a grid. */
export interface GridNeeds {
  /** the run, for the message */
  readonly run: string;
  readonly channels: readonly string[];
  /** its model is given IGBP and Köppen of a place */
  readonly statics?: boolean;
}

/**
 * Refuses a run whose feature set the grid cannot serve, before any work.
 * @throws WorkbookError BadUnit, BadDate or BadFile of the first channel whose variable cannot be used; MissingColumn naming every channel that is missing and the variables nearest to it
 * @example requireChannels(grid, { run: "RUN", channels: run.config.channels, statics: true })
 */
export function requireChannels(grid: Pick<OpenedPredictors, "path" | "channels" | "refused" | "variables" | "layers">, needs: GridNeeds): void {
  const missing = needs.channels.filter((channel) => !grid.channels.includes(channel));
  const refused = missing.flatMap((channel) => grid.refused.get(channel) ?? [])[0];
  if (refused !== undefined) throw refused;
  if (missing.length > 0) {
    const named = missing.map((channel) => `${channel} (nearest: ${nearest(channel, grid.variables, 2).join(", ") || "none"})`);
    throw new WorkbookError("MissingColumn", `grid: ${grid.path}: ${needs.channels.length} channels required by ${needs.run}, found no ${named.slice(0, 8).join(", no ")}${named.length > 8 ? ` and ${named.length - 8} more` : ""}; add the files that hold them, say their names in a grid description, or take a run with another feature set`, { file: grid.path, column: missing[0]! });
  }
  const lacking = needs.statics ? (["igbp", "koppen"] as const).filter((layer) => !grid.layers[layer]) : [];
  if (lacking.length > 0) throw new WorkbookError("MissingColumn", `grid: ${grid.path}: layers igbp and koppen required by ${needs.run}, found no ${lacking.join(" and no ")}; add ${lacking.map((layer) => (layer === "igbp" ? "igbp_fraction (igbp, lat, lon) or a class map" : "a Köppen map")).join(" and ")} on the same grid`, { file: grid.path, column: lacking[0]! });
}
