import { WorkbookError } from "../../core/errors";
import { checkKeys, isObject, readJson } from "../../core/json";
import { didYouMean } from "../../core/nearest";
import { brief } from "../../core/printable";
import { columnSpec } from "../../core/columns";
import { KEYS, type Variables } from "../columns";
import { conversion, plainExponents, type Conversion } from "../grid/physical-unit";

/** What one column of a table of one's own means. */
export interface MappedColumn {
  /** a name that data/variables.json knows: ONEFlux (`NEE_VUT_REF`, `TA_F`), canonical (`ta_degC`), or `site`, `date`, `lat`, … */
  readonly name: string;
  /** from the file's numbers to the canonical column's unit; null for texts */
  readonly toCanonical: Conversion | null;
}

/** A mapping file: how the columns of a table of one's own are to be read. */
export interface Mapping {
  readonly file: string;
  /** site of all rows, where no column says it */
  readonly site: string | null;
  /** by the table's own column name */
  readonly columns: ReadonlyMap<string, MappedColumn>;
}

interface RawMapping {
  readonly about?: string;
  readonly site?: string;
  readonly columns: Readonly<Record<string, { readonly name: string; readonly unit?: string; readonly factor?: number }>>;
}

/**
 * Reads a mapping file:
 * `{ "site": "DE-Own", "columns": { "Day": { "name": "date" }, "T_mast": { "name": "TA_F", "unit": "K" }, "Rain": { "name": "P_F", "unit": "mm", "factor": 0.2 } } }`.
 * A number × `factor` is in `unit`; from there it is converted as data/variables.json and the physical units say.
 * @throws WorkbookError BadConfig for a key or name that is not known (the nearest is named), BadUnit for a unit that is missing or of another kind
 * @example readMapping("map.json", readVariables()).columns.get("Day")?.name // "date"
 */
export function readMapping(file: string, variables: Variables): Mapping {
  const raw = readJson<RawMapping>(file, "ingest: --map");
  const where = `ingest: ${file}`;
  const fail = (what: string): never => {
    throw new WorkbookError("BadConfig", `${where}: ${what}`, { file });
  };
  if (!isObject(raw) || !isObject(raw.columns)) return fail(`an object with "columns" required, found ${brief(raw, 40)}; see the README`);
  checkKeys(where, raw, ["about", "site", "columns"]);
  if (raw.site !== undefined && (typeof raw.site !== "string" || raw.site.trim() === "")) fail(`"site": a site id as text required, found ${brief(raw.site)}`);
  const names = knownNames(variables);
  const taken = new Map<string, string>();
  const columns = new Map<string, MappedColumn>();
  for (const [own, entry] of Object.entries(raw.columns)) {
    if (!isObject(entry) || typeof entry.name !== "string") return fail(`columns: ${own}: { "name": … } required, found ${brief(entry, 40)}`);
    checkKeys(`${where}: columns: ${own}`, entry, ["name", "unit", "factor"]);
    if (entry.unit !== undefined && typeof entry.unit !== "string") fail(`columns: ${own}: a unit as text required, found ${brief(entry.unit)}`);
    const key = entry.name.toLowerCase();
    const canonical = names.get(key);
    if (canonical === undefined) return fail(`columns: ${own}: a name of data/variables.json required, found "${entry.name}"${didYouMean(entry.name, [...names.keys()], 3)}`);
    if (taken.has(key)) fail(`columns: one column for ${entry.name} required, found ${taken.get(key)} and ${own}; remove one`);
    taken.set(key, own);
    if (entry.factor !== undefined && !(typeof entry.factor === "number" && Number.isFinite(entry.factor) && entry.factor !== 0)) fail(`columns: ${own}: a factor other than 0 required, found ${brief(entry.factor)}`);
    columns.set(own.trim(), { name: entry.name, toCanonical: canonical.number ? conversionOf(`${where}: columns: ${own}`, canonical.column, entry, variables, file) : null });
    if (!canonical.number && (entry.unit !== undefined || entry.factor !== undefined)) fail(`columns: ${own}: no unit or factor allowed for ${entry.name}; remove it`);
  }
  if (raw.site !== undefined && variables.keys.site.some((name) => taken.has(name))) fail(`a site of its own ("site") or a column for it required, found both; remove one`);
  return { file, site: raw.site?.trim() ?? null, columns };
}

/** What a name stands for: a canonical number column, or a role such as site and date. By name in small letters. */
function knownNames({ list, keys }: Variables): Map<string, { readonly column: string; readonly number: boolean }> {
  const out = new Map<string, { column: string; number: boolean }>();
  for (const key of KEYS) for (const name of keys[key]) out.set(name.toLowerCase(), { column: key, number: false });
  for (const v of list) for (const name of [...v.plain.map((a) => a.name), ...v.byVariant.values()]) out.set(name.toLowerCase(), { column: v.column, number: true });
  return out;
}

function conversionOf(where: string, column: string, entry: { readonly unit?: string; readonly factor?: number }, { conversions }: Variables, file: string): Conversion {
  const wanted = columnSpec(column)!.unit;
  const factor = entry.factor ?? 1;
  const plainNumber = wanted === "1" || wanted === "code";
  if (entry.unit === undefined && plainNumber) return { scale: factor, offset: 0 };
  const given = entry.unit ?? "";
  const fromTable = conversions.find((c) => c.to === wanted && spelling(c.from) === spelling(given));
  const found = spelling(given) === spelling(wanted) ? { scale: 1, offset: 0 } : fromTable ?? (given === "" ? null : conversion(given, wanted, { sum: wanted.endsWith("d⁻¹"), water: column === "p_mm_d" }));
  if (found !== null) return { scale: factor * found.scale, offset: found.offset };
  const known = [wanted, ...conversions.filter((c) => c.to === wanted).map((c) => c.from)];
  throw new WorkbookError("BadUnit", `${where}: the unit of ${column} required (${known.join(", ")}, or one that converts to it), found ${given === "" ? "none" : `"${given}"`}; name the unit of value × factor`, { file, column });
}

/** One spelling for units that differ in script, blanks and letters only. */
function spelling(unit: string): string {
  return plainExponents(unit).toLowerCase().replace(/[µμ]/g, "u").replace(/co2/g, "").replace(/\/m2/g, "m-2").replace(/\/(s|d|day)\b/g, "$1-1").replace(/day/g, "d").replace(/[\s._·*°]/g, "").replace(/^degc$/, "c");
}
