import * as fs from "node:fs";
import * as path from "node:path";
import { loadH5wasm, loadZarrita } from "../../src/data/grid/modules";

/** A small X-BASE: what a test wants different is said by name. */
export interface SmallXbase {
  readonly lat?: readonly number[];
  readonly lon?: readonly number[];
  readonly units?: string;
  readonly calendar?: string;
  readonly timeUnits?: string;
  /** days since 2001-01-01 */
  readonly time?: readonly number[];
  readonly landFraction?: number;
  /** value of a cell; `hour` is 0 in monthly files */
  readonly value?: (t: number, hour: number, row: number, column: number) => number;
}

/** One year's monthly NetCDF file in the published layout, 0.5° cells. */
export async function writeMonthly(dir: string, flux: string, year: number, more: SmallXbase = {}): Promise<string> {
  const h5 = await loadH5wasm();
  fs.mkdirSync(dir, { recursive: true });
  const file = path.join(dir, `${flux}_${year}_050_monthly.nc`);
  const lat = more.lat ?? [51.25, 50.75, 50.25];
  const lon = more.lon ?? [9.75, 10.25, 10.75, 11.25];
  const time = more.time ?? Array.from({ length: 12 }, (_, m) => (Date.UTC(year, m, 1) - Date.UTC(2001, 0, 1)) / 86_400_000);
  const value = more.value ?? ((t, _h, r, c) => t + r / 10 + c / 100);
  const nc = new h5.File(file, "w");
  try {
    const scale = (name: string, data: Float64Array | Int32Array, attributes: Record<string, string>): void => {
      const variable = nc.create_dataset({ name, data, shape: [data.length] });
      for (const [key, text] of Object.entries(attributes)) variable.create_attribute(key, text);
      variable.make_scale(name);
    };
    scale("time", Int32Array.from(time), { units: more.timeUnits ?? "days since 2001-01-01", calendar: more.calendar ?? "proleptic_gregorian" });
    scale("lat", Float64Array.from(lat), { units: "degrees_north" });
    scale("lon", Float64Array.from(lon), { units: "degrees_east" });
    const data = new Float32Array(time.length * lat.length * lon.length);
    time.forEach((_, t) => lat.forEach((__, r) => lon.forEach((___, c) => (data[(t * lat.length + r) * lon.length + c] = value(t, 0, r, c)))));
    const variable = nc.create_dataset({ name: flux, data, shape: [time.length, lat.length, lon.length], chunks: [time.length, lat.length, lon.length], compression: 4 });
    variable.create_attribute("units", more.units ?? "gC m-2 d-1");
    variable.create_attribute("_FillValue", Float32Array.of(-9999), [1], "<f");
    ["time", "lat", "lon"].forEach((name, axis) => variable.attach_scale(axis, `/${name}`));
    const land = nc.create_dataset({ name: "land_fraction", data: new Float64Array(lat.length * lon.length).fill(more.landFraction ?? 0.9), shape: [lat.length, lon.length] });
    ["lat", "lon"].forEach((name, axis) => land.attach_scale(axis, `/${name}`));
  } finally {
    nc.close();
  }
  return file;
}

/** An hourly Zarr group of one flux in the published layout, 0.05° cells, latitudes descending. */
export async function writeHourly(dir: string, flux: string, more: SmallXbase & { readonly format?: 2 | 3 } = {}): Promise<void> {
  const lat = more.lat ?? [51.125, 51.075, 51.025];
  const lon = more.lon ?? [10.425, 10.475, 10.525];
  const time = more.time ?? [2556, 2557, 2558];
  const value = more.value ?? ((t, h, r, c) => t + h / 24 + r / 10 + c / 100);
  const data = new Float32Array(time.length * 24 * lat.length * lon.length);
  let at = 0;
  time.forEach((_, t) => { for (let h = 0; h < 24; h++) lat.forEach((__, r) => lon.forEach((___, c) => (data[at++] = value(t, h, r, c)))); });
  const timeAttributes = { units: more.timeUnits ?? "days since 2001-01-01", calendar: more.calendar ?? "proleptic_gregorian" };
  const arrays: [string, Float32Array | Float64Array, number[], string[], Record<string, string>][] = [
    [flux, data, [time.length, 24, lat.length, lon.length], ["time", "hour", "lat", "lon"], { units: more.units ?? "µmol CO2 m-2 s-1" }],
    ["time", Float64Array.from(time), [time.length], ["time"], timeAttributes],
    ["hour", Float64Array.from({ length: 24 }, (_, h) => h), [24], ["hour"], {}],
    ["lat", Float64Array.from(lat), [lat.length], ["lat"], { units: "degrees_north" }],
    ["lon", Float64Array.from(lon), [lon.length], ["lon"], { units: "degrees_east" }],
    ["land_fraction", new Float64Array(lat.length * lon.length).fill(more.landFraction ?? 0.9), [lat.length, lon.length], ["lat", "lon"], {}],
  ];
  if (more.format === 2) writeV2(dir, arrays);
  else await writeV3(dir, arrays);
}

type Arrays = readonly [string, Float32Array | Float64Array, number[], string[], Record<string, string>][];

/** Format 2 by hand, one chunk an array, so that the reader is not tested against its own writer alone. */
function writeV2(dir: string, arrays: Arrays): void {
  fs.mkdirSync(dir, { recursive: true });
  fs.writeFileSync(path.join(dir, ".zgroup"), JSON.stringify({ zarr_format: 2 }));
  for (const [name, data, shape, dims, attributes] of arrays) {
    const folder = path.join(dir, name);
    fs.mkdirSync(folder, { recursive: true });
    const dtype = data instanceof Float32Array ? "<f4" : "<f8";
    fs.writeFileSync(path.join(folder, ".zarray"), JSON.stringify({ zarr_format: 2, shape, chunks: shape, dtype, compressor: null, fill_value: "NaN", order: "C", filters: null }));
    fs.writeFileSync(path.join(folder, ".zattrs"), JSON.stringify({ ...attributes, _ARRAY_DIMENSIONS: dims }));
    fs.writeFileSync(path.join(folder, shape.map(() => "0").join(".")), Buffer.from(data.buffer));
  }
}

async function writeV3(dir: string, arrays: Arrays): Promise<void> {
  const { zarr, FileStore } = await loadZarrita();
  const root = zarr.root(new FileStore(path.resolve(dir)));
  await zarr.create(root);
  for (const [name, data, shape, dimensionNames, attributes] of arrays) {
    const chunkShape = shape.map((n, i) => (shape.length === 4 && i === 0 ? Math.min(2, n) : n));
    const dtype = data instanceof Float32Array ? ("float32" as const) : ("float64" as const);
    const array = await zarr.create(root.resolve(`/${name}`), { shape, chunkShape, dtype, fillValue: NaN, dimensionNames, attributes, codecs: [{ name: "bytes", configuration: { endian: "little" } }] });
    const stride = shape.map((_, i) => shape.slice(i + 1).reduce((a, b) => a * b, 1));
    await zarr.set(array as never, null, { data, shape, stride } as never);
  }
}
