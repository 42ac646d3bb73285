import * as path from "node:path";
import { columnSpec } from "../../core/columns";
import { WorkbookError } from "../../core/errors";
import { projectRoot } from "../../core/files";
import { checkKeys, readJson } from "../../core/json";
import { IGBP, type Igbp } from "../../core/quantities";

/** Layers that have no time. */
export const LAYERS = ["land_fraction", "igbp", "koppen"] as const;
export type Layer = (typeof LAYERS)[number];

/** Names by which something is found in a file, the first that is there wins. */
export interface Names {
  readonly names: readonly string[];
  readonly standard_names?: readonly string[];
}

/** One IGBP class of a map. */
export interface IgbpLegend {
  readonly class: Igbp;
  /** its numbers in MODIS' maps (MCD12Q1, MCD12C1) */
  readonly codes: readonly number[];
  /** its names in `flag_meanings`, besides the class itself */
  readonly names: readonly string[];
}

/** `data/grid-variables.json`, read and checked. */
export interface GridCatalogue {
  readonly coordinates: Readonly<Record<"lat" | "lon" | "time", readonly string[]>>;
  /** by channel; a variable of such a name must state its unit */
  readonly names: Readonly<Record<string, readonly string[]>>;
  readonly standard_names: Readonly<Record<string, readonly string[]>>;
  /** channels that are some bits of a stored integer */
  readonly bits: Readonly<Record<string, { readonly names: readonly string[]; readonly mask: number }>>;
  readonly layers: Readonly<Record<Layer, Names>>;
  readonly legends: { readonly igbp: readonly IgbpLegend[]; readonly koppen: readonly string[] };
  /** variables whose numbers are those of the legends, where the file does not say */
  readonly published_legends: Readonly<Record<"igbp" | "koppen", readonly string[]>>;
}

const KEYS = ["about", "coordinates", "names", "standard_names", "bits", "layers", "legends", "published_legends"];

/**
 * Reads `data/grid-variables.json`.
 * @throws WorkbookError BadConfig for a channel or class that is none
 * @source ERA5-Land short names: ECMWF parameter database; IGBP: MCD12 user guide v6; Köppen: Beck et al. 2018, doi:10.1038/sdata.2018.214
 * @example readGridCatalogue().names["temperature_2m"] // ["t2m", "2t"]
 */
export function readGridCatalogue(file = path.join(projectRoot(), "data", "grid-variables.json")): GridCatalogue {
  const raw = readJson<GridCatalogue>(file, "readGridCatalogue");
  checkKeys("readGridCatalogue", raw, KEYS);
  checkKeys("readGridCatalogue: layers", raw.layers, LAYERS);
  for (const channel of [raw.names, raw.standard_names, raw.bits].flatMap((rows) => Object.keys(rows))) {
    if (!columnSpec(channel)) throw new WorkbookError("BadConfig", `readGridCatalogue: ${file}: a canonical channel required, found ${channel}; see src/core/columns.ts`, { file, column: channel });
  }
  const odd = raw.legends.igbp.find((row) => !IGBP.includes(row.class));
  if (odd) throw new WorkbookError("BadConfig", `readGridCatalogue: ${file}: a class of IGBP required, found ${odd.class}; mend the legend`, { file });
  return raw;
}
