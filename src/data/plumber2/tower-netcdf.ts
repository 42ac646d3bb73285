import * as fs from "node:fs";
import * as path from "node:path";
import { WorkbookError, isWorkbookError } from "../../core/errors";
import { temporaryFolder } from "../../core/temporary-folder";
import { unpackValues } from "../grid/grid";
import { loadNetcdfjs } from "../grid/modules";
import { openNetcdf } from "../grid/netcdf";
import type { InputFile } from "../files/input";

type Attributes = Readonly<Record<string, unknown>>;

/** A tower's NetCDF file of either format: one place, so every array is a series, a number or a text. */
export interface TowerNetcdf {
  readonly names: readonly string[];
  readonly attributes: Attributes;
  /** values `[step]`, unpacked, NaN = missing, with the variable's attributes. @throws WorkbookError BadFile */
  numbers(name: string): Promise<{ readonly values: Float64Array; readonly attributes: Attributes }>;
  /** a text variable, or null where the file has none of that name */
  text(name: string): Promise<string | null>;
}

/** Whether a file begins like NetCDF, classic or HDF5. @example isNetcdf(await input.bytes(8)) */
export function isNetcdf(head: Buffer): boolean {
  return head.subarray(0, 3).toString("latin1") === "CDF" || head.subarray(0, 8).toString("latin1") === "\x89HDF\r\n\x1a\n";
}

/**
 * Opens a tower's NetCDF (classic or NetCDF-4, also gzipped or in an archive), hands it to `work` and closes it. HDF5 is read from a file only, so a
 * NetCDF-4 lies in the system's temporary folder meanwhile.
 * @throws WorkbookError BadFile when it is no NetCDF or not whole
 * @example await withTowerNetcdf(input, async (file) => (await file.numbers("NEE")).values.length)
 */
export async function withTowerNetcdf<T>(input: InputFile, work: (file: TowerNetcdf) => Promise<T>): Promise<T> {
  const bytes = await input.bytes();
  if (!isNetcdf(bytes)) throw new WorkbookError("BadFile", `ingest: ${input.path}: NetCDF required, found other bytes; download the file again`, { file: input.path });
  return bytes[0] === 0x43 ? work(await openClassic(bytes, input.path)) : withHdf5(bytes, input.path, work);
}

async function openClassic(bytes: Buffer, shown: string): Promise<TowerNetcdf> {
  const { NetCDFReader } = await loadNetcdfjs();
  const whole = <V>(read: () => V): V => {
    try {
      return read();
    } catch (cause) {
      throw new WorkbookError("BadFile", `ingest: ${shown}: a whole NetCDF file required, found: ${(cause as Error).message.split("\n")[0]}; download it again`, { file: shown, cause });
    }
  };
  const reader = whole(() => new NetCDFReader(bytes));
  const known = new Map(reader.variables.map((v) => [v.name, v]));
  const asRecord = (list: readonly { readonly name: string; readonly value: unknown }[]): Attributes => Object.fromEntries(list.map((a) => [a.name, typeof a.value === "string" ? plain(a.value) : a.value]));
  return {
    names: [...known.keys()].sort(),
    attributes: asRecord(reader.globalAttributes),
    async numbers(name) {
      const variable = known.get(name)!;
      const attributes = asRecord(variable.attributes);
      const raw = whole(() => reader.getDataVariable(variable)) as readonly number[];
      // singles come widened, and so do the attributes: both must be compared as singles
      return { values: unpackValues(variable.type === "float" ? Float32Array.from(raw) : Float64Array.from(raw), attributes), attributes };
    },
    text: async (name) => (known.has(name) ? plain((whole(() => reader.getDataVariable(name)) as readonly string[]).join("")) : null),
  };
}

async function withHdf5<T>(bytes: Buffer, shown: string, work: (file: TowerNetcdf) => Promise<T>): Promise<T> {
  const folder = temporaryFolder("tower-netcdf");
  const temporary = path.join(folder, "tower.nc");
  try {
    fs.writeFileSync(temporary, bytes);
    const grid = await openNetcdf(temporary);
    try {
      return await work({
        names: grid.names,
        attributes: grid.attributes,
        async numbers(name) {
          const variable = await grid.variable(name);
          return { values: await variable.read(variable.shape.map((n) => [0, n])), attributes: variable.attributes };
        },
        text: async (name) => (grid.names.includes(name) ? plain((await (await grid.variable(name)).text?.()) ?? "") : null),
      });
    } finally {
      grid.close();
    }
  } catch (error) {
    if (!isWorkbookError(error)) throw error;
    throw new WorkbookError(error.tag, error.message.split(temporary).join(shown).replace(/^grid:/, "ingest:"), { ...error.fields, file: shown, cause: error });
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

const plain = (text: string): string => text.replace(/\0/g, "").trim();
