import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import type { Held } from "./held";

/**
 * What identifies gridded files without reading their values: for each its name, axes, days, variables with shapes and attributes, and the
 * size and time of its last change (of a Zarr group: of the metadata of its arrays). A copy that keeps times is the same grid; paths do not count.
 * @example identityOf(files).slice(0, 12)
 */
export function identityOf(files: readonly Held[]): string {
  const hash = createHash("sha256");
  const sorted = [...files].sort((a, b) => (a.file < b.file ? -1 : 1));
  for (const held of sorted) {
    hash.update(JSON.stringify({
      name: path.basename(held.file), format: held.format, attributes: held.attributes, stamps: stampsOf(held),
      axes: [held.lat, held.lon].map((axis) => [axis.name, axis.centres.length, axis.centres[0], axis.step]),
      days: held.days === null ? null : [held.days[0], held.days.length],
      variables: held.variables.map(({ name, dims, shape, chunks, attributes }) => [name, dims, shape, chunks, attributes]),
    }, (_, value: unknown) => (typeof value === "bigint" ? Number(value) : ArrayBuffer.isView(value) ? Array.from(value as unknown as ArrayLike<number | bigint>, Number) : value)));
  }
  return hash.digest("hex");
}

function stampsOf({ file, format, variables }: Held): unknown[] {
  const stamp = (at: string): unknown[] => {
    const stat = fs.statSync(at, { throwIfNoEntry: false });
    return stat ? [path.basename(at), stat.size, Math.round(stat.mtimeMs)] : [];
  };
  if (format !== "Zarr") return stamp(file);
  return variables.flatMap(({ name }) => [".zarray", ".zattrs", "zarr.json"].map((metadata) => stamp(path.join(file, name, metadata))));
}
