import { COLUMNS, columnSpec, type ColumnSpec } from "../../core/columns";
import { ERA5_LAND } from "../../core/era5-land";
import { WorkbookError } from "../../core/errors";
import type { Variable, Variables } from "../columns";
import { textAttribute } from "./grid";
import type { GridCatalogue } from "./grid-catalogue";
import type { HeldVariable } from "./held";
import { conversion, type Conversion } from "./physical-unit";
import { joinParts, type Part, type Placed } from "./series";

/** One channel of a grid: where its values lie, and how they come into the channel's unit. */
export interface Channel {
  readonly spec: ColumnSpec;
  readonly variable: Variable;
  /** the file's own name */
  readonly name: string;
  /** as the file says, or the channel's where its name stands for its unit */
  readonly unit: string;
  readonly parts: readonly Part[];
  readonly conversion: Conversion;
  /** the channel is these bits of a stored integer */
  readonly mask: number | null;
}

/** What the user says of the files that they do not say themselves. */
export interface Naming {
  /** the variable of a channel */
  readonly names?: Readonly<Record<string, string>>;
  /** the unit of a variable */
  readonly units?: Readonly<Record<string, string>>;
}

/** Channels found in files, and why others that have a variable cannot be served. */
export interface ChannelMap {
  readonly served: ReadonlyMap<string, Channel>;
  readonly refused: ReadonlyMap<string, WorkbookError>;
}

const DRIVERS = ["tower", "vegetation", "reflectance", "reanalysis"];

/** Every channel that a grid may serve: drivers, not fluxes. */
export function driverColumns(): ColumnSpec[] {
  const canonical = COLUMNS.filter((c) => DRIVERS.includes(c.group));
  return [...canonical, ...ERA5_LAND.filter((c) => !canonical.some((o) => o.name === c.name))];
}

/**
 * Finds the variable of each channel: as the user names it, by the canonical name, by the names of data/variables.json and
 * data/grid-variables.json, by CF's standard name; and the conversion of its unit.
 * @example mapChannels(files, readVariables(), readGridCatalogue(), {}).served.get("ta_degC")?.unit // "K"
 */
export function mapChannels(files: readonly Placed[], variables: Variables, catalogue: GridCatalogue, naming: Naming): ChannelMap {
  const served = new Map<string, Channel>();
  const refused = new Map<string, WorkbookError>();
  for (const spec of driverColumns()) {
    try {
      const channel = findChannel(files, spec, variables, catalogue, naming);
      if (channel !== null) served.set(spec.name, channel);
    } catch (error) {
      if (!(error instanceof WorkbookError)) throw error;
      refused.set(spec.name, error);
    }
  }
  return { served, refused };
}

function findChannel(files: readonly Placed[], spec: ColumnSpec, variables: Variables, catalogue: GridCatalogue, naming: Naming): Channel | null {
  const variable = variables.list.find((v) => v.column === spec.name) ?? { column: spec.name, required: false, plain: [{ name: spec.name, scale: 1, offset: 0 }], byVariant: new Map(), checks: [], packed: null, zeroFrom: 0 };
  const bits = catalogue.bits[spec.name];
  const found = pickName(files, spec.name, [...variable.plain.map((alias) => alias.name), ...(catalogue.names[spec.name] ?? []), ...(bits?.names ?? [])], catalogue.standard_names[spec.name] ?? [], naming);
  if (found === null) return null;
  const unreadable = files.map((held) => held.unreadable.get(found)).find((error) => error !== undefined);
  if (unreadable) throw unreadable;
  const parts = joinParts(found, files);
  const layered = parts.find((part) => part.days === null || part.variable.axes.class !== null);
  if (layered) throw new WorkbookError("BadFile", `grid: ${layered.file}: ${found}: axes time, lat, lon required, found ${layered.variable.dims.join(", ")}; give one value a day`, { file: layered.file, column: found });
  const mask = bits?.names.some((name) => same(name, found)) ? bits.mask : null;
  const units = parts.map((part) => unitOf(part.variable, naming));
  const other = units.findIndex((unit) => unit !== units[0]);
  if (other > 0) throw new WorkbookError("BadUnit", `grid: ${parts[other]!.file}: ${found}: one unit in all files required, found ${units[other] ?? "none"} here and ${units[0] ?? "none"} in ${parts[0]!.file}; convert one`, { file: parts[other]!.file, column: found });
  const alias = variable.plain.find(({ name }) => same(name, found));
  const unit = units[0] ?? null;
  const how = mask !== null ? { scale: 1, offset: 0 } : unit !== null ? convert(spec, unit, parts[0]!.variable) : (alias ?? null);
  if (how === null) {
    const seen = unit === null ? "no unit" : `"${unit}"`;
    throw new WorkbookError("BadUnit", `grid: ${parts[0]!.file}: ${found} in ${spec.unit} or a unit that converts to it required for ${spec.name}, found ${seen}; ${unit === null ? "write its units attribute" : "convert it"}, or say its true unit under "units" of a grid description`, { file: parts[0]!.file, column: found });
  }
  return { spec, variable, name: found, unit: unit ?? spec.unit, parts, conversion: { scale: how.scale, offset: how.offset }, mask };
}

const same = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

function unitOf(variable: HeldVariable, naming: Naming): string | null {
  const unit = naming.units?.[variable.name] ?? textAttribute(variable.attributes, "units") ?? textAttribute(variable.attributes, "GRIB_units");
  return unit === null || unit.trim() === "" ? null : unit;
}

/** Accumulated amounts: a variable that names itself a day's sum may leave out "per day". */
function convert(spec: ColumnSpec, unit: string, variable: HeldVariable): Conversion | null {
  if (spec.unit === "code") return { scale: 1, offset: 0 };
  const sum = variable.name.endsWith("_sum") || /\btime: sum\b/.test(textAttribute(variable.attributes, "cell_methods") ?? "");
  return conversion(unit, spec.unit, { sum, water: /^mm? d⁻¹$/.test(spec.unit) });
}

function pickName(files: readonly Placed[], channel: string, names: readonly string[], standard: readonly string[], naming: Naming): string | null {
  const all = files.flatMap((held) => [...held.variables.map((v) => v.name), ...held.unreadable.keys()]);
  const told = naming.names?.[channel];
  if (told !== undefined) {
    if (!all.includes(told)) throw new WorkbookError("MissingColumn", `grid: ${files[0]!.file}: variable ${told} required for ${channel} as the grid description says, found ${[...new Set(all)].slice(0, 8).join(", ") || "none"}; mend "names"`, { file: files[0]!.file, column: channel });
    return told;
  }
  for (const name of names) {
    // exact before any case: "e" and "E" may both be there
    const hit = all.find((n) => n === name) ?? all.find((n) => same(n, name));
    if (hit !== undefined) return hit;
  }
  const byStandard = [...new Set(files.flatMap((held) => held.variables).filter((v) => v.axes.time !== null && standard.includes(textAttribute(v.attributes, "standard_name") ?? "")).map((v) => v.name))];
  if (byStandard.length > 1) throw new WorkbookError("MissingColumn", `grid: ${files[0]!.file}: one variable for ${channel} required, found ${byStandard.join(", ")} with the same standard name; say which under "names" of a grid description`, { file: files[0]!.file, column: channel });
  return byStandard[0] ?? null;
}

/** The period of a channel: first day and one past the last. */
export function channelDays(channel: Channel): readonly [from: number, to: number] {
  const last = channel.parts[channel.parts.length - 1]!.days!;
  return [channel.parts[0]!.days!.first, last.first + last.length];
}

/** Whether a name is a channel that a grid could serve. @example isDriver("ta_degC") // true */
export function isDriver(name: string): boolean {
  const spec = columnSpec(name);
  return spec !== undefined && DRIVERS.includes(spec.group);
}
