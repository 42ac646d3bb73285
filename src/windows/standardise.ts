import { asDay, formatDay } from "../core/days";
import { WorkbookError } from "../core/errors";
import { FLUXES, type Physical, type Standardized } from "../core/quantities";
import { hasFlux, type SiteRecord } from "./record";

/** Means and standard deviations by which drivers and fluxes are z-scored; the only bridge between the two scales. */
export interface Standardiser {
  readonly channels: readonly string[];
  readonly mean: readonly number[];
  readonly sd: readonly number[];
  /** order gpp, reco, nee; g C m⁻² d⁻¹ */
  readonly targetMean: readonly [number, number, number];
  readonly targetSd: readonly [number, number, number];
  readonly days: number;
}

/**
 * Fits means and standard deviations on the training records: drivers on their complete days, fluxes on their observed days.
 * A channel that does not vary gets standard deviation 1.
 * @throws WorkbookError EmptyTable when no training day has drivers and a flux, NotFinite for an infinite value
 * @source CarbonFluxBench, arXiv 2603.09868 (z-scores fitted on training days only)
 * @example fitStandardiser(trainRecords, channelsOf("tower"))
 */
export function fitStandardiser(records: readonly SiteRecord[], channels: readonly string[], use: (record: SiteRecord, day: number) => boolean = () => true): Standardiser {
  const driver = channels.map(() => new Moments());
  const target = FLUXES.map(() => new Moments());
  let days = 0;
  for (const record of records) {
    for (let d = 0; d < record.length; d++) {
      if (!use(record, d)) continue;
      if (record.complete[d]) for (let c = 0; c < channels.length; c++) driver[c]!.add(finite(record, d, channels[c]!, record.drivers[d * channels.length + c]!));
      if (record.complete[d] && hasFlux(record, d)) days++;
      for (let f = 0; f < FLUXES.length; f++) target[f]!.add(finite(record, d, FLUXES[f]!, record.targets[d * FLUXES.length + f]!));
    }
  }
  if (days === 0) throw new WorkbookError("EmptyTable", `fitStandardiser: a training day with all of ${channels.join(", ")} and a flux is required, none found in ${records.length} sites; choose another feature set or look at the gaps`);
  const triple = (pick: (m: Moments) => number): [number, number, number] => [pick(target[0]!), pick(target[1]!), pick(target[2]!)];
  return {
    channels: [...channels],
    mean: driver.map((m) => m.mean),
    sd: driver.map((m) => m.sd()),
    targetMean: triple((m) => m.mean),
    targetSd: triple((m) => m.sd()),
    days,
  };
}

/** The value, NaN for missing included; infinity would take every site's mean with it. */
function finite({ site, first }: SiteRecord, day: number, column: string, value: number): number {
  if (value !== Infinity && value !== -Infinity) return value;
  const date = formatDay(asDay(first + day));
  throw new WorkbookError("NotFinite", `fitStandardiser: ${site.site}, ${date}: a finite ${column} is required, got ${value}; mend or remove that value in the table`, { site: site.site, date, column });
}

/** Running mean and variance (Welford), NaN skipped: single-pass sums lose digits on J m⁻² d⁻¹. */
class Moments {
  n = 0;
  mean = 0;
  private m2 = 0;
  add(value: number): void {
    if (Number.isNaN(value)) return;
    this.n++;
    const delta = value - this.mean;
    this.mean += delta / this.n;
    this.m2 += delta * (value - this.mean);
  }
  sd(): number {
    const sd = this.n > 0 ? Math.sqrt(this.m2 / this.n) : 1;
    return sd > 1e-12 * Math.max(1, Math.abs(this.mean)) ? sd : 1;
  }
}

/** z-scores of drivers `[day, channel]`; NaN stays NaN. @example standardiseDrivers(s, record.drivers) */
export function standardiseDrivers(s: Standardiser, drivers: Physical<Float32Array>): Standardized<Float32Array> {
  const width = s.channels.length;
  const out = new Float32Array(drivers.length);
  for (let i = 0; i < drivers.length; i++) out[i] = (drivers[i]! - s.mean[i % width]!) / s.sd[i % width]!;
  return out;
}

/** z-scores of fluxes `[day, flux]`; NaN stays NaN. */
export function standardiseFluxes(s: Standardiser, fluxes: Physical<Float32Array>): Standardized<Float32Array> {
  const out = new Float32Array(fluxes.length);
  for (let i = 0; i < fluxes.length; i++) out[i] = (fluxes[i]! - s.targetMean[i % 3]!) / s.targetSd[i % 3]!;
  return out;
}

/** Fluxes `[day, flux]` back in g C m⁻² d⁻¹. @example physicalFluxes(s, prediction) */
export function physicalFluxes(s: Standardiser, fluxes: Standardized<Float32Array>): Physical<Float32Array> {
  const out = new Float32Array(fluxes.length);
  for (let i = 0; i < fluxes.length; i++) out[i] = fluxes[i]! * s.targetSd[i % 3]! + s.targetMean[i % 3]!;
  return out;
}
