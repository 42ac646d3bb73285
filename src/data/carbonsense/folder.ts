import * as path from "node:path";
import { dayOrNull } from "../../core/days";
import { WorkbookError } from "../../core/errors";
import { parseJson } from "../../core/json";
import { nearest } from "../../core/nearest";
import { readHeader, readRows } from "../files/csv";
import type { Detected } from "../towers/detect";
import type { HalfHourly } from "../half-hourly/half-hourly-table";
import type { ScannedRows } from "../half-hourly/scan";
import { onAxis, timeAxis } from "../half-hourly/time-axis";
import type { InputFile } from "../files/input";
import { denormalise, isNormalised, V1_PREDICTORS, V1_TARGETS, type CarbonSenseColumn } from "./layout";

const [TARGETS, PREDICTORS, META] = ["targets.csv", "predictors.csv", "meta.json"];
const MISSING = { missingTexts: ["", "nan", "NaN", "NA"], missingCodes: [-9999] };

/**
 * What a file of a CarbonSense v1 folder is (`SITE/FIRST_LAST/` with targets.csv, predictors.csv, meta.json, modis.pkl): `targets.csv` is read with the
 * others beside it. Null where the three do not lie together.
 * @source 5_normalize_and_organize.ipynb of github.com/mjfortier/CarbonSense
 */
export function detectCarbonSenseFolder(_names: readonly string[], input: InputFile): Detected | null {
  const part = [TARGETS, PREDICTORS, META, "modis.pkl"].includes(input.name);
  if (!part || [TARGETS, PREDICTORS, META].some((name) => input.name !== name && input.sibling(name!) === null)) return null;
  const site = path.basename(path.dirname(path.dirname(input.path)));
  if (input.name === TARGETS) return { status: "read", kind: "carbonsense-v1", site };
  const reason = input.name === "modis.pkl" ? "CarbonSense's MODIS images as Python pickle: not read, for a pickle can run code" : `CarbonSense v1: read with the ${TARGETS} beside it`;
  return { status: "ignored", kind: "carbonsense-v1", site, reason };
}

/**
 * Reads a CarbonSense v1 folder: hourly, predictors in physical units again, targets as published, position and class from meta.json.
 * @throws WorkbookError MissingColumn, BadFile, BadDate, BadSite
 * @source Fortier et al. 2025, arXiv 2406.04940
 * @example (await readCarbonSenseFolder(input)).columns.get("NEE")
 */
export async function readCarbonSenseFolder(input: InputFile): Promise<HalfHourly> {
  const meta = await readMeta(input.sibling(META!)!);
  const predictors = await readPart(input.sibling(PREDICTORS!)!, V1_PREDICTORS);
  const targets = await readPart(input, V1_TARGETS);
  const columns = new Map([...predictors.columns, ...targets.columns]);
  if (targets.start.length !== predictors.start.length || targets.start[0] !== predictors.start[0]) {
    throw new WorkbookError("BadFile", `ingest: ${input.path}: the same hours in ${TARGETS} and ${PREDICTORS} required, found ${targets.start.length} and ${predictors.start.length}; unpack the archive again`, { file: input.path, site: meta.site });
  }
  const nee = columns.get("NEE");
  return {
    file: input.path, site: meta.site, kind: "carbonsense-v1", source: "CarbonSense_v1",
    stepMinutes: targets.stepMinutes, start: targets.start, utcOffset: null, columns, ...(nee === undefined ? {} : { variant: "NT_VUT_REF" }),
    quality: new Map(nee === undefined ? [] : [["NEE", Uint8Array.from(nee, (v) => (v === v ? 0 : 255))]]),
    lat: meta.lat, lon: meta.lon, igbp: meta.igbp,
    warnings: [...predictors.warnings, ...targets.warnings, `${input.path}: CarbonSense v1 keeps measured hours only: days with a gap have no daily flux unless the gaps are filled`],
  };
}

interface PartRows {
  readonly start: Float64Array;
  readonly stepMinutes: 30 | 60;
  readonly columns: Map<string, Float32Array>;
  readonly warnings: readonly string[];
}

async function readPart(input: InputFile, wanted: readonly CarbonSenseColumn[]): Promise<PartRows> {
  const bytes = await input.bytes();
  const header = readHeader(bytes, input.path);
  const at = (name: string): number => header.names.indexOf(name);
  if (at("timestamp") < 0 || !wanted.some((c) => at(c.name) >= 0)) {
    const name = at("timestamp") < 0 ? "timestamp" : wanted[0]!.name;
    throw new WorkbookError("MissingColumn", `ingest: ${input.path}: column ${name} of CarbonSense v1 required, found ${header.names.slice(0, 6).join(", ")}; nearest ${nearest(name, header.names).join(", ")}; unpack the archive again`, { file: input.path, column: name });
  }
  const present = wanted.filter((c) => at(c.name) >= 0);
  const clock = at("TOD");
  const read = readRows(bytes, header, { day: null, numbers: [...present.map((c) => at(c.name)), ...(clock < 0 ? [] : [clock])], texts: [at("timestamp")], ...MISSING }, input.path);
  const stamps = read.texts.get(at("timestamp"))!;
  const rows: ScannedRows = { n: read.n, line: read.line, numbers: new Map(), stamp: Float64Array.from(stamps, (text, i) => minutesOf(text, input.path, read.line[i]!)) };
  const axis = timeAxis(rows, { file: input.path, ends: false });
  const normalised = clock >= 0 && isNormalised(read.numbers.get(clock)!);
  const columns = new Map<string, Float32Array>();
  for (const column of present) {
    const values = Float32Array.from(read.numbers.get(at(column.name))!);
    if (normalised) denormalise(values, column);
    columns.set(column.base, onAxis(axis, values));
  }
  return { start: axis.start, stepMinutes: axis.stepMinutes, columns, warnings: axis.warnings };
}

function minutesOf(text: string, file: string, line: number): number {
  const parsed = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}):(\d{2})(?::00)?)?$/.exec(text);
  const day = parsed === null ? null : dayOrNull(parsed[1]!);
  if (day === null) throw new WorkbookError("BadDate", `ingest: ${file} line ${line}: a time YYYY-MM-DD HH:MM:SS required in timestamp, found "${text}"; mend that line`, { file, line, column: "timestamp", date: text });
  return day * 1440 + Number(parsed![2] ?? 0) * 60 + Number(parsed![3] ?? 0);
}

interface Meta {
  readonly site: string;
  readonly lat: number | null;
  readonly lon: number | null;
  readonly igbp: string | null;
}

async function readMeta(input: InputFile): Promise<Meta> {
  const fail = (found: string): never => {
    throw new WorkbookError("BadSite", `ingest: ${input.path}: SITE_ID, LOCATION_LAT, LOCATION_LON and IGBP as JSON required, found ${found}; unpack the archive again`, { file: input.path });
  };
  let raw: Record<string, unknown>;
  try {
    raw = parseJson((await input.bytes()).toString("utf8")) as Record<string, unknown>;
  } catch {
    return fail("no JSON");
  }
  const number = (value: unknown): number | null => (typeof value === "number" && Number.isFinite(value) ? value : null);
  if (typeof raw !== "object" || raw === null || typeof raw["SITE_ID"] !== "string") return fail("no SITE_ID");
  return { site: raw["SITE_ID"], lat: number(raw["LOCATION_LAT"]), lon: number(raw["LOCATION_LON"]), igbp: typeof raw["IGBP"] === "string" ? raw["IGBP"] : null };
}
