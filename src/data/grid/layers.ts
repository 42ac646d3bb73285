import { WorkbookError } from "../../core/errors";
import { IGBP, type Igbp, type KoppenDetail } from "../../core/quantities";
import { parseIgbp, parseKoppen } from "../../core/sites";
import type { FilePool } from "./file-pool";
import { textAttribute } from "./grid";
import type { GridCatalogue, Layer } from "./grid-catalogue";
import { conversion } from "./physical-unit";
import type { Tile, TileDrivers } from "./predictors";
import { cellIn, joinParts, readSeries, type Part, type Placed } from "./series";

/** The layers without time that a grid has. */
export interface GridLayers {
  /** a layer, or the one share of all cells */
  readonly land: Part | number;
  readonly landScale: number;
  /** shares of classes: a layer each, or one with an axis of classes; or a map of class numbers */
  readonly igbp: readonly IgbpSource[];
  readonly koppen: { readonly part: Part; readonly classOf: ReadonlyMap<number, KoppenDetail | null> } | null;
}

interface IgbpSource {
  readonly part: Part;
  /** class along the axis of classes, or of the whole layer, or of each number of a map */
  readonly kind: "axis" | "share" | "map";
  readonly classOf: ReadonlyMap<number, Igbp | null>;
  readonly scale: number;
}

/**
 * Finds land fraction, IGBP and Köppen among the files.
 * @param landFraction share of land of every cell, where no file has it
 * @throws WorkbookError MissingColumn without a land fraction, BadUnit for another unit than a share, BadFile for a layer with several times or without a legend
 * @example findLayers(files, readGridCatalogue()).koppen?.part.file
 */
export function findLayers(files: readonly Placed[], catalogue: GridCatalogue, landFraction?: number): GridLayers {
  const land = landFraction ?? layerOf(files, catalogue, "land_fraction");
  if (land === null) {
    const { names } = catalogue.layers.land_fraction;
    throw new WorkbookError("MissingColumn", `grid: ${files[0]!.file}: a layer ${names.slice(0, 3).join(", ")} or another share of land required, found none; add a file that has it, or say "land_fraction": 1 in a grid description where every cell is land`, { file: files[0]!.file, column: "land_fraction" });
  }
  const koppen = layerOf(files, catalogue, "koppen");
  return {
    land, landScale: typeof land === "number" ? 1 : shareScale(land), igbp: igbpSources(files, catalogue),
    koppen: koppen === null ? null : { part: koppen, classOf: legendOf(koppen, (text) => parseKoppen(text).koppenDetail, catalogue.published_legends.koppen, catalogue.legends.koppen.map((name, i) => [i + 1, parseKoppen(name).koppenDetail])) },
  };
}

function layerOf(files: readonly Placed[], catalogue: GridCatalogue, layer: Layer): Part | null {
  const { names, standard_names = [] } = catalogue.layers[layer];
  const all = files.flatMap((held) => held.variables);
  const found = names.flatMap((name) => all.filter((v) => v.name.toLowerCase() === name.toLowerCase()))[0] ?? all.find((v) => standard_names.includes(textAttribute(v.attributes, "standard_name") ?? ""));
  return found === undefined ? null : single(found.name, files);
}

/** The one part of a layer; a time axis of one step is none. */
function single(name: string, files: readonly Placed[]): Part {
  const parts = joinParts(name, files);
  const part = parts[0]!;
  if (parts.length > 1 || (part.days?.length ?? 1) > 1) throw new WorkbookError("BadFile", `grid: ${part.file}: ${name}: a layer without time required, found ${parts.reduce((n, p) => n + (p.days?.length ?? 1), 0)} times; give one of them`, { file: part.file, column: name });
  return { ...part, days: null };
}

function igbpSources(files: readonly Placed[], catalogue: GridCatalogue): IgbpSource[] {
  const rows = catalogue.legends.igbp;
  const classOf = (text: string): Igbp | null => {
    const bare = text.replace(/^igbp[-_ ](fraction[-_ ])?/i, "");
    const plain = bare.toLowerCase().replace(/[^a-z]+/g, "_").replace(/^_|_$/g, "");
    return parseIgbp(bare) ?? rows.find((row) => row.names.includes(plain))?.class ?? null;
  };
  const part = layerOf(files, catalogue, "igbp");
  if (part !== null) {
    const kind = part.variable.axes.class === null ? "map" : "axis";
    const published = rows.flatMap((row) => row.codes.map((code) => [code, row.class] as const));
    return [{ part, kind, scale: kind === "map" ? 1 : shareScale(part), classOf: legendOf(part, classOf, catalogue.published_legends.igbp, published) }];
  }
  const names = [...new Set(files.flatMap((held) => held.variables.map((v) => v.name)))];
  // a bare class in capitals, or one that says whose it is: "wet" and "water" may be anything
  return names.filter((name) => (/^igbp[-_ ]/i.test(name) || name === name.toUpperCase()) && classOf(name) !== null).map((name): IgbpSource => {
    const share = single(name, files);
    return { part: share, kind: "share", scale: shareScale(share), classOf: new Map([[0, classOf(name)]]) };
  });
}

/** The class of each number of a map, or of each position along an axis of classes. */
function legendOf<T>(part: Part, classOf: (text: string) => T | null, published: readonly string[], codes: readonly (readonly [number, T | null])[]): ReadonlyMap<number, T | null> {
  const { attributes, axes, shape, name } = part.variable;
  const meanings = textAttribute(attributes, "flag_meanings")?.trim().split(/[\s,]+/) ?? null;
  const onAxis = axes.class === null ? null : shape[axes.class]!;
  if (meanings === null) {
    if (!published.some((known) => known.toLowerCase() === name.toLowerCase())) throw new WorkbookError("BadFile", `grid: ${part.file}: ${name}: flag_meanings with the classes in order required, found none; add the attribute`, { file: part.file, column: name });
    return new Map(codes);
  }
  const values = onAxis === null ? flagValues(attributes["flag_values"]) : meanings.map((_, i) => i);
  if (values === null || values.length !== meanings.length || (onAxis !== null && onAxis !== meanings.length)) {
    throw new WorkbookError("BadFile", `grid: ${part.file}: ${name}: ${onAxis ?? "as many flag_values as"} flag_meanings required, found ${values?.length ?? "no"} values and ${meanings.length} meanings; mend the attributes`, { file: part.file, column: name });
  }
  const legend = new Map(values.map((value, i) => [value, classOf(meanings[i]!)]));
  if (![...legend.values()].some((c) => c !== null)) throw new WorkbookError("BadFile", `grid: ${part.file}: ${name}: classes of IGBP or Köppen among flag_meanings required, found ${meanings.slice(0, 4).join(" ")}; name them by their codes`, { file: part.file, column: name });
  return legend;
}

function flagValues(value: unknown): number[] | null {
  if (typeof value === "string") return value.trim().split(/[\s,]+/).map(Number);
  return ArrayBuffer.isView(value) || Array.isArray(value) ? Array.from(value as unknown as ArrayLike<number | bigint>, Number) : null;
}

/** From the layer's unit to a share. */
function shareScale({ file, variable }: Part): number {
  const unit = textAttribute(variable.attributes, "units") ?? "1";
  const found = conversion(unit, "1");
  if (found === null) throw new WorkbookError("BadUnit", `grid: ${file}: ${variable.name} as a share (1) or in % required, found "${unit}"; convert it`, { file, column: variable.name });
  return found.scale;
}

/**
 * Reads the layers of a tile. Sea may be 0 or missing in a land fraction; a class the list does not have is left unknown.
 * @throws WorkbookError BadFile for shares outside 0…1, or that sum to more than 1
 */
export async function readLayers(pool: FilePool, layers: GridLayers, tile: Tile): Promise<Omit<TileDrivers, "drivers">> {
  const width = tile.columns[1] - tile.columns[0];
  const cells = (tile.rows[1] - tile.rows[0]) * width;
  const each = (part: Part, put: (cell: number, value: number, at: number) => void): Promise<void> =>
    readSeries(pool, [part], tile, [0, 1], (block) => {
      const classes = part.variable.axes.class === null ? 1 : part.variable.shape[part.variable.axes.class]!;
      for (let r = 0; r < block.rows.range[1] - block.rows.range[0]; r++) {
        for (let c = 0; c < block.columns.range[1] - block.columns.range[0]; c++) {
          for (let k = 0; k < classes; k++) put(cellIn(block, r, c, width), block.values[r * block.stride.row + c * block.stride.column + k * block.stride.class]!, k);
        }
      }
    });
  const share = (part: Part, scale: number, value: number): number => {
    const one = Number.isNaN(value) ? 0 : value * scale;
    if (!(one >= -1e-6 && one <= 1 + 1e-6)) throw new WorkbookError("BadFile", `grid: ${part.file}: ${part.variable.name}: shares from 0 to 1 required, found ${one}; state its unit (1 or %) or mend it`, { file: part.file, column: part.variable.name });
    return Math.min(1, Math.max(0, one));
  };
  const landFraction = new Float32Array(cells).fill(typeof layers.land === "number" ? layers.land : 0);
  if (typeof layers.land !== "number") {
    const part = layers.land;
    await each(part, (cell, value) => (landFraction[cell] = share(part, layers.landScale, value)));
  }
  const igbp = new Float32Array(cells * IGBP.length);
  for (const { part, kind, classOf, scale } of layers.igbp) {
    await each(part, (cell, value, at) => {
      const found = classOf.get(kind === "map" ? value : at) ?? null;
      // a map gives the whole cell to one class
      if (found !== null) igbp[cell * IGBP.length + IGBP.indexOf(found)]! += kind === "map" ? 1 : share(part, scale, value);
    });
  }
  for (let cell = 0; cell < cells; cell++) {
    let sum = 0;
    for (let k = 0; k < IGBP.length; k++) sum += igbp[cell * IGBP.length + k]!;
    if (sum > 1.001) throw new WorkbookError("BadFile", `grid: ${layers.igbp[0]!.part.file}: ${layers.igbp[0]!.part.variable.name}: shares of classes that sum to at most 1 required, found ${sum.toFixed(3)} in row ${tile.rows[0] + Math.floor(cell / width)}, column ${tile.columns[0] + (cell % width)}; give shares of the cell's land`, { file: layers.igbp[0]!.part.file });
  }
  const koppen = new Array<KoppenDetail | null>(cells).fill(null);
  if (layers.koppen !== null) {
    const { part, classOf } = layers.koppen;
    await each(part, (cell, value) => (koppen[cell] = classOf.get(value) ?? null));
  }
  return { landFraction, igbp, koppen };
}
