import * as fs from "node:fs";
import * as path from "node:path";
import type * as Geotiff from "geotiff";
import { isWorkbookError, WorkbookError } from "../../core/errors";
import { planBands, type BandPlan } from "./band-names";
import { firstNumber, LONGEST_AXIS, unpackValues, type GridFile, type GridVariable, type Range } from "./grid";
import { loadGeotiff } from "./modules";
import { checkTags } from "./tiff-tags";
import { missing } from "./zarr";

/** Whether a file begins as TIFF or BigTIFF does. */
export function isGeotiff(file: string): boolean {
  const fd = fs.openSync(file, "r");
  try {
    const head = Buffer.alloc(4);
    fs.readSync(fd, head, 0, 4, 0);
    return ["II*\0", "II+\0", "MM\0*", "MM\0+"].includes(head.toString("latin1"));
  } finally {
    fs.closeSync(fd);
  }
}

/**
 * Opens a GeoTIFF on latitude and longitude: its bands as variables over `time`, `lat` and `lon`, told apart by the names of the file and of
 * its bands (`planBands`). Units, scales and missing values are those of GDAL's band metadata. The first image counts, overviews do not.
 * @throws WorkbookError BadFile when it is no GeoTIFF, is projected or rotated, is cut off, or its bands have neither names nor dates
 * @source OGC GeoTIFF 1.1; GDAL's GeoTIFF driver (GDAL_METADATA, GDAL_NODATA)
 * @example const grid = await openGeotiff("temperature_2m_2019.tif"); grid.names // ["lat", "lon", "temperature_2m", "time"]
 */
export async function openGeotiff(file: string): Promise<GridFile> {
  const fail = (required: string, found: string, cure: string): never => {
    throw new WorkbookError("BadFile", `grid: ${file}: ${required} required, found ${found}; ${cure}`, { file });
  };
  const { fromFile } = await loadGeotiff();
  await whole(file, () => checkTags(file));
  const tiff = await whole(file, () => fromFile(file));
  try {
    const image = await whole(file, () => tiff.getImage(0));
    const count = image.getSamplesPerPixel();
    const sizes = [image.getHeight(), image.getWidth(), count, image.getTileHeight(), image.getTileWidth()];
    if (!sizes.every((n) => Number.isInteger(n) && n >= 1 && n <= LONGEST_AXIS)) return fail(`rows, columns, bands and pieces from 1 to ${LONGEST_AXIS}`, sizes.join(", "), "copy it again");
    const bands: Metadata[] = [];
    // one after the other: the package finds no metadata while it is loading them
    for (let i = 0; i < count; i++) bands.push((await whole(file, () => image.getGDALMetadata(i))) ?? {});
    const stem = path.basename(file).replace(/\.tiff?$/i, "");
    const plan = planBands(stem, bands.map((band) => bandName(band)));
    if (plan === null) return fail("a date in its name, or names or dates of its bands,", `"${stem}" with ${count} bands without`, "name the bands (gdal_edit, rio edit-info) or the file, e.g. temperature_2m_2019-01-31.tif");
    const axes = await whole(file, async () => axesOf(image));
    if (typeof axes === "string") return fail("a grid of latitude and longitude", axes, "reproject it with gdalwarp -t_srs EPSG:4326");
    await whole(file, () => checkWhole(file, image));
    const coordinates = [axes.lat, axes.lon, ...(plan.days === null ? [] : [{ name: "time", values: Float64Array.from(plan.days), attributes: { units: "days since 1970-01-01" } }])];
    const names = [...coordinates.map((c) => c.name), ...plan.groups.map((g) => g.name)].sort();
    const variable = async (name: string): Promise<GridVariable> => {
      const coordinate = coordinates.find((c) => c.name === name);
      if (coordinate) return coordinateVariable(coordinate);
      const group = plan.groups.find((g) => g.name === name);
      if (!group) throw missing(file, name, names);
      return bandVariable(file, image, plan, group.bands, name, attributesOf(file, name, group.bands.map((i) => bands[i]!), await whole(file, async () => image.getGDALNoData())));
    };
    return { path: file, format: "GeoTIFF", attributes: (await whole(file, () => image.getGDALMetadata(null))) ?? {}, names, variable, close: () => void tiff.close() };
  } catch (error) {
    await tiff.close();
    throw error;
  }
}

interface Coordinate {
  readonly name: string;
  readonly values: Float64Array;
  readonly attributes: Record<string, unknown>;
}

function coordinateVariable({ name, values, attributes }: Coordinate): GridVariable {
  return { name, dims: [name], shape: [values.length], chunks: [values.length], attributes, read: ([range]) => Promise.resolve(values.slice(range![0], range![1])) };
}

function bandVariable(file: string, image: Geotiff.GeoTIFFImage, plan: BandPlan, bands: readonly number[], name: string, attributes: Record<string, unknown>): GridVariable {
  const [rows, columns] = [image.getHeight(), image.getWidth()];
  const pieces = [Math.min(rows, image.getTileHeight()), Math.min(columns, image.getTileWidth())];
  const timed = plan.days !== null;
  return {
    name, attributes,
    dims: [...(timed ? ["time"] : []), "lat", "lon"],
    shape: [...(timed ? [bands.length] : []), rows, columns],
    // bands that share their pieces are read together or not at all
    chunks: [...(timed ? [image.planarConfiguration === 1 ? bands.length : 1] : []), ...pieces],
    async read(ranges) {
      const [time, row, column] = (timed ? ranges : [[0, 1] as Range, ...ranges]) as [Range, Range, Range];
      const samples = bands.slice(time[0], time[1]);
      const where = `${file}: ${name}: rows ${row[0]}–${row[1] - 1}, columns ${column[0]}–${column[1] - 1}`;
      const parts = await whole(where, () => image.readRasters({ window: [column[0], row[0], column[1], row[1]], samples, interleave: false }));
      const cells = (row[1] - row[0]) * (column[1] - column[0]);
      const out = new Float64Array(samples.length * cells);
      samples.forEach((_, i) => out.set(unpackValues(parts[i]!, attributes), i * cells));
      return out;
    },
  };
}

type Metadata = Record<string, unknown>;
const bandName = (band: Metadata): string | null => textOf(band["DESCRIPTION"]) ?? textOf(band["BandName"]) ?? textOf(band["long_name"]);
const textOf = (value: unknown): string | null => (typeof value === "string" && value.trim() !== "" ? value.trim() : null);

/** What GDAL says of the bands of a variable, in CF's words; all bands must agree. */
function attributesOf(file: string, name: string, bands: readonly Metadata[], noData: number | null): Record<string, unknown> {
  const one = (key: string): string | null => {
    const found = [...new Set(bands.map((band) => textOf(band[key])))];
    if (found.length > 1) throw new WorkbookError("BadFile", `grid: ${file}: ${name}: one ${key.toLowerCase()} for all bands required, found ${found.slice(0, 3).join(" and ")}; write the file with one`, { file, column: name });
    return found[0]!;
  };
  const [units, scale, offset] = [one("UNITTYPE") ?? one("units"), one("SCALE"), one("OFFSET")];
  return {
    ...(units === null ? {} : { units }), ...(noData === null ? {} : { _FillValue: noData }),
    ...(scale === null ? {} : { scale_factor: Number(scale) }), ...(offset === null ? {} : { add_offset: Number(offset) }),
  };
}

/** Cell centres, or what stands against them. */
function axesOf(image: Geotiff.GeoTIFFImage): { lat: Coordinate; lon: Coordinate } | string {
  const tag = (name: "ModelTiepoint" | "ModelPixelScale" | "ModelTransformation"): number[] | null => (image.fileDirectory.hasTag(name) ? Array.from(image.fileDirectory.getValue(name) as ArrayLike<number>) : null);
  const keys = (image.getGeoKeys() ?? {}) as Record<string, unknown>;
  if (firstNumber(keys["GTModelTypeGeoKey"]) === 1) return "a projected one";
  const [tie, scale, matrix] = [tag("ModelTiepoint"), tag("ModelPixelScale"), tag("ModelTransformation")];
  if (matrix !== null && (matrix[1] !== 0 || matrix[4] !== 0)) return "a rotated one";
  const at = matrix !== null ? { x: matrix[3]!, dx: matrix[0]!, y: matrix[7]!, dy: matrix[5]! }
    : tie !== null && scale !== null && tie.length === 6 ? { x: tie[3]! - tie[0]! * scale[0]!, dx: scale[0]!, y: tie[4]! + tie[1]! * scale[1]!, dy: -scale[1]! } : null;
  if (at === null) return "none: it has no tie point and pixel size";
  // a pixel is an area from its corner, or a point at its centre
  const half = firstNumber(keys["GTRasterTypeGeoKey"]) === 2 ? 0 : 0.5;
  const axis = (name: string, from: number, step: number, n: number, units: string): Coordinate => ({ name, values: Float64Array.from({ length: n }, (_, i) => from + (i + half) * step), attributes: { units } });
  return { lat: axis("lat", at.y, at.dy, image.getHeight(), "degrees_north"), lon: axis("lon", at.x, at.dx, image.getWidth(), "degrees_east") };
}

/** The reader gives zeros for what lies beyond the end of a file: nothing may. */
async function checkWhole(file: string, image: Geotiff.GeoTIFFImage): Promise<void> {
  const [offsets, counts] = image.isTiled ? (["TileOffsets", "TileByteCounts"] as const) : (["StripOffsets", "StripByteCounts"] as const);
  const from = Array.from((await image.fileDirectory.loadValue(offsets)) as ArrayLike<number | bigint>, Number);
  const length = image.fileDirectory.hasTag(counts) ? Array.from((await image.fileDirectory.loadValue(counts)) as ArrayLike<number | bigint>, Number) : [];
  const { size } = fs.statSync(file);
  const end = from.reduce((last, start, i) => Math.max(last, start + (length[i] ?? 0)), 0);
  if (end > size) throw new WorkbookError("BadFile", `grid: ${file}: a whole GeoTIFF of ${end} bytes required, found ${size}; copy it again`, { file });
}

async function whole<T>(where: string, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (isWorkbookError(cause)) throw cause;
    throw new WorkbookError("BadFile", `grid: ${where}: a whole GeoTIFF required, found: ${(cause as Error).message.split("\n")[0]}; copy it again`, { file: where, cause });
  }
}
