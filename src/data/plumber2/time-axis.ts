import { WorkbookError } from "../../core/errors";
import { timeUnits } from "../grid/cf";
import { textAttribute } from "../grid/grid";
import type { StepMinutes } from "../half-hourly/half-hourly-table";
import type { TowerNetcdf } from "./tower-netcdf";

/** Steps of a file: their starts, equally spaced, and how far local standard time is from UTC where the file names its zone. */
export interface TowerTimes {
  /** minutes since 1970-01-01 00:00 local standard time `[step]` */
  readonly start: Float64Array;
  readonly stepMinutes: StepMinutes;
  readonly utcOffset: number | null;
  readonly zone: string | null;
}

/**
 * Reads the axis `time`, in local standard time, stamped at the start of a step as PLUMBER2 states it.
 * @throws WorkbookError BadDate for other units, for steps other than 30 or 60 minutes, and where one is missing or comes twice
 * @source Ukkola et al. 2022, doi:10.5194/essd-14-449-2022; attribute "Time stamp indicates start time"
 * @example (await readTowerTimes(file, "DK-Fou_2005-2005_FLUXNET2015_Flux.nc")).stepMinutes // 30
 */
export async function readTowerTimes(file: TowerNetcdf, shown: string): Promise<TowerTimes> {
  const { minutes: start, attributes } = await readMinutes(file, shown);
  const step = start.length < 2 ? NaN : start[1]! - start[0]!;
  if (step !== 30 && step !== 60) throw badTime(shown, "steps of 30 or 60 minutes", start.length < 2 ? `${start.length} steps` : `${step} minutes`);
  for (let i = 1; i < start.length; i++) {
    if (start[i]! - start[i - 1]! !== step) throw badTime(shown, `steps of ${step} minutes throughout`, `${start[i]! - start[i - 1]!} minutes after step ${i}`);
  }
  const zone = textAttribute(attributes, "time_zone");
  return { start, stepMinutes: step, utcOffset: zone === null ? null : standardOffset(zone, Math.floor(start[0]! / 1440)), zone };
}

/**
 * The axis `time` as minutes since 1970-01-01 by the clock the file keeps `[step]`.
 * @throws WorkbookError BadDate for units other than "days (hours, minutes, seconds) since DATE"
 * @source CF conventions 1.8, §4.4
 */
export async function readMinutes(file: TowerNetcdf, shown: string): Promise<{ minutes: Float64Array; attributes: Readonly<Record<string, unknown>> }> {
  if (!file.names.includes("time")) throw badTime(shown, "an axis of time", "none");
  const { values, attributes } = await file.numbers("time");
  const units = textAttribute(attributes, "units") ?? "";
  const parsed = timeUnits(units);
  if (parsed === null) throw badTime(shown, "units such as seconds since 2005-01-01 00:00:00", `"${units}"`);
  const { origin, clock, perDay } = parsed;
  return { minutes: values.map((v) => Math.round(1440 * (origin + clock + v / perDay))), attributes };
}

function badTime(shown: string, required: string, found: string): WorkbookError {
  return new WorkbookError("BadDate", `ingest: ${shown}: time: ${required} required, found ${found}; download the file again`, { file: shown, column: "time" });
}

/**
 * Hours that a zone's standard time is ahead of UTC in the year of `day`, as towers keep it all year: the smaller of the offsets in January and
 * July. Null for a zone that is not known.
 * @example standardOffset("America/Chicago", 12784) // -6
 */
export function standardOffset(zone: string, day: number): number | null {
  const year = new Date(day * 86_400_000).getUTCFullYear();
  try {
    const format = new Intl.DateTimeFormat("en-US", { timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric" });
    const offsets = [0, 6].map((month) => {
      const utc = Date.UTC(year, month, 15, 12);
      const part = Object.fromEntries(format.formatToParts(utc).map((p) => [p.type, Number(p.value)])) as Record<"year" | "month" | "day" | "hour" | "minute", number>;
      return (Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute) - utc) / 3_600_000;
    });
    return Math.min(...offsets);
  } catch {
    return null;
  }
}
