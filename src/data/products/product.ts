import type { SiteId } from "../../core/sites";

/** A place at which a gridded product is read. */
export interface ProductPlace {
  readonly site: SiteId;
  readonly lat: number | null;
  readonly lon: number | null;
}

/** The cell a site's values come from. */
export interface ProductCell {
  readonly site: SiteId;
  /** centre of the cell, degrees */
  readonly lat: number;
  readonly lon: number;
  /** from the tower to the centre */
  readonly km: number;
  /** share of the cell that is land; null where the product does not say */
  readonly land_fraction: number | null;
}

/** A product's fluxes at sites, g C m⁻² d⁻¹, negative NEE = uptake; one entry a site and day, or a site and month. */
export interface ProductValues {
  readonly product: string;
  readonly step: "day" | "month";
  /** `[row]` */
  readonly site: readonly SiteId[];
  /** days since 1970-01-01; a month's first day `[row]` */
  readonly day: Int32Array;
  readonly gpp: Float32Array;
  readonly reco: Float32Array;
  readonly nee: Float32Array;
  readonly cells: readonly ProductCell[];
  /** what has no value, by site and reason; a site outside the grid counts with 0 steps */
  readonly missing: readonly { readonly site: SiteId; readonly reason: string; readonly steps: number }[];
}
