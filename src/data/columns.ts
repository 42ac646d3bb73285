import * as path from "node:path";
import { COLUMNS, columnSpec } from "../core/columns";
import { WorkbookError } from "../core/errors";
import { projectRoot } from "../core/files";
import { checkKeys, readJson } from "../core/json";

/** A statistic of a site's known values by which a wrong unit is seen. */
export type UnitStat = "median" | "mean" | "max" | "p95" | "p99" | "p99abs";

/** One unit check: outside the bound, the values look like another unit. */
export interface UnitCheck {
  readonly stat: UnitStat;
  readonly above?: number;
  readonly below?: number;
  /** fewest known values at which the check speaks; 1 by default */
  readonly days?: number;
  readonly looks: string;
  readonly cure: string;
}

/** Integers of a satellite product: what lies outside `valid` is fill; recognised by a 95th percentile of |value| above `above`. */
export interface Packing {
  readonly scale: number;
  readonly valid: readonly [number, number];
  readonly above: number;
}

/** A name under which sources write a column, and the linear conversion to the column's unit. */
export interface Alias {
  readonly name: string;
  readonly scale: number;
  readonly offset: number;
}

/** How one canonical column is found and read. */
export interface Variable {
  readonly column: string;
  /** whether an original tower file must have it */
  readonly required: boolean;
  /** names outside any variant, the canonical one first */
  readonly plain: readonly Alias[];
  /** names by target variant, e.g. `GPP_NT_VUT_REF`; empty for columns that have no variants */
  readonly byVariant: ReadonlyMap<string, string>;
  readonly checks: readonly UnitCheck[];
  readonly packed: Packing | null;
  /** values from here up to 0 are rounding noise of the source and become 0, counted */
  readonly zeroFrom: number;
}

/** Roles of columns that are not numbers. */
export const KEYS = ["site", "date", "target_variant", "source", "day_convention", "lat", "lon", "igbp", "koppen", "koppen_detail"] as const;
export type Key = (typeof KEYS)[number];

/** A unit that sources write, and the linear way from it to one of ours. */
export interface UnitConversion {
  readonly from: string;
  readonly to: string;
  readonly scale: number;
  readonly offset: number;
}

/** `data/variables.json`, read and checked. */
export interface Variables {
  readonly list: readonly Variable[];
  /** target variants, the preferred one first */
  readonly variants: readonly string[];
  readonly keys: Readonly<Record<Key, readonly string[]>>;
  readonly missingTexts: readonly string[];
  readonly missingCodes: readonly number[];
  readonly resolutions: Readonly<Record<string, string>>;
  readonly companions: Readonly<Record<string, string>>;
  readonly conversions: readonly UnitConversion[];
  /** the day of tower files */
  readonly dayConvention: string;
}

interface RawVariable {
  readonly column: string;
  readonly unit: string;
  readonly required?: boolean;
  readonly aliases: readonly (string | { readonly name: string; readonly unit: string })[];
  readonly checks?: readonly UnitCheck[];
  readonly packed?: Packing;
  readonly zero_from?: number;
}

interface RawVariables {
  readonly about?: string;
  readonly missing: { readonly texts: readonly string[]; readonly codes: readonly number[] };
  readonly keys: Record<Key, readonly string[]>;
  readonly files: { readonly resolutions: Record<string, string>; readonly companions: Record<string, string>; readonly day_convention: string };
  readonly variants: readonly { readonly name: string; readonly text: string }[];
  readonly conversions: readonly UnitConversion[];
  readonly variables: readonly RawVariable[];
}

const FILE_KEYS = ["about", "missing", "keys", "files", "variants", "conversions", "variables"];
const ROW_KEYS = ["column", "unit", "required", "aliases", "checks", "packed", "zero_from"];

/**
 * Reads `data/variables.json` and holds it to `core/columns`: every canonical column once, in its unit, each alias once, each conversion known.
 * @throws WorkbookError BadConfig naming the row
 * @example readVariables().variants[0] // "NT_VUT_USTAR50"
 */
export function readVariables(file = path.join(projectRoot(), "data", "variables.json")): Variables {
  const raw = readJson<RawVariables>(file, "readVariables");
  checkKeys("readVariables", raw, FILE_KEYS);
  checkKeys("readVariables: keys", raw.keys, KEYS);
  const list = raw.variables.map((row) => readRow(row, raw));
  for (const spec of COLUMNS) {
    const rows = list.filter((v) => v.column === spec.name).length;
    if (rows !== 1) refuse(spec.name, `one row required, found ${rows}; add or remove it`);
  }
  checkUnique(list);
  return {
    list,
    variants: raw.variants.map((v) => v.name),
    keys: raw.keys,
    missingTexts: raw.missing.texts,
    missingCodes: raw.missing.codes,
    resolutions: raw.files.resolutions,
    companions: raw.files.companions,
    conversions: raw.conversions,
    dayConvention: raw.files.day_convention,
  };
}

function readRow(row: RawVariable, raw: RawVariables): Variable {
  checkKeys(`readVariables: ${row.column}`, row, ROW_KEYS);
  const spec = columnSpec(row.column);
  if (!spec) return refuse(row.column, "a canonical column required, found none of that name; see src/core/columns.ts");
  if (spec.unit !== row.unit) refuse(row.column, `unit ${spec.unit} required, found ${row.unit}; mend the row`);
  const plain: Alias[] = [{ name: row.column, scale: 1, offset: 0 }];
  const byVariant = new Map<string, string>();
  for (const alias of row.aliases) {
    if (typeof alias !== "string") {
      const conversion = raw.conversions.find((c) => c.from === alias.unit && c.to === row.unit);
      if (!conversion) return refuse(row.column, `a conversion ${alias.unit} → ${row.unit} required for ${alias.name}, found none; add it to "conversions"`);
      plain.push({ name: alias.name, scale: conversion.scale, offset: conversion.offset });
    } else if (alias.includes("{variant}")) {
      for (const v of raw.variants) byVariant.set(v.name, alias.replace("{variant}", v.text));
    } else {
      plain.push({ name: alias, scale: 1, offset: 0 });
    }
  }
  return { column: row.column, required: row.required ?? false, plain, byVariant, checks: row.checks ?? [], packed: row.packed ?? null, zeroFrom: row.zero_from ?? 0 };
}

function checkUnique(list: readonly Variable[]): void {
  const owner = new Map<string, string>();
  for (const v of list) {
    for (const name of [...v.plain.map((a) => a.name), ...v.byVariant.values()]) {
      const key = name.toLowerCase();
      const other = owner.get(key);
      if (other !== undefined && other !== v.column) refuse(v.column, `an alias of its own required, found ${name} at ${other} too; remove one`);
      owner.set(key, v.column);
    }
  }
}

function refuse(column: string, what: string): never {
  throw new WorkbookError("BadConfig", `readVariables: data/variables.json: ${column}: ${what}`, { column });
}
