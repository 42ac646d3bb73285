import { halfHourlyVariable } from "./variables";

/** One column of a file whose names carry qualifiers. */
export interface Sensor {
  /** position in the header */
  readonly index: number;
  readonly name: string;
  /** FLUXNET base name */
  readonly base: string;
  /** processed by the tower's team (`_PI`) */
  readonly pi: boolean;
  /** gap-filled (`_F`) */
  readonly filled: boolean;
  /** rank by position, the lower the better: see `sensorRule` */
  readonly rank: readonly number[];
}

/** Which column is taken where a file has several of one quantity. */
export const sensorRule = "the column without a position first, then a layer's mean (_1), a level's mean (_1_1_A), then single sensors, the highest above ground first (smallest vertical, horizontal, replicate number of _H_V_R)";

const SUFFIX = /^(?:PI|F|f|QC|IU|SD|N|SSITC|TEST|RANDUNC)$/;
/** Bases that are named otherwise in tower files. */
const OTHER_NAMES: Readonly<Record<string, string>> = { GPP: "GPP_PI", RECO: "RECO_PI" };

/**
 * Reads a column name of AmeriFlux BASE or ICOS: base, qualifiers, position; null for what the workbook has no use for.
 * @source AmeriFlux BASE data variables, qualifiers and position (_H_V_R)
 * @example readSensor("TA_PI_F_1_2_1", 7)!.filled // true
 */
export function readSensor(name: string, index: number): Sensor | null {
  const tokens = name.trim().split("_");
  const position: string[] = [];
  while (tokens.length > 1 && /^(?:\d+|A)$/.test(tokens[tokens.length - 1]!)) position.unshift(tokens.pop()!);
  const qualifiers: string[] = [];
  while (tokens.length > 1 && SUFFIX.test(tokens[tokens.length - 1]!)) qualifiers.unshift(tokens.pop()!.toUpperCase());
  if (qualifiers.some((q) => q !== "PI" && q !== "F")) return null;
  const plain = tokens.join("_").toUpperCase();
  const base = OTHER_NAMES[plain] ?? plain;
  if (halfHourlyVariable(base) === undefined) return null;
  return { index, name, base, pi: qualifiers.includes("PI"), filled: qualifiers.includes("F"), rank: rankOf(position) };
}

function rankOf(position: readonly string[]): number[] {
  const [h, v, r] = position.map(Number);
  if (position.length === 0) return [0];
  if (position.length === 1) return [1, h!];
  return position.includes("A") ? [2, v!, h!] : [3, v!, h!, r ?? 0];
}

/** Best first: not processed by the team before processed, then by position. */
export function bySensorRank(a: Sensor, b: Sensor): number {
  if (a.pi !== b.pi) return a.pi ? 1 : -1;
  for (let k = 0; k < Math.max(a.rank.length, b.rank.length); k++) {
    const d = (a.rank[k] ?? 0) - (b.rank[k] ?? 0);
    if (d !== 0) return d;
  }
  return a.index - b.index;
}

/** The column of quality tests that belongs to a flux, e.g. `FC_SSITC_TEST_1_1_1` to `FC_1_1_1`; −1 where there is none. */
export function testOf(sensor: Sensor, names: readonly string[]): number {
  const at = /(?:_(?:\d+|A))+$/.exec(sensor.name)?.index ?? sensor.name.length;
  const wanted = `${sensor.name.slice(0, at)}_SSITC_TEST${sensor.name.slice(at)}`;
  return names.findIndex((name) => name.toUpperCase() === wanted.toUpperCase());
}
