import { columnSpec } from "../core/columns";
import { asDay, type Day } from "../core/days";
import { WorkbookError } from "../core/errors";
import { FLUXES, type Physical } from "../core/quantities";
import type { Site } from "../core/sites";
import { daysOf, hasColumn, numbers, type DailyTable, type SiteRows } from "../data/daily-table";

/** One site's record on a gapless daily axis, in physical units, NaN = missing. */
export interface SiteRecord {
  readonly site: Site;
  readonly first: Day;
  readonly length: number;
  /** `[day, channel]`, short gaps filled */
  readonly drivers: Physical<Float32Array>;
  /** `[day, flux]`, never filled */
  readonly targets: Physical<Float32Array>;
  /** `[day]`, NaN = unknown */
  readonly qc: Float32Array;
  /** `[day]`, 1 where every channel has a value after filling */
  readonly complete: Uint8Array;
  /** driver values that were filled, by channel */
  readonly filled: Readonly<Record<string, number>>;
}

/**
 * Lays a site's rows on a gapless daily axis and closes driver gaps of at most `maxGap` days (precipitation with 0, codes and
 * azimuths with the nearest value, the rest linearly); counts every filled value. Fluxes are never filled.
 * @throws WorkbookError MissingColumn for a channel the table lacks, BadSite for a site without the position a channel needs
 * @source CarbonFluxBench, arXiv 2603.09868 (gapless axis); method notes §3 (gap rule)
 * @example layRecord(table, siteRows(table)[0], channelsOf("tower"), 7)
 */
export function layRecord(table: DailyTable, rows: SiteRows, channels: readonly string[], maxGap: number): SiteRecord {
  const days = daysOf(table).subarray(rows.from, rows.to);
  const first = days[0]!;
  const length = days[days.length - 1]! - first + 1;
  const width = channels.length;
  const drivers = new Float32Array(length * width).fill(NaN);
  channels.forEach((channel, c) => {
    if (channel === "lat" || channel === "lon") {
      const value = rows.site[channel];
      if (value === null) throw new WorkbookError("BadSite", `layRecord: ${rows.site.site}: ${channel} is required by the feature set, none found; name a site list with its position (--sites)`, { site: rows.site.site, column: channel });
      for (let d = 0; d < length; d++) drivers[d * width + c] = value;
      return;
    }
    const values = numbers(table, channel);
    for (let i = 0; i < days.length; i++) drivers[(days[i]! - first) * width + c] = values[rows.from + i]!;
  });
  const filled = closeGaps(drivers, channels, maxGap);
  const targets = new Float32Array(length * FLUXES.length).fill(NaN);
  FLUXES.forEach((flux, f) => {
    if (!hasColumn(table, flux)) return;
    const values = numbers(table, flux);
    for (let i = 0; i < days.length; i++) targets[(days[i]! - first) * FLUXES.length + f] = values[rows.from + i]!;
  });
  const qc = new Float32Array(length).fill(NaN);
  if (hasColumn(table, "nee_qc")) {
    const values = numbers(table, "nee_qc");
    for (let i = 0; i < days.length; i++) qc[days[i]! - first] = values[rows.from + i]!;
  }
  return { site: rows.site, first: asDay(first), length, drivers, targets, qc, complete: completeDays(drivers, width, length), filled };
}

/**
 * A record of drivers alone `[day, channel]`, as of a cell of a grid: gaps closed as `layRecord` closes them (in `drivers` itself), no flux.
 * @example recordOfDrivers(site, first, drivers, channels, 7).complete
 */
export function recordOfDrivers(site: Site, first: Day, drivers: Physical<Float32Array>, channels: readonly string[], maxGap: number): SiteRecord {
  const length = drivers.length / channels.length;
  const filled = closeGaps(drivers, channels, maxGap);
  return { site, first, length, drivers, targets: new Float32Array(length * FLUXES.length).fill(NaN), qc: new Float32Array(length).fill(NaN), complete: completeDays(drivers, channels.length, length), filled };
}

function completeDays(drivers: Float32Array, width: number, length: number): Uint8Array {
  const complete = new Uint8Array(length);
  for (let d = 0; d < length; d++) {
    let all = 1;
    for (let c = 0; c < width; c++) if (Number.isNaN(drivers[d * width + c]!)) all = 0;
    complete[d] = all;
  }
  return complete;
}

/** Closes the gaps of every channel by its rule; the number of values filled, by channel. */
function closeGaps(drivers: Float32Array, channels: readonly string[], maxGap: number): Record<string, number> {
  const filled: Record<string, number> = {};
  channels.forEach((channel, c) => {
    const count = fillGaps(drivers, c, channels.length, drivers.length / channels.length, maxGap, columnSpec(channel)?.fill ?? "linear");
    if (count > 0) filled[channel] = count;
  });
  return filled;
}

/** Closes gaps inside the record, never its ends (that would be extrapolation). */
function fillGaps(drivers: Float32Array, c: number, width: number, length: number, maxGap: number, rule: string): number {
  let count = 0;
  let last = -1;
  for (let d = 0; d < length; d++) {
    const here = drivers[d * width + c]!;
    if (Number.isNaN(here)) continue;
    const gap = d - last - 1;
    if (last >= 0 && gap > 0 && gap <= maxGap && rule !== "never") {
      const before = drivers[last * width + c]!;
      for (let k = 1; k <= gap; k++) {
        const share = k / (gap + 1);
        const value = rule === "zero" ? 0 : rule === "nearest" ? (share <= 0.5 ? before : here) : before + (here - before) * share;
        drivers[(last + k) * width + c] = value;
      }
      count += gap;
    }
    last = d;
  }
  return count;
}

/** Day of the first row that carries a flux, or `length` when none does. */
export function firstFluxDay(record: SiteRecord): number {
  for (let d = 0; d < record.length; d++) if (hasFlux(record, d)) return d;
  return record.length;
}

/** Whether any flux was observed that day. */
export function hasFlux(record: SiteRecord, d: number): boolean {
  for (let f = 0; f < FLUXES.length; f++) if (!Number.isNaN(record.targets[d * FLUXES.length + f]!)) return true;
  return false;
}
