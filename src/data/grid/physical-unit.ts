/** A unit in kg, m, s, K and degrees of angle: a value in it × scale + offset is a value in those. */
export interface PhysicalUnit {
  readonly scale: number;
  readonly offset: number;
  /** exponents of kg, m, s, K, ° */
  readonly dimension: readonly [number, number, number, number, number];
}

/** From one unit to another: value × scale + offset. */
export interface Conversion {
  readonly scale: number;
  readonly offset: number;
}

type Dimension = PhysicalUnit["dimension"];
const NONE: Dimension = [0, 0, 0, 0, 0];
const [MASS, LENGTH, TIME, HEAT, ANGLE]: Dimension[] = [[1, 0, 0, 0, 0], [0, 1, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 1, 0], [0, 0, 0, 0, 1]];
const [PRESSURE, ENERGY, POWER]: Dimension[] = [[1, -1, -2, 0, 0], [1, 2, -2, 0, 0], [1, 2, -3, 0, 0]];

/** Spellings of each unit; where case tells units apart (m, M) the spelling is exact, else it is lower case. @source UDUNITS-2; SI brochure, 9th edition */
const UNITS: readonly (readonly [names: string, scale: number, dimension: Dimension])[] = [
  ["1 dimensionless unitless fraction - ~ proportion", 1, NONE], ["% percent", 0.01, NONE],
  ["kg kilogram kilograms", 1, MASS!], ["g gram grams", 1e-3, MASS!],
  ["m meter meters metre metres", 1, LENGTH!], ["cm", 1e-2, LENGTH!], ["mm millimeter millimeters millimetre millimetres", 1e-3, LENGTH!], ["km", 1e3, LENGTH!],
  ["s sec second seconds", 1, TIME!], ["min minute minutes", 60, TIME!], ["h hr hour hours", 3600, TIME!], ["d day days", 86_400, TIME!],
  ["K kelvin", 1, HEAT!],
  ["° deg degree degrees", 1, ANGLE!], ["rad radian radians", 180 / Math.PI, ANGLE!],
  ["Pa pascal", 1, PRESSURE!], ["hPa mbar mb millibar millibars", 100, PRESSURE!], ["kPa", 1000, PRESSURE!], ["bar", 1e5, PRESSURE!],
  ["J joule joules", 1, ENERGY!], ["kJ", 1e3, ENERGY!], ["MJ", 1e6, ENERGY!], ["W watt watts", 1, POWER!], ["kW", 1e3, POWER!],
];
const CELSIUS = /^(°c|c|degc|deg_c|celsius|degrees?[ _]?(c|celsius))$/i;
const FAHRENHEIT = /^(°f|f|degf|deg_f|fahrenheit|degrees?[ _]?(f|fahrenheit))$/i;

/**
 * A unit in plain ASCII: superscripts as digits, `**` and `^` left out.
 * @example plainExponents("m⁻²") // "m-2"
 */
export function plainExponents(text: string): string {
  return text.replace(/[⁰¹²³⁴⁵⁶⁷⁸⁹]/g, (digit) => String("⁰¹²³⁴⁵⁶⁷⁸⁹".indexOf(digit))).replace(/[⁻−]/g, "-").replace(/⁺/g, "+").replace(/\*\*|\^/g, "");
}

/**
 * Reads a unit as CF, GRIB, GDAL or this project writes it; null for what it does not know.
 * @source CF conventions 1.10, §3.1
 * @example parseUnit("J m**-2")!.dimension // [1, 0, -2, 0, 0]
 */
export function parseUnit(text: string): PhysicalUnit | null {
  const plain = plainExponents(text).replace(/\(0 ?- ?1\)/, "1").replace(/\(|\)/g, " ").replace(/\b(of )?water( equivalent)?\b/gi, " ").trim();
  if (CELSIUS.test(plain)) return { scale: 1, offset: 273.15, dimension: HEAT! };
  if (FAHRENHEIT.test(plain)) return { scale: 5 / 9, offset: 459.67 * (5 / 9), dimension: HEAT! };
  if (plain === "") return { scale: 1, offset: 0, dimension: NONE };
  let scale = 1;
  const dimension = [...NONE];
  for (const [i, part] of plain.split("/").entries()) {
    for (const token of part.trim().split(/[\s·*]+|\.(?=[A-Za-z])/).filter((t) => t !== "")) {
      const factor = readFactor(token);
      if (factor === null) return null;
      const power = i === 0 ? factor.power : -factor.power;
      scale *= factor.scale ** power;
      factor.dimension.forEach((d, k) => (dimension[k] = dimension[k]! + d * power));
    }
  }
  return { scale, offset: 0, dimension: dimension as unknown as Dimension };
}

function readFactor(token: string): { scale: number; dimension: Dimension; power: number } | null {
  if (/^\d+(\.\d+)?(e[+-]?\d+)?$/i.test(token) && Number(token) > 0) return { scale: Number(token), dimension: NONE, power: 1 };
  const split = /^([^\d+]*?[^\d+-]|[-~])([+-]?\d+)?$/.exec(token);
  if (split === null) return null;
  const name = split[1]!;
  const known = UNITS.find(([names]) => names.split(" ").includes(name)) ?? (name.length > 3 ? UNITS.find(([names]) => names.split(" ").includes(name.toLowerCase())) : undefined);
  return known === undefined ? null : { scale: known[1], dimension: known[2], power: Number(split[2] ?? 1) };
}

const PER_DAY: PhysicalUnit = { scale: 1 / 86_400, offset: 0, dimension: [0, 0, -1, 0, 0] };
/** 1 kg of water on 1 m² stands 1 mm high. */
const WATER: PhysicalUnit = { scale: 1e-3, offset: 0, dimension: [-1, 3, 0, 0, 0] };

/**
 * The conversion from one unit to another, or null where there is none.
 * @param about `sum`: a value is the sum of its day, so that "m" means m d⁻¹; `water`: a mass of water may stand for its depth
 * @example conversion("kg m-2 s-1", "mm d⁻¹", { water: true }) // { scale: 86400, offset: 0 }
 */
export function conversion(from: string, to: string, about: { readonly sum?: boolean; readonly water?: boolean } = {}): Conversion | null {
  const [given, wanted] = [parseUnit(from), parseUnit(to)];
  if (given === null || wanted === null) return null;
  const factors = [[], ...(about.sum ? [[PER_DAY]] : []), ...(about.water ? [[WATER]] : []), ...(about.sum && about.water ? [[PER_DAY, WATER]] : [])];
  for (const more of factors) {
    const dimension = more.reduce<readonly number[]>((sum, f) => sum.map((d, k) => d + f.dimension[k]!), given.dimension);
    if (!dimension.every((d, k) => d === wanted.dimension[k])) continue;
    const scale = more.reduce((product, f) => product * f.scale, given.scale);
    return { scale: tidy(scale / wanted.scale), offset: tidy((given.offset - wanted.offset) / wanted.scale) };
  }
  return null;
}

/** Without the last bits that products of powers of ten leave. */
const tidy = (x: number): number => Number(x.toPrecision(15));
