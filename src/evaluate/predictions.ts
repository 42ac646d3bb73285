import type { SiteId } from "../core/sites";

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
}
