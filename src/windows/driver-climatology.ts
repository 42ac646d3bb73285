import { asDay, monthOf } from "../core/days";
import type { Physical } from "../core/quantities";
import type { SiteRecord } from "./record";

/**
 * What a site's drivers are like over the years, in their units: of each channel the mean of its calendar-month means, then of each the
 * standard deviation among them, `[2 · channel]`. Driver-complete days only; null where there are none. Nothing in it says which month is
 * summer, so that the two hemispheres compare.
 * @example driverClimatology(record)?.length // 40 for 20 channels
 */
export function driverClimatology(record: SiteRecord): Physical<Float32Array> | null {
  const channels = record.drivers.length / Math.max(1, record.length);
  const sums = new Float64Array(12 * channels);
  const days = new Float64Array(12);
  for (let d = 0; d < record.length; d++) {
    if (!record.complete[d]) continue;
    const month = monthOf(asDay(record.first + d)) - 1;
    days[month]++;
    for (let c = 0; c < channels; c++) sums[month * channels + c] += record.drivers[d * channels + c]!;
  }
  const months = [...days.keys()].filter((m) => days[m]! > 0);
  if (months.length === 0) return null;
  const out = new Float32Array(2 * channels);
  for (let c = 0; c < channels; c++) {
    const means = months.map((m) => sums[m * channels + c]! / days[m]!);
    const mean = means.reduce((a, b) => a + b, 0) / means.length;
    out[c] = mean;
    out[channels + c] = Math.sqrt(means.reduce((sum, v) => sum + (v - mean) ** 2, 0) / means.length);
  }
  return out;
}
