import type { InputFile } from "../files/input";
import { productOf } from "../towers/read-oneflux";
import type { HalfHourly } from "./half-hourly-table";
import { readHead } from "./head";
import { readQualified } from "./read-qualified";
import type { HalfHourlyOptions } from "./scan-file";
import { readSensor } from "./sensors";
import { hasStamps, siteOf, stampColumn } from "./stamp-columns";

/** Whether a header is AmeriFlux BASE's: the networks' stamps, and names of a base with qualifiers (`TA_1_1_1`). */
export function detectBase(names: readonly string[]): boolean {
  return hasStamps(names) && names.some((name, k) => readSensor(name, k) !== null);
}

/**
 * Reads AmeriFlux BASE, or another file of its names (ICOS ETC level 2): half-hours as measured. Where and of what class the site is, and its
 * offset from UTC, stand in the BADM file beside it.
 * @throws WorkbookError see `readQualified`; BadSite
 * @source AmeriFlux, half-hourly and hourly data upload format; BASE data product
 * @example (await readBase(input)).columns.get("TA")
 */
export async function readBase(input: InputFile, options: HalfHourlyOptions = {}): Promise<HalfHourly> {
  const head = await readHead(input);
  const network = /(?:^|_)BASE(?=_)/.test(input.name) || head.preamble.some((line) => /^# *Site:/.test(line)) ? "AMERIFLUX_" : "";
  return readQualified(input, {
    ...stampColumn(head.names, input.path), head, time: null, order: "ymd", site: siteOf(input, head.preamble), kind: "ameriflux-base",
    source: `${network}${productOf(input.name)}`, utcOffset: null, lat: null, lon: null, partition: "PI",
  }, options);
}
