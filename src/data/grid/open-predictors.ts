import * as path from "node:path";
import { asDay, formatDay } from "../../core/days";
import { WorkbookError } from "../../core/errors";
import { readVariables } from "../columns";
import { parsePreparation, PREPARATION_ATTRIBUTE, type Preparation } from "../preparation";
import type { Axis } from "./axis";
import { mapChannels, channelDays, type Channel, type ChannelMap, type Naming } from "./channels";
import { filePool, type FilePool } from "./file-pool";
import { textAttribute } from "./grid";
import { readGridCatalogue } from "./grid-catalogue";
import { listSources } from "./grid-paths";
import { describeGrid, type Held } from "./held";
import { identityOf } from "./identity";
import { findLayers } from "./layers";
import { placeOn } from "./placement";
import type { OpenedPredictors } from "./predictors";
import { tileReader, type ReadyChannel } from "./read-tile";
import { requireChannels } from "./require-channels";
import { checkSample } from "./sample";
import type { Placed } from "./series";

/** How `openPredictors` may be told. */
export interface PredictorOptions extends Naming {
  /** what a run needs: the period is that of these channels, and what cannot be served is refused at once */
  readonly channels?: readonly string[];
  /** the run, for messages */
  readonly run?: string;
  /** share of land of every cell, where no file has it */
  readonly landFraction?: number;
}

/**
 * Opens the drivers of a grid: Zarr, NetCDF-4 and GeoTIFF files that together hold the channels, the land fraction and, where they have them,
 * IGBP and Köppen. A path is a file, a folder of files (one a variable, a year or a day), or a grid description (JSON: `files`, `names`,
 * `units`, `land_fraction`). Axes, calendars, units, gaps and a sample of the numbers are checked; values are read by tile.
 * @throws WorkbookError BadFile (other axes, another mask, not readable), MissingColumn, BadUnit, BadDate (calendar, gap, overlap), BadConfig; each names the file and what to do
 * @source CF conventions 1.10; units of the channels: method §2
 * @example const grid = await openPredictors("G.zarr", { channels: channelsOf("minimal"), run: "RUN" }); grid.days.length
 */
export async function openPredictors(paths: string | readonly string[], options: PredictorOptions = {}): Promise<OpenedPredictors> {
  const list = typeof paths === "string" ? [paths] : paths;
  const sources = listSources(list);
  const where = list.join(", ");
  const catalogue = readGridCatalogue();
  const pool = filePool();
  try {
    const held: Held[] = [];
    for (const file of sources.files) held.push(await pool.use(file, (grid) => describeGrid(grid, catalogue)));
    const files = placeAll(held);
    const naming = { names: { ...sources.names, ...options.names }, units: { ...sources.units, ...options.units } };
    const map = mapChannels(files, readVariables(), catalogue, naming);
    const layers = findLayers(files, catalogue, options.landFraction ?? sources.landFraction);
    const preparation = preparationOf(held, sources.preparation ?? null);
    const { lat, lon } = files[0]!;
    const size = { path: where, rows: lat.centres.length, columns: lon.centres.length };
    const notes: string[] = [];
    const { ready, refused } = await checkChannels(pool, map, options.channels, size, notes);
    const needs = { run: options.run ?? "the run", channels: options.channels ?? [] };
    const about = {
      path: where, refused, channels: [...ready.keys(), "lat", "lon"], variables: [...new Set(files.flatMap((f) => f.variables.map((v) => v.name)))].sort(),
      layers: { igbp: layers.igbp.length > 0, koppen: layers.koppen !== null },
    };
    requireChannels(about, needs);
    const days = commonDays(where, options.channels ?? about.channels, ready, refused, notes);
    return {
      ...about, lat, lon, days, notes, preparation, chunk: pieceOf([...ready.values()], size), simulated: files.some((f) => saysSimulated(f)), identity: identityOf(files),
      sources: [...ready].map(([channel, { name, unit, parts }]) => ({ channel, variable: name, unit, files: parts.map((part) => path.basename(part.file)) })),
      readTile: tileReader({ where, pool, channels: ready, refused, layers, lat, lon, days }),
      close: () => pool.close(),
    };
  } catch (error) {
    pool.close();
    throw error;
  }
}

/** The one mode that the description and all files which say one agree on. */
function preparationOf(held: readonly Held[], described: Preparation | null): Preparation | null {
  const said = held.flatMap(({ file, attributes }) => {
    const mode = parsePreparation(textAttribute(attributes, PREPARATION_ATTRIBUTE), `grid: ${file}`);
    return mode === null ? [] : [{ file, mode }];
  });
  const first = described ?? said[0]?.mode ?? null;
  const other = said.find(({ mode }) => mode !== first);
  if (other !== undefined) throw new WorkbookError("BadFile", `grid: ${other.file}: satellite channels in ${first} mode, as ${described === null ? said[0]!.file : "the grid description says"}, required, found ${other.mode} mode; bring all files into one mode`, { file: other.file });
  return first;
}

/** Every file on the axes of the first that has time, or of the first. */
function placeAll(held: readonly Held[]): Placed[] {
  const first = held.find((h) => h.days !== null && h.days.length > 1) ?? held[0]!;
  const sorted = [first, ...held.filter((h) => h !== first)];
  return sorted.map((h) => {
    const placement = placeOn(first, h);
    if (placement === null) throw new WorkbookError("BadFile", `grid: ${h.file}: the cells of ${first.file} (${sizeOf(first)}) required, found ${sizeOf(h)}; bring all files, masks too, onto one grid (cdo remapcon, gdalwarp)`, { file: h.file });
    return { ...h, placement };
  });
}

function sizeOf({ lat, lon }: Held): string {
  const axis = ({ name, centres, step }: Axis): string => `${centres.length} ${name} from ${short(centres[0]!)} by ${short(step)}`;
  return `${axis(lat)} × ${axis(lon)}`;
}

const short = (degrees: number): string => String(Number(degrees.toFixed(5)));

async function checkChannels(pool: FilePool, map: ChannelMap, wanted: readonly string[] | undefined, size: { path: string; rows: number; columns: number }, notes: string[]): Promise<{ ready: Map<string, ReadyChannel>; refused: Map<string, WorkbookError> }> {
  const ready = new Map<string, ReadyChannel>();
  const refused = new Map(map.refused);
  for (const [name, channel] of map.served) {
    // what nobody asked for is not worth a read
    if (wanted !== undefined && !wanted.includes(name)) continue;
    try {
      const { packed } = await checkSample(pool, channel, size);
      if (packed) notes.push(`${name}: stored integers are taken as packed, × ${channel.variable.packed!.scale}`);
      ready.set(name, { ...channel, packed: packed ? channel.variable.packed : null });
    } catch (error) {
      if (!(error instanceof WorkbookError) || error.tag !== "BadUnit") throw error;
      refused.set(name, error);
    }
  }
  return { ready, refused };
}

/** The days that all channels asked for have. */
function commonDays(where: string, wanted: readonly string[], ready: ReadonlyMap<string, Channel>, refused: ReadonlyMap<string, WorkbookError>, notes: string[]): OpenedPredictors["days"] {
  const periods = wanted.flatMap((name) => {
    const channel = ready.get(name);
    return channel === undefined ? [] : [{ name, period: channelDays(channel) }];
  });
  if (periods.length === 0) throw [...refused.values()][0] ?? new WorkbookError("MissingColumn", `grid: ${where}: a variable that is a channel, over time, required, found none; say which under "names" of a grid description, or see data/grid-variables.json`, { file: where });
  const from = Math.max(...periods.map((p) => p.period[0]));
  const to = Math.min(...periods.map((p) => p.period[1]));
  const text = ([a, b]: readonly [number, number]): string => `${formatDay(asDay(a))} to ${formatDay(asDay(b - 1))}`;
  const late = periods.find((p) => p.period[0] === from)!;
  const early = periods.find((p) => p.period[1] === to)!;
  if (from >= to) throw new WorkbookError("BadDate", `grid: ${where}: days that all channels share required, found ${late.name} from ${text(late.period)} and ${early.name} from ${text(early.period)}; add the years that are missing`, { file: where });
  const cut = periods.filter((p) => p.period[0] < from || p.period[1] > to);
  if (cut.length > 0) notes.push(`the days are those all channels share, ${text([from, to])}: ${late.name} begins last, ${early.name} ends first`);
  return { first: asDay(from), length: to - from };
}

/** The largest stored piece among the channels, in cells; 1 where files are not packed in pieces. */
function pieceOf(channels: readonly Channel[], size: { rows: number; columns: number }): OpenedPredictors["chunk"] {
  const along = (axis: "lat" | "lon", most: number): number => Math.min(most, Math.max(1, ...channels.flatMap((c) => c.parts.map(({ variable: v }) => (v.contiguous ? 1 : v.chunks[v.axes[axis]]!)))));
  return { rows: along("lat", size.rows), columns: along("lon", size.columns) };
}

function saysSimulated({ attributes }: Held): boolean {
  return attributes["simulated"] === true || [textAttribute(attributes, "simulated") === "true" ? "simulated" : null, textAttribute(attributes, "source")].some((text) => /simulated/i.test(text ?? ""));
}
