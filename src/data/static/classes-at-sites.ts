import * as path from "node:path";
import { count } from "../../core/count";
import { WorkbookError } from "../../core/errors";
import { IGBP, type Igbp, type KoppenDetail } from "../../core/quantities";
import { distanceKm, parseKoppen, type Site, type SiteId } from "../../core/sites";
import type { SourceUse } from "../sources/citations";
import { cellOf } from "../grid/axis";
import { filePool, type FilePool } from "../grid/file-pool";
import type { Range } from "../grid/grid";
import { readGridCatalogue, type GridCatalogue } from "../grid/grid-catalogue";
import { listSources } from "../grid/grid-paths";
import { describeGrid } from "../grid/held";
import { findLayers, readLayers, type GridLayers } from "../grid/layers";
import { placeOn } from "../grid/placement";
import type { Placed } from "../grid/series";

/** A class that a map gave to a site. */
export interface FoundClass {
  readonly site: SiteId;
  readonly layer: "igbp" | "koppen";
  readonly value: Igbp | KoppenDetail;
  readonly file: string;
  /** from the tower to the centre of the cell; beyond half a cell it is a neighbour, where the tower's own has no class (coasts) */
  readonly km: number;
}

/** Sites with their gaps filled from maps. */
export interface ClassesAtSites {
  readonly sites: readonly Site[];
  readonly found: readonly FoundClass[];
  readonly warnings: readonly string[];
}

/**
 * Looks up IGBP and Köppen of sites in maps (NetCDF, Zarr or GeoTIFF, each on its own cells). A class that a site has already is kept, and where the
 * map has another that is said. A cell without a class, as at a coast, lends that of its nearest neighbour among the eight around it.
 * @throws WorkbookError MissingColumn for files without either layer, BadFile
 * @source IGBP: MCD12 user guide v6; Köppen: Beck et al. 2018, doi:10.1038/sdata.2018.214
 * @example await classesAtSites(["koppen_geiger_0p1.tif", "MCD12C1.nc"], sites)
 */
export async function classesAtSites(paths: readonly string[], sites: readonly Site[]): Promise<ClassesAtSites> {
  const catalogue = readGridCatalogue();
  const pool = filePool();
  const found: FoundClass[] = [];
  const warnings: string[] = [];
  let filled = [...sites];
  try {
    for (const file of listSources(paths).files) {
      const map = await openMap(pool, file, catalogue);
      for (const layer of ["igbp", "koppen"] as const) {
        if (!map.has(layer)) continue;
        const seen = await lookUp(pool, map, layer, filled);
        const by = new Map(seen.map((s) => [s.site, s]));
        const without = filled.filter((s) => isUnknown(s, layer) && !by.has(s.site)).map((s) => s.site);
        if (without.length > 0) warnings.push(`${path.basename(file)}: no ${LABEL[layer]} class at ${count(without.length, "site")} (${named(without)}): outside the map, or no class around them`);
        const other = filled.filter((s) => by.has(s.site) && !isUnknown(s, layer) && told(s, layer) !== by.get(s.site)!.value);
        if (other.length > 0) warnings.push(`${path.basename(file)}: another ${LABEL[layer]} class than the site's own at ${count(other.length, "site")}, which keep theirs (${named(other.map((s) => `${s.site} ${told(s, layer)}, map ${by.get(s.site)!.value}`))})`);
        filled = filled.map((s) => {
          const hit = isUnknown(s, layer) ? by.get(s.site) : undefined;
          if (hit === undefined) return s;
          found.push(hit);
          return layer === "igbp" ? { ...s, igbp: hit.value as Igbp } : { ...s, ...parseKoppen(hit.value) };
        });
      }
    }
  } finally {
    pool.close();
  }
  return { sites: filled, found, warnings };
}

/** The catalogue's entries for the maps that gave a class, with the sites they gave it to. */
export function layerSources(found: readonly FoundClass[]): SourceUse[] {
  return (["igbp", "koppen"] as const).flatMap((layer) => {
    const sites = found.filter((f) => f.layer === layer).map((f) => f.site);
    return sites.length === 0 ? [] : [{ source: layer, sites }];
  });
}

const LABEL = { igbp: "IGBP", koppen: "Köppen" } as const;
type LayerName = FoundClass["layer"];
const isUnknown = (site: Site, layer: LayerName): boolean => (layer === "igbp" ? site.igbp === null : site.koppenDetail === null);
const told = (site: Site, layer: LayerName): string | null => (layer === "igbp" ? site.igbp : site.koppenDetail);
const named = (list: readonly string[]): string => `${list.slice(0, 6).join(", ")}${list.length > 6 ? ", …" : ""}`;

interface ClassMap {
  readonly file: string;
  readonly placed: Placed;
  readonly layers: GridLayers;
  has(layer: LayerName): boolean;
}

async function openMap(pool: FilePool, file: string, catalogue: GridCatalogue): Promise<ClassMap> {
  const held = await pool.use(file, (grid) => describeGrid(grid, catalogue));
  const placed: Placed = { ...held, placement: placeOn(held, held)! };
  // a land fraction is of no use here
  const layers = findLayers([placed], catalogue, 1);
  const has = (layer: LayerName): boolean => (layer === "igbp" ? layers.igbp.length > 0 : layers.koppen !== null);
  if (!has("igbp") && !has("koppen")) {
    const { igbp, koppen } = catalogue.layers;
    throw new WorkbookError("MissingColumn", `ingest: --layers: ${file}: a map of IGBP (${igbp.names.slice(0, 3).join(", ")}) or Köppen (${koppen.names.slice(0, 2).join(", ")}) required, found ${held.variables.map((v) => v.name).join(", ") || "no layer"}; see data/grid-variables.json`, { file });
  }
  return { file, placed, layers, has };
}

async function lookUp(pool: FilePool, map: ClassMap, layer: LayerName, sites: readonly Site[]): Promise<FoundClass[]> {
  const { lat, lon } = map.placed;
  const out: FoundClass[] = [];
  for (const site of sites) {
    if (site.lat === null || site.lon === null) continue;
    const place = { lat: site.lat, lon: site.lon };
    const own = cellOf(lat, lon, place);
    if (own === null) continue;
    const rows: Range = [Math.max(0, own.row - 1), Math.min(lat.centres.length, own.row + 2)];
    const columns: Range = [Math.max(0, own.column - 1), Math.min(lon.centres.length, own.column + 2)];
    const tile = await readLayers(pool, map.layers, { rows, columns });
    const width = columns[1] - columns[0];
    const cells = tile.koppen.map((koppen, cell) => {
      const [row, column] = [rows[0] + Math.floor(cell / width), columns[0] + (cell % width)];
      const value = layer === "koppen" ? koppen : largest(tile.igbp.subarray(cell * IGBP.length, (cell + 1) * IGBP.length));
      return { value, km: distanceKm(place, { lat: lat.centres[row]!, lon: lon.centres[column]! }) };
    });
    // the cell a place lies in has the nearest centre
    const best = cells.filter((c) => c.value !== null).sort((a, b) => a.km - b.km)[0];
    if (best !== undefined) out.push({ site: site.site, layer, value: best.value!, file: path.basename(map.file), km: best.km });
  }
  return out;
}

/** The class with the largest share, or null where none has any. */
function largest(shares: Float32Array): Igbp | null {
  let best = 0;
  shares.forEach((share, k) => {
    if (share > shares[best]!) best = k;
  });
  return shares[best]! > 0 ? IGBP[best]! : null;
}
