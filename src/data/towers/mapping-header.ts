import { WorkbookError } from "../../core/errors";
import { didYouMean } from "../../core/nearest";
import type { Variables } from "../columns";
import { mapHeader, type Found, type HeaderMap } from "./header";
import type { Mapping } from "./mapping";

/**
 * Finds the canonical columns of a table of one's own: columns of the mapping under the name and unit it gives them, the others under their own
 * names. Without a mapping it is `mapHeader`.
 * @throws WorkbookError MissingColumn for a mapped column that the table does not have; BadConfig where another column of the table already stands
 *   for what a mapped one is to be
 * @example mappedHeader(["Tag", "T"], variables, "own.csv", mapping).plain.get("ta_degC")?.index // 1
 */
export function mappedHeader(names: readonly string[], variables: Variables, file: string, mapping: Mapping | null): HeaderMap {
  if (mapping === null) return mapHeader(names, variables);
  for (const own of mapping.columns.keys()) {
    if (!names.includes(own)) throw new WorkbookError("MissingColumn", `ingest: ${file}: column ${own} required by ${mapping.file}, found none among ${names.length} columns${didYouMean(own, names, 3)}; mend the mapping`, { file, column: own });
  }
  const found = mapHeader(names.map((name) => mapping.columns.get(name)?.name ?? name), variables);
  const inUse = new Set<number>(found.keys.values());
  const own = (f: Found): Found => {
    inUse.add(f.index);
    const name = names[f.index]!;
    const way = mapping.columns.get(name)?.toCanonical;
    return { ...f, name, ...(way ? { scale: way.scale, offset: way.offset } : {}) };
  };
  const owned = (columns: ReadonlyMap<string, Found>): Map<string, Found> => new Map([...columns].map(([column, f]) => [column, own(f)]));
  const header: HeaderMap = { names, keys: found.keys, plain: owned(found.plain), variants: found.variants.map((v) => ({ name: v.name, columns: owned(v.columns) })), unused: [] };
  for (const [name, column] of mapping.columns) {
    if (inUse.has(names.indexOf(name))) continue;
    throw new WorkbookError("BadConfig", `ingest: ${file}: one column for ${column.name} required, found another beside ${name}; take ${name} out of ${mapping.file} or the other out of the table`, { file, column: name });
  }
  return { ...header, unused: names.filter((_, k) => !inUse.has(k)) };
}
