import { BIOMES, type Biome } from "./biomes";
import { climateOf } from "./climates";
import type { Place } from "./sites";
import { TRAITS, type SiteTruth, type Trait } from "./traits";

/** The numbers that a piece of land needs to grow, breathe and be seen. */
export interface Stand {
  readonly biome: Biome;
  /** leaf area of the full canopy, m² m⁻² */
  readonly leafArea: number;
  /** plant-available water at capacity, mm */
  readonly store: number;
  /** shift of the leafing temperature, K */
  readonly leafOn: number;
  /** maximum light-use efficiency, g C MJ⁻¹ */
  readonly lightUse: number;
  /** shift of the temperature optimum, K */
  readonly optimum: number;
  /** long-run respiration over photosynthesis */
  readonly balance: number;
  /** E0 of Lloyd & Taylor, K */
  readonly sensitivity: number;
  /** share of respiration that follows recent photosynthesis */
  readonly labile: number;
}

/**
 * The stand in the tower's footprint (`footprint`, all parts of its traits) or in the satellite's and the reanalysis's box (`box`, without
 * the unidentifiable parts: the box is not the footprint, and what only the footprint has leaves no mark in a driver).
 * @example standOf(place, truth, "footprint", 0.86).lightUse
 */
export function standOf(place: Place, truth: SiteTruth, view: "footprint" | "box", respirationRatio: number): Stand {
  const biome = BIOMES[place.site.igbp];
  const v = Object.fromEntries(TRAITS.map((t) => [t, truth.traits[t].value - (view === "box" ? truth.traits[t].unidentifiable : 0)])) as Record<Trait, number>;
  return {
    biome,
    leafArea: biome.leafArea * climateOf(place.site.koppenDetail).leafiness * Math.exp(v.leafArea),
    store: Math.min(500, Math.max(25, Math.exp(v.store))),
    leafOn: v.leafOn,
    lightUse: Math.exp(v.lightUse),
    optimum: v.optimum,
    balance: respirationRatio * Math.exp(v.balance),
    sensitivity: Math.min(420, Math.max(60, v.sensitivity)),
    labile: 1 / (1 + Math.exp(-v.labile)),
  };
}
