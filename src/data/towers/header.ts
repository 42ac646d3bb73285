import type { Alias, Key, Variable, Variables } from "../columns";
import { KEYS } from "../columns";

/** One canonical column found in a header. */
export interface Found {
  readonly variable: Variable;
  /** position in the header */
  readonly index: number;
  /** the source's own name */
  readonly name: string;
  readonly scale: number;
  readonly offset: number;
}

/** Flux columns of one variant; `name` is null for columns that already have canonical names. */
export interface FoundVariant {
  readonly name: string | null;
  readonly columns: ReadonlyMap<string, Found>;
}

/** What a header says in canonical terms. */
export interface HeaderMap {
  readonly names: readonly string[];
  readonly keys: ReadonlyMap<Key, number>;
  /** columns that do not depend on the target variant */
  readonly plain: ReadonlyMap<string, Found>;
  /** variants of which the header has at least one flux column, the preferred one first */
  readonly variants: readonly FoundVariant[];
  /** names that no row of data/variables.json knows, or whose column is read from a preferred name */
  readonly unused: readonly string[];
}

/**
 * Finds the canonical columns in a header; names are compared without regard to case, the first alias that is there wins.
 * @example mapHeader(["TIMESTAMP", "TA_F"], readVariables()).plain.get("ta_degC")?.index // 1
 */
export function mapHeader(names: readonly string[], variables: Variables): HeaderMap {
  const at = new Map<string, number>();
  names.forEach((name, k) => {
    const key = name.trim().toLowerCase();
    if (!at.has(key)) at.set(key, k);
  });
  const used = new Set<number>();
  const find = (variable: Variable, aliases: readonly Alias[]): Found | null => {
    for (const alias of aliases) {
      const index = at.get(alias.name.toLowerCase());
      if (index === undefined) continue;
      used.add(index);
      return { variable, index, name: names[index]!, scale: alias.scale, offset: alias.offset };
    }
    return null;
  };
  const collect = (pairs: Iterable<readonly [Variable, readonly Alias[]]>): Map<string, Found> => {
    const found = new Map<string, Found>();
    for (const [variable, aliases] of pairs) {
      const hit = find(variable, aliases);
      if (hit) found.set(variable.column, hit);
    }
    return found;
  };

  const targets = variables.list.filter((v) => v.byVariant.size > 0);
  const others = variables.list.filter((v) => v.byVariant.size === 0);
  const plain = collect(others.map((v) => [v, v.plain] as const));
  const canonical = collect(targets.map((v) => [v, v.plain] as const));
  const named = variables.variants.map((name) => ({
    name: name as string | null,
    columns: collect(targets.map((v) => [v, [{ name: v.byVariant.get(name)!, scale: 1, offset: 0 }]] as const)),
  }));
  const keys = new Map<Key, number>();
  for (const key of KEYS) {
    const name = variables.keys[key].find((n) => at.has(n.toLowerCase()));
    if (name === undefined) continue;
    keys.set(key, at.get(name.toLowerCase())!);
    used.add(at.get(name.toLowerCase())!);
  }
  const variants = [{ name: null, columns: canonical }, ...named].filter((v) => v.columns.size > 0);
  return { names, keys, plain, variants, unused: names.filter((_, k) => !used.has(k)) };
}

/** Whether a header has GPP, RECO and NEE of one variant, and its QC where that is asked for. */
export function isFluxComplete(variant: FoundVariant, withQc: boolean): boolean {
  return ["gpp", "reco", "nee", ...(withQc ? ["nee_qc"] : [])].every((column) => variant.columns.has(column));
}
