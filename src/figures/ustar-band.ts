import type { Flux } from "../core/quantities";
import type { UstarRange } from "../data/sites/ustar-range";
import { quantile } from "./quantile";
import { FLUX_STYLE } from "./style";

/** The u* range of one observed flux by calendar day; both ends NaN on a day without an observation or without either of them. */
export interface UstarBand {
  readonly flux: Flux;
  readonly low: readonly number[];
  readonly high: readonly number[];
  /** as the columns name them, e.g. ["05", "95"] */
  readonly percentiles: UstarRange["percentiles"];
}

/**
 * The band behind an observed line; null where no observed day has it.
 * @example ustarBand("nee", observed, range, (values) => [...values])
 */
export function ustarBand(flux: Flux, observed: readonly number[], range: UstarRange | undefined, lay: (values: ArrayLike<number>) => number[]): UstarBand | null {
  if (range === undefined) return null;
  const [low, high] = [lay(range.low), lay(range.high)];
  const known = observed.map((v, i) => Number.isFinite(v + low[i]! + high[i]!));
  if (!known.includes(true)) return null;
  const where = (values: readonly number[]): number[] => values.map((v, i) => (known[i] ? v : NaN));
  return { flux, low: where(low), high: where(high), percentiles: range.percentiles };
}

/**
 * The percentiles of some fluxes' bands, each once, with its fluxes where not all have it: `05–95`, or `05–95 (NEE)`.
 * @example bandNames([band, null]) // ["05–95 (NEE)"]
 */
export function bandNames(bands: readonly (UstarBand | null)[]): string[] {
  const known = bands.filter((b): b is UstarBand => b !== null);
  const of = (band: UstarBand): string => band.percentiles.join("–");
  return [...new Set(known.map(of))].map((name) => {
    const own = known.filter((b) => of(b) === name);
    return own.length === bands.length ? name : `${name} (${own.map((b) => FLUX_STYLE[b.flux].label).join(", ")})`;
  });
}

/** How wide a band is, for who cannot see it. @example bandWords(band) // "u* range (percentiles 05–95) 0.35 g C m⁻² d⁻¹ wide in the median of 1096 days" */
export function bandWords({ low, high, percentiles }: UstarBand): string {
  const width = low.map((v, i) => Math.abs(high[i]! - v)).filter(Number.isFinite);
  return `u* range (percentiles ${percentiles.join("–")}) ${quantile(width, 0.5).toFixed(2)} g C m⁻² d⁻¹ wide in the median of ${width.length} days`;
}

/** The band's columns of a figure's data, named as in the daily table. @example bandColumns(band)[0][0] // "nee_ustar05" */
export function bandColumns(band: UstarBand | null): [string, readonly number[]][] {
  return band === null ? [] : ([band.low, band.high] as const).map((values, k) => [`${band.flux}_ustar${band.percentiles[k]}`, values]);
}
