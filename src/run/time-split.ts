import { firstFluxDay, hasFlux, type SiteRecord } from "../windows/record";
import type { RunConfig } from "./config";

/** Days between what is learned and what is held out, so that neither weather nor a window's loss days lie in both. */
export const EMBARGO = 45;
const SHARE = 0.2;

/** Which days of a record learn, choose the epoch and are held out; ends are exclusive, counted from the record's first day. */
export interface TimeRoles {
  readonly trainEnd: number;
  readonly validFrom: number;
  readonly validEnd: number;
  readonly testFrom: number;
}

/**
 * Splits a record in time. Validation in time keeps the last fifth (from first to last flux) from training; the temporal protocol
 * keeps the last fifth for the test and the last fifth of the rest for validation; an embargo lies before each.
 * @source CarbonFluxBench, arXiv 2603.09868 (last 20 %); method §3 (45-day embargo, known sites, new years)
 * @example timeRoles(record, { split: "temporal", validation: "time" }).testFrom
 */
export function timeRoles(record: SiteRecord, config: Pick<RunConfig, "split" | "validation">): TimeRoles {
  const whole = record.length;
  if (config.validation !== "time") return { trainEnd: whole, validFrom: whole, validEnd: whole, testFrom: whole };
  const first = firstFluxDay(record);
  let last = whole - 1;
  while (last > first && !hasFlux(record, last)) last--;
  const cut = first + Math.floor((last - first + 1) * (1 - SHARE));
  if (config.split !== "temporal") return { trainEnd: cut - EMBARGO, validFrom: cut, validEnd: whole, testFrom: whole };
  const validEnd = cut - EMBARGO;
  const validFrom = first + Math.floor((validEnd - first) * (1 - SHARE));
  return { trainEnd: validFrom - EMBARGO, validFrom, validEnd, testFrom: cut };
}
