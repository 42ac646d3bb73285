import { isWorkbookError } from "../core/errors";
import type { Progress } from "../core/progress";
import type { Flux } from "../core/quantities";
import { besideXbase, type XbaseSideBySide } from "../upscale/compare-xbase";
import { writeXbase } from "../upscale/compare-write";
import { mapFields, type MapFields } from "../upscale/monthly-fields";
import { storeOrigin } from "../upscale/store-origin";
import { gridTotals, type GridTotals } from "../upscale/totals";
import { anomalies } from "./anomalies";
import type { Figure } from "./figure";
import { hovmoller } from "./hovmoller";
import { differenceMap } from "./map-difference";
import { applicabilityMap, fluxMap, spreadMap } from "./map-fields";
import { saveFigure } from "./render";

/** What `writeMaps` may be told. */
export interface MapsOptions {
  /** folder of X-BASE's monthly files, to stand beside */
  readonly xbase?: string;
  /** totals that are known already; read anew without */
  readonly totals?: GridTotals;
  readonly progress?: Progress;
}

/** What `writeMaps` wrote, and what it could not draw and why. */
export interface WrittenMaps {
  readonly files: readonly string[];
  readonly figures: readonly string[];
  readonly skipped: readonly { readonly figure: string; readonly reason: string }[];
  readonly simulated: boolean;
  readonly xbase: XbaseSideBySide | null;
}

/**
 * Draws every map of an upscaled store into a folder: mean fluxes, their uncertainty, applicability, the seasonal cycle by latitude,
 * interannual anomalies, and on request the difference to X-BASE with its table. Each figure as SVG, PNG, CSV and meta; a figure that the
 * store has no data for is left out with the reason.
 * @throws WorkbookError what `mapFields`, `gridTotals` and `besideXbase` throw
 * @example await writeMaps("O.zarr", "O-maps", { xbase: "data/raw/xbase-monthly" })
 */
export async function writeMaps(store: string, dir: string, options: MapsOptions = {}): Promise<WrittenMaps> {
  const progress = options.progress === undefined ? {} : { progress: options.progress };
  // first what can fail for want of another folder, so that nothing is half-written
  const xbase = options.xbase === undefined ? null : await besideXbase(store, options.xbase, progress);
  const fields = await mapFields(store, progress);
  const totals = options.totals ?? (await gridTotals(store, progress));
  const provenance = storeOrigin(fields);
  const [files, figures, skipped]: [string[], string[], { figure: string; reason: string }[]] = [[], [], []];
  for (const { name, draw } of figuresOf(fields, totals, xbase)) {
    try {
      files.push(...(await saveFigure(draw(), dir, name, provenance)));
      figures.push(name);
    } catch (error) {
      if (!isWorkbookError(error, "EmptyTable")) throw error;
      skipped.push({ figure: name, reason: error.message });
    }
  }
  if (xbase !== null) files.push(...writeXbase(xbase, dir, provenance));
  return { files, figures, skipped, simulated: fields.simulated, xbase };
}

function figuresOf(fields: MapFields, totals: GridTotals, xbase: XbaseSideBySide | null): { name: string; draw: () => Figure }[] {
  const each = (name: (flux: Flux) => string, draw: (flux: Flux) => Figure): { name: string; draw: () => Figure }[] => fields.fluxes.map((flux) => ({ name: name(flux), draw: () => draw(flux) }));
  return [
    ...each((flux) => `map-${flux}`, (flux) => fluxMap(fields, flux)),
    ...each((flux) => `map-${flux}-spread`, (flux) => spreadMap(fields, flux)),
    { name: "map-applicability", draw: () => applicabilityMap(fields) },
    { name: "hovmoller", draw: () => hovmoller(fields) },
    { name: "anomalies", draw: () => anomalies(totals) },
    ...(xbase === null ? [] : each((flux) => `map-${flux}-xbase`, (flux) => differenceMap(xbase, flux))),
  ];
}
