import * as fs from "node:fs";
import { loadH5wasm } from "../../src/data/grid/modules";

/** One variable of a small NetCDF file: numbers along its axis, or a text. */
export interface NetcdfVariable {
  readonly values: readonly number[] | string;
  readonly attributes?: Readonly<Record<string, string | number>>;
}

/** What a small tower NetCDF holds. */
export interface NetcdfContent {
  readonly attributes?: Readonly<Record<string, string | number>>;
  readonly variables: Readonly<Record<string, NetcdfVariable>>;
}

const DOUBLE = 6;
const CHAR = 2;

/**
 * The bytes of a classic NetCDF file (CDF-1, no record dimension), every number as a double.
 * @source NetCDF classic format specification, Unidata
 */
export function classicNetcdf({ attributes = {}, variables }: NetcdfContent): Buffer {
  const int = (n: number): Buffer => {
    const b = Buffer.alloc(4);
    b.writeInt32BE(n);
    return b;
  };
  const padded = (b: Buffer): Buffer => Buffer.concat([b, Buffer.alloc((4 - (b.length % 4)) % 4)]);
  const text = (t: string): Buffer => Buffer.concat([int(Buffer.byteLength(t)), padded(Buffer.from(t))]);
  const doubles = (values: readonly number[]): Buffer => {
    const b = Buffer.alloc(8 * values.length);
    values.forEach((v, i) => b.writeDoubleBE(v, 8 * i));
    return b;
  };
  const list = (tag: number, items: readonly Buffer[]): Buffer => (items.length === 0 ? Buffer.concat([int(0), int(0)]) : Buffer.concat([int(tag), int(items.length), ...items]));
  const attributeList = (of: Readonly<Record<string, string | number>>): Buffer =>
    list(12, Object.entries(of).map(([name, value]) => Buffer.concat([text(name), ...(typeof value === "string" ? [int(CHAR), text(value)] : [int(DOUBLE), int(1), doubles([value])])])));
  const entries = Object.entries(variables);
  const dims = [...new Set(entries.map(([, v]) => v.values.length))];
  const data = entries.map(([, v]) => (typeof v.values === "string" ? padded(Buffer.from(v.values)) : doubles(v.values)));
  const header = (offsets: readonly number[]): Buffer => Buffer.concat([
    Buffer.from("CDF\x01", "latin1"), int(0),
    list(10, dims.map((n) => Buffer.concat([text(`n${n}`), int(n)]))), attributeList(attributes),
    list(11, entries.map(([name, v], k) => Buffer.concat([text(name), int(1), int(dims.indexOf(v.values.length)), attributeList(v.attributes ?? {}), int(typeof v.values === "string" ? CHAR : DOUBLE), int(data[k]!.length), int(offsets[k]!)]))),
  ]);
  let at = header(entries.map(() => 0)).length;
  const offsets = data.map((d) => (at += d.length) - d.length);
  return Buffer.concat([header(offsets), ...data]);
}

/** Writes the same as NetCDF-4, which is HDF5. */
export async function writeNetcdf4(file: string, { attributes = {}, variables }: NetcdfContent): Promise<void> {
  const h5 = await loadH5wasm();
  const out = new h5.File(file, "w");
  for (const [name, value] of Object.entries(attributes)) out.create_attribute(name, value);
  for (const [name, v] of Object.entries(variables)) {
    const made = typeof v.values === "string"
      ? out.create_dataset({ name, data: [...v.values], dtype: "S1", shape: [v.values.length] })
      : out.create_dataset({ name, data: Float64Array.from(v.values), shape: [v.values.length] });
    for (const [key, value] of Object.entries(v.attributes ?? {})) made.create_attribute(key, value);
  }
  out.close();
  if (!fs.existsSync(file)) throw new Error(`writeNetcdf4: ${file} was not written`);
}
