import * as fs from "node:fs";
import * as path from "node:path";
import { readJson, writeJson } from "../core/json";

/** An array that both sides read: float32 or int32, little-endian, row by row. */
export interface SharedArray {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array;
}

interface Index {
  readonly [name: string]: { readonly shape: readonly number[]; readonly type: "f4" | "i4" };
}

/** Writes arrays as raw bytes with an index, which numpy and typed arrays read without a copy or a parser. @example writeArrays(dir, { x: { shape: [2], data } }) */
export function writeArrays(dir: string, arrays: Readonly<Record<string, SharedArray>>): void {
  const index: Record<string, Index[string]> = {};
  for (const [name, { shape, data }] of Object.entries(arrays)) {
    fs.writeFileSync(path.join(dir, `${name}.bin`), new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    index[name] = { shape, type: data instanceof Int32Array ? "i4" : "f4" };
  }
  writeJson(path.join(dir, "arrays.json"), index);
}

/** Reads what `writeArrays` wrote. @example readArrays(dir)("x").data */
export function readArrays(dir: string): (name: string) => { shape: readonly number[]; data: Float32Array } {
  const index = readJson<Index>(path.join(dir, "arrays.json"), "bench");
  return (name) => {
    const bytes = fs.readFileSync(path.join(dir, `${name}.bin`));
    return { shape: index[name]!.shape, data: new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4) };
  };
}
