import { WorkbookError } from "../../core/errors";
import { siteInName } from "../towers/site-name";
import type { InputFile } from "../files/input";
import type { HalfHourly } from "./half-hourly-table";
import { readHead } from "./head";
import { readQualified } from "./read-qualified";
import type { HalfHourlyOptions } from "./scan-file";
import { siteOf, stampColumn } from "./stamp-columns";

/** Whether the first line is `site,US-Ha1`, as in files between the steps of the ONEFlux codes. */
export function detectQcInput(names: readonly string[]): boolean {
  return names.length === 2 && names[0]!.toLowerCase() === "site" && siteInName(names[1]!) === names[1];
}

/**
 * Reads a file of the ONEFlux codes' quality step (`qca`): lines of site, position and time zone, then half-hours without gap filling.
 * @throws WorkbookError see `readQualified`; BadFile (a position that is no number), BadDate (two time zones in one file)
 * @source Pastorello et al. 2020, doi:10.1038/s41597-020-0534-3
 * @example (await readQcInput(input)).utcOffset // -5
 */
export async function readQcInput(input: InputFile, options: HalfHourlyOptions = {}): Promise<HalfHourly> {
  const head = await readHead(input, /^"?TIMESTAMP/i);
  const field = (key: string): string[] => head.preamble.find((line) => line.toLowerCase().startsWith(`${key},`))?.split(",").slice(1) ?? [];
  const number = (key: string, limit: number): number | null => {
    const text = field(key)[0];
    if (text === undefined || Number(text) === -9999) return null;
    if (Math.abs(Number(text)) <= limit) return Number(text);
    throw new WorkbookError("BadFile", `ingest: ${input.path}: ${key} within ±${limit} required above the header, found "${text}"; mend that line`, { file: input.path });
  };
  return readQualified(input, {
    ...stampColumn(head.names, input.path), head, time: null, order: "ymd", site: field("site")[0] ?? siteOf(input), kind: "oneflux-qc-input",
    source: "ONEFLUX_QC_INPUT", utcOffset: offsetOf(field("timezone"), input.path), lat: number("lat", 90), lon: number("lon", 180),
  }, options);
}

/** `from, offset` in pairs; one offset for the whole file. */
function offsetOf(pairs: readonly string[], file: string): number | null {
  const offsets = [...new Set(pairs.filter((_, k) => k % 2 === 1).map(Number))];
  if (offsets.length > 1 || offsets.some((hours) => !(Math.abs(hours) <= 14))) {
    throw new WorkbookError("BadDate", `ingest: ${file}: one offset from UTC in hours required in the line timezone, found ${offsets.join(", ")}; give each time zone a file of its own`, { file });
  }
  return offsets[0] ?? null;
}
