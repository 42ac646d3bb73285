/** The three fluxes, g C m⁻² d⁻¹; NEE negative = uptake; NEE = RECO − GPP. */
export type Flux = "gpp" | "reco" | "nee";

/** Order of the fluxes in every `[…, flux]` axis. */
export const FLUXES = ["gpp", "reco", "nee"] as const;

/** How a flux is written in labels and tables. */
export const FLUX_LABEL: Readonly<Record<Flux, string>> = {
  gpp: "GPP (g C m⁻² d⁻¹)",
  reco: "RECO (g C m⁻² d⁻¹)",
  nee: "NEE (g C m⁻² d⁻¹)",
};

/** A value in the units of its column. Only the standardiser crosses to `Standardized`. */
export type Physical<T> = T & { readonly __scale?: "physical" };

/** A z-scored value. */
export type Standardized<T> = T & { readonly __scale?: "standardized" };

/** IGBP classes of the benchmark's one-hot, in its order. @source CarbonFluxBench, arXiv 2603.09868 */
export const IGBP = ["CRO", "CSH", "CVM", "DBF", "DNF", "EBF", "ENF", "GRA", "MF", "OSH", "SAV", "SNO", "URB", "WAT", "WET", "WSA"] as const;
export type Igbp = (typeof IGBP)[number];

/** IGBP classes as figures order them: forest → shrub → grass → crop → wet → other. */
export const IGBP_ORDER: readonly Igbp[] = ["ENF", "EBF", "DNF", "DBF", "MF", "CSH", "OSH", "WSA", "SAV", "GRA", "CRO", "CVM", "WET", "URB", "SNO", "WAT"];

/** Köppen main classes. */
export const KOPPEN = ["A", "B", "C", "D", "E"] as const;
export type Koppen = (typeof KOPPEN)[number];

/** Detailed Köppen classes of the benchmark's one-hot, in its order. @source CarbonFluxBench, arXiv 2603.09868 */
export const KOPPEN_DETAIL = [
  "Af", "Am", "Aw", "BWh", "BWk", "BSh", "BSk", "Cfa", "Cwa", "Csa", "Csb", "Csc", "Cwb", "Cwc", "Cfb", "Cfc",
  "Dsa", "Dsb", "Dsc", "Dsd", "Dwa", "Dwb", "Dwc", "Dwd", "Dfa", "Dfb", "Dfc", "Dfd", "ET", "EF",
] as const;
export type KoppenDetail = (typeof KOPPEN_DETAIL)[number];

/** Width of the static one-hots: IGBP 16 + Köppen main 5 + Köppen detailed 30. */
export const STATIC_WIDTH = IGBP.length + KOPPEN.length + KOPPEN_DETAIL.length;
