import { WorkbookError } from "../../core/errors";
import { counter, silent, type Progress } from "../../core/progress";
import type { SiteId } from "../../core/sites";
import { cellOf, type Cell } from "../grid/axis";
import type { GridFile, Range } from "../grid/grid";
import type { ProductCell, ProductPlace, ProductValues } from "./product";
import { openXbase, XBASE_FLUXES, type Xbase, type XbaseFile, type XbaseFlux } from "./xbase-layout";

/** What `extractXbase` may be told. */
export interface XbaseOptions {
  /** first and last day to read, days since 1970-01-01; all by default */
  readonly first?: number;
  readonly last?: number;
  readonly progress?: Progress;
}

interface Located {
  readonly site: SiteId;
  readonly cell: Cell;
}

/**
 * X-BASE at sites: the cell a tower stands in, daily means of 24 hours or the published months, g C m⁻² d⁻¹, RECO = GPP + NEE, unclipped.
 * Only days (or months) that both fluxes have are returned. Sites outside the grid, without a position, or in a cell without values are counted.
 * One stored piece is in memory at a time; in the published hourly files it unpacks to 0.2 GB.
 * @throws WorkbookError what `openXbase` throws; BadSite when no site lies in the grid; EmptyTable when it has no day of the period
 * @source Nelson, Walther et al. 2024, doi:10.5194/bg-21-5079-2024; method §9
 * @example const { gpp, cells } = await extractXbase("xbase-monthly", table.sites)
 */
export async function extractXbase(path: string, places: readonly ProductPlace[], options: XbaseOptions = {}): Promise<ProductValues> {
  const xbase = await openXbase(path);
  try {
    const missing: { site: SiteId; reason: string; steps: number }[] = [];
    const located = locate(xbase, places, missing);
    const [first, last] = [options.first ?? -Infinity, options.last ?? Infinity];
    const days = commonDays(xbase, first, last);
    const values = new Map(XBASE_FLUXES.map((flux) => [flux, located.map(() => new Float32Array(days.length).fill(NaN))]));
    const row = new Map(Array.from(days, (day, i) => [day, i]));
    const groups = byPiece(located, xbase.files[0]!);
    const step = counter("X-BASE", groups.length * xbase.files.length, options.progress ?? silent);
    let done = 0;
    for (const file of xbase.files) {
      for (const group of groups) {
        await readGroup(file, group, located, row, values.get(file.flux)!);
        step(++done);
      }
    }
    const fractions = await landFractions(xbase.files[0]!.grid, located);
    return assemble(xbase, located, days, values, fractions, missing);
  } finally {
    xbase.close();
  }
}

function locate(xbase: Xbase, places: readonly ProductPlace[], missing: { site: SiteId; reason: string; steps: number }[]): Located[] {
  const { lat, lon } = xbase.files[0]!;
  const located = places.flatMap(({ site, lat: y, lon: x }): Located[] => {
    const cell = y === null || x === null ? null : cellOf(lat, lon, { lat: y, lon: x });
    if (cell === null) missing.push({ site, reason: y === null || x === null ? "the site has no position" : "outside the product's grid", steps: 0 });
    return cell === null ? [] : [{ site, cell }];
  });
  if (located.length === 0) {
    const range = (c: Float64Array): string => `${Math.min(c[0]!, c[c.length - 1]!)}…${Math.max(c[0]!, c[c.length - 1]!)}`;
    throw new WorkbookError("BadSite", `xbase: ${xbase.path}: a site within latitude ${range(lat.centres)}, longitude ${range(lon.centres)} required, found none of ${places.length} (${places.slice(0, 3).map((p) => `${p.site}: ${p.lat ?? "?"}, ${p.lon ?? "?"}`).join("; ")}); give another part of the product`, { file: xbase.path });
  }
  return located;
}

function commonDays(xbase: Xbase, first: number, last: number): Int32Array {
  const of = (flux: XbaseFlux): Set<number> => new Set(xbase.files.filter((f) => f.flux === flux).flatMap((f) => Array.from(f.days)));
  const nee = of("NEE");
  const days = Int32Array.from([...of("GPP")].filter((d) => nee.has(d) && d >= first && d <= last)).sort();
  if (days.length === 0) throw new WorkbookError("EmptyTable", `xbase: ${xbase.path}: a ${xbase.layout === "hour" ? "day" : "month"} of the sites' period with GPP and NEE required, found none; give the years of the towers (X-BASE: 2001–2021)`, { file: xbase.path });
  return days;
}

/** Sites that share a stored piece are read together, so that no piece is unpacked twice. */
function byPiece(located: readonly Located[], file: XbaseFile): number[][] {
  const [ny, nx] = file.variable.chunks.slice(-2) as [number, number];
  const groups = new Map<string, number[]>();
  located.forEach(({ cell }, i) => {
    const key = `${Math.floor(cell.row / ny)}/${Math.floor(cell.column / nx)}`;
    groups.set(key, [...(groups.get(key) ?? []), i]);
  });
  return [...groups.values()];
}

async function readGroup(file: XbaseFile, group: readonly number[], located: readonly Located[], row: ReadonlyMap<number, number>, out: readonly Float32Array[]): Promise<void> {
  const cells = group.map((i) => located[i]!.cell);
  const span = (of: (c: Cell) => number): Range => [Math.min(...cells.map(of)), Math.max(...cells.map(of)) + 1];
  const [rows, columns] = [span((c) => c.row), span((c) => c.column)];
  const hours = file.variable.dims.length === 4 ? 24 : 1;
  const piece = file.variable.chunks[0]!;
  for (let from = 0; from < file.days.length; from += piece) {
    const to = Math.min(file.days.length, from + piece);
    if (!file.days.subarray(from, to).some((d) => row.has(d))) continue;
    const values = await file.variable.read([[from, to], ...(hours === 24 ? [[0, 24] as const] : []), rows, columns]);
    const [ny, nx] = [rows[1] - rows[0], columns[1] - columns[0]];
    group.forEach((i, k) => {
      const at = (cells[k]!.row - rows[0]) * nx + cells[k]!.column - columns[0];
      for (let t = from; t < to; t++) {
        const target = row.get(file.days[t]!);
        if (target === undefined) continue;
        let sum = 0;
        for (let h = 0; h < hours; h++) sum += values[((t - from) * hours + h) * ny * nx + at]!;
        // a missing hour leaves NaN: 23 hours are no daily mean
        out[i]![target] = (sum / hours) * file.factor;
      }
    });
  }
}

async function landFractions(grid: GridFile, located: readonly Located[]): Promise<(number | null)[]> {
  if (!grid.names.includes("land_fraction")) return located.map(() => null);
  const variable = await grid.variable("land_fraction");
  const out: (number | null)[] = [];
  for (const { cell } of located) {
    const [value] = await variable.read([[cell.row, cell.row + 1], [cell.column, cell.column + 1]]);
    out.push(Number.isFinite(value) ? value! : null);
  }
  return out;
}

function assemble(xbase: Xbase, located: readonly Located[], days: Int32Array, values: ReadonlyMap<XbaseFlux, readonly Float32Array[]>, fractions: readonly (number | null)[], missing: { site: SiteId; reason: string; steps: number }[]): ProductValues {
  const n = located.length * days.length;
  const site = new Array<SiteId>(n);
  const day = new Int32Array(n);
  const [gpp, nee, reco] = [new Float32Array(n), new Float32Array(n), new Float32Array(n)];
  located.forEach((place, i) => {
    const at = i * days.length;
    site.fill(place.site, at, at + days.length);
    day.set(days, at);
    gpp.set(values.get("GPP")![i]!, at);
    nee.set(values.get("NEE")![i]!, at);
    let lost = 0;
    for (let k = at; k < at + days.length; k++) {
      reco[k] = gpp[k]! + nee[k]!;
      if (!Number.isNaN(reco[k]!)) continue;
      gpp[k] = nee[k] = NaN;
      lost++;
    }
    if (lost > 0) missing.push({ site: place.site, reason: fractions[i] === 0 ? "its cell is no land in the product" : "the product has no value", steps: lost });
  });
  const cells = located.map(({ site: id, cell }, i): ProductCell => ({ site: id, lat: cell.lat, lon: cell.lon, km: cell.km, land_fraction: fractions[i]! }));
  return { product: "X-BASE", step: xbase.layout === "hour" ? "day" : "month", site, day, gpp, reco, nee, cells, missing };
}
