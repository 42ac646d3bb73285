import { WorkbookError } from "../../core/errors";
import type { Site, SiteId } from "../../core/sites";
import { siteInName } from "../towers/site-name";

/** Half of ERA5-Land's 0.1°, and a rounding. */
const HALF_CELL = 0.05 + 1e-4;

/** Centre of a cell, degrees; NaN where a file does not say. */
export interface CellCentre {
  readonly lat: number;
  readonly lon: number;
}

/**
 * The known sites that lie in each cell: neighbours share one. A single cell in a file named after a site is that site's, wherever it lies.
 * @throws WorkbookError BadSite where no cell holds a known site
 * @source ERA5-Land's grid of 0.1°: Muñoz-Sabater et al. 2021, doi:10.5194/essd-13-4349-2021
 * @example sitesInCells([{ lat: 51, lon: 13.6 }], "era5.nc", "era5.nc", sites) // [["DE-Gri", "DE-Tha"]]
 */
export function sitesInCells(cells: readonly CellCentre[], file: string, name: string, known: readonly Site[]): SiteId[][] {
  const told = siteInName(name);
  if (cells.length === 1 && told !== null) return [[told]];
  const turn = (degrees: number): number => ((((degrees + 180) % 360) + 360) % 360) - 180;
  const out = cells.map((cell) => known.filter((s) => s.lat !== null && s.lon !== null && Math.abs(s.lat - cell.lat) <= HALF_CELL && Math.abs(turn(s.lon - cell.lon)) <= HALF_CELL).map((s) => s.site));
  if (out.some((sites) => sites.length > 0)) return out;
  const where = cells.slice(0, 3).map((c) => `${c.lat} ${c.lon}`).join(", ");
  throw new WorkbookError("BadSite", `ingest: ${file}: a cell of 0.1° with a known site, or one cell in a file named after its site (era5_DE-Hai…), required, found ${where}${cells.length > 3 ? ", …" : ""} and ${known.length} known sites; give the sites' positions with --sites, or rename the file`, { file });
}
