import type { Flux } from "../core/quantities";
import type { SiteId } from "../core/sites";
import type { SpreadKind } from "../run/ensemble";

/** Interval of each flux at one level, ends in g C m⁻² d⁻¹, NaN = none. It is one of daily values: ends must never be summed. */
export type Intervals = Readonly<Record<Flux, { readonly low: Float32Array; readonly high: Float32Array }>> & { readonly level: 0.8 | 0.9 };

/**
 * What a model predicts, one entry a site and day, g C m⁻² d⁻¹. `gpp` and `reco` are clipped at 0 (method: predictions are
 * clipped after inference), `nee` is not; `raw` keeps the values before clipping for the balance diagnostics.
 */
export interface Predictions {
  readonly site: readonly SiteId[];
  readonly day: Int32Array;
  readonly gpp: Float32Array;
  readonly reco: Float32Array;
  readonly nee: Float32Array;
  readonly raw: { readonly gpp: Float32Array; readonly reco: Float32Array };
  /** of an ensemble: standard deviation of its members before clipping, divisor n − 1 */
  readonly spread?: Readonly<Record<Flux, Float32Array>> & { readonly kind: SpreadKind };
  /** of a calibrated ensemble */
  readonly intervals?: readonly Intervals[];
}
