import type { Igbp, Koppen } from "../../core/quantities";
import type { Random } from "../../core/random";
import type { Calibration } from "./calibration";
import type { Dial } from "./options";
import { BIOMES } from "./biomes";
import type { Place } from "./sites";

/**
 * What a site has that its drivers show, if one looks at the right season; unit variance over the network.
 * `structure` shows in the infrared of full foliage; `biomass` in the short-wave infrared of the dormant season;
 * `timing` in the dates of spring and autumn; `rooting` in the greenness of dry spells; `leafiness` in the summer maximum;
 * `warmth` in the temperature of the whole year against that of the climate class.
 */
export const FACTORS = ["structure", "biomass", "timing", "rooting", "leafiness", "warmth"] as const;
export type Factor = (typeof FACTORS)[number];

/** The site traits that shape the flux response. */
export const TRAITS = ["lightUse", "optimum", "store", "leafOn", "balance", "sensitivity", "labile", "leafArea"] as const;
export type Trait = (typeof TRAITS)[number];

interface TraitSpec {
  readonly unit: string;
  readonly meaning: string;
  readonly mean: number;
  /** standard deviation over the network before `calibration.traitSpread` */
  readonly spread: number;
  /** how the identifiable part is made of the factors; scaled to unit length */
  readonly factors: Partial<Record<Factor, number>>;
  /** score of an IGBP class in the told part */
  readonly byClass: (igbp: Igbp) => number;
  /** score of a main climate in the told part */
  readonly byClimate: Readonly<Record<Koppen, number>>;
}

const woody = (igbp: Igbp): number => BIOMES[igbp].stems;
const evergreen = (igbp: Igbp): number => BIOMES[igbp].evergreen;

/**
 * Mean, spread and make-up of each trait. Identifiable parts follow known coordination of leaf, plant and climate: fertile sites carry more
 * wood and use light better; canopies bright in the near infrared are rich in nitrogen and respire more; early leafing stands live on what
 * they have just fixed; photosynthesis is acclimated to the warmth of its site. A trait that acts in summer is so made of what shows in
 * winter, and the other way round: the window to be predicted does not show it, the rest of the record does.
 * @source spread of light use and respiration parameters between towers: Migliavacca et al. 2011, doi:10.1111/j.1365-2486.2010.02243.x,
 * Mahecha et al. 2010, doi:10.1126/science.1189587; canopy nitrogen and near-infrared reflectance: Ollinger et al. 2008,
 * doi:10.1073/pnas.0810021105; leaf economics: Wright et al. 2004, doi:10.1038/nature02403; acclimation: Kattge & Knorr 2007,
 * doi:10.1111/j.1365-3040.2007.01690.x; rooting depth: Schenk & Jackson 2002, doi:10.1046/j.1365-2745.2002.00682.x
 */
export const TRAIT_SPECS: Readonly<Record<Trait, TraitSpec>> = {
  lightUse: {
    unit: "ln(g C MJ⁻¹)", meaning: "maximum light-use efficiency", mean: 0.03, spread: 0.34,
    factors: { biomass: 0.95, timing: -0.3 },
    byClass: (c) => Math.log(BIOMES[c].lightUse), byClimate: { A: -0.15, B: -0.1, C: 0.05, D: 0.05, E: -0.1 },
  },
  optimum: {
    unit: "K", meaning: "optimum temperature above that expected from the growing season", mean: 0, spread: 3,
    factors: { warmth: 0.7, biomass: 0.7 },
    byClass: (c) => (c === "CRO" || c === "SAV" || c === "GRA" ? 0.8 : c === "ENF" || c === "DNF" ? -0.6 : 0), byClimate: { A: 0.6, B: 0.8, C: 0.1, D: -0.3, E: -0.8 },
  },
  store: {
    unit: "ln(mm)", meaning: "plant-available water at capacity", mean: Math.log(130), spread: 0.6,
    factors: { rooting: 1 },
    byClass: (c) => Math.log(BIOMES[c].store), byClimate: { A: 0.3, B: -0.1, C: 0.1, D: 0, E: -0.4 },
  },
  leafOn: {
    unit: "K", meaning: "shift of the temperature at which leaves unfold", mean: 0, spread: 3,
    factors: { timing: 1 },
    byClass: (c) => (c === "DBF" ? 1.2 : c === "MF" ? 0.6 : c === "WET" ? 0.8 : c === "GRA" || c === "CRO" ? -0.8 : 0), byClimate: { A: 0, B: 0.3, C: 0.5, D: -0.3, E: -1.5 },
  },
  balance: {
    unit: "ln(1)", meaning: "respiration over photosynthesis in the long run", mean: 0, spread: 0.17,
    factors: { structure: 0.95, rooting: 0.3 },
    byClass: (c) => 3 * Math.log(BIOMES[c].respiration) - 0.1 * woody(c), byClimate: { A: 0.3, B: 0.2, C: -0.1, D: 0, E: 0.1 },
  },
  sensitivity: {
    unit: "K", meaning: "activation temperature E0 of respiration", mean: 210, spread: 65,
    factors: { structure: 0.9, warmth: -0.4 },
    byClass: (c) => 0.5 * woody(c) + (c === "WET" ? 0.7 : 0), byClimate: { A: -1.2, B: -0.5, C: 0, D: 0.4, E: 0.9 },
  },
  labile: {
    unit: "logit(1)", meaning: "share of respiration that follows recent photosynthesis", mean: 0, spread: 0.9,
    factors: { biomass: 0.8, timing: -0.6 },
    byClass: (c) => (c === "CRO" || c === "GRA" ? 1 : 0) - 0.5 * evergreen(c), byClimate: { A: -0.2, B: 0.2, C: 0.2, D: 0, E: -0.5 },
  },
  leafArea: {
    unit: "ln(1)", meaning: "leaf area of the full canopy relative to its class and climate", mean: 0, spread: 0.32,
    factors: { leafiness: 1 },
    byClass: (c) => (c === "EBF" || c === "CRO" ? 0.5 : c === "OSH" || c === "SAV" ? -0.6 : 0), byClimate: { A: 0.3, B: -0.6, C: 0.4, D: 0, E: -0.6 },
  },
};

/** One trait of one site: `value` = mean + told + identifiable + unidentifiable, in the trait's unit. */
export interface TraitParts {
  readonly value: number;
  readonly told: number;
  readonly identifiable: number;
  readonly unidentifiable: number;
}

/** The true make-up of a site. */
export interface SiteTruth {
  readonly site: string;
  readonly factors: Readonly<Record<Factor, number>>;
  readonly traits: Readonly<Record<Trait, TraitParts>>;
}

/**
 * Draws the traits `[site]`. Each part is centred, made uncorrelated with the parts before it and scaled to its share of the trait's
 * variance over the network, so that the dial's shares hold exactly in every seed. Part of no trait depends on the fluxes.
 * @example drawTraits(places, dial, calibration, random(1))[0].traits.lightUse.told
 */
export function drawTraits(places: readonly Place[], dial: Dial, calibration: Calibration, random: Random): SiteTruth[] {
  const drawn = (name: string): number[] => places.map((_, i) => random.split(`${name} ${i}`).normal());
  const factors = {} as Record<Factor, number[]>;
  for (const f of FACTORS) factors[f] = unitParts([f === "warmth" ? places.map((p) => p.normals.warmth) : drawn(f)])[0]!;
  const traits = {} as Record<Trait, TraitParts[]>;
  for (const t of TRAITS) {
    const spec = TRAIT_SPECS[t];
    const told = places.map((place) => toldScore(t, place));
    const loads = Object.entries(spec.factors) as [Factor, number][];
    const seen = places.map((_, i) => loads.reduce((a, [f, load]) => a + load * factors[f][i]!, 0));
    const parts = unitParts([told, seen, drawn(t)]);
    const scale = spec.spread * calibration.traitSpread;
    const [a, b, c] = [dial.told, dial.identifiable, dial.unidentifiable].map((share) => scale * Math.sqrt(share)) as [number, number, number];
    traits[t] = places.map((_, i) => {
      const [x, y, z] = [a * parts[0]![i]!, b * parts[1]![i]!, c * parts[2]![i]!];
      return { value: spec.mean + x + y + z, told: x, identifiable: y, unidentifiable: z };
    });
  }
  return places.map(({ site }, i) => ({
    site: site.site,
    factors: Object.fromEntries(FACTORS.map((f) => [f, factors[f][i]!])) as Record<Factor, number>,
    traits: Object.fromEntries(TRAITS.map((t) => [t, traits[t][i]!])) as Record<Trait, TraitParts>,
  }));
}

/** What the one-hots tell of a trait, before it is centred and scaled. @example toldScore("store", place) */
export function toldScore(trait: Trait, { site }: Place): number {
  return TRAIT_SPECS[trait].byClass(site.igbp) + TRAIT_SPECS[trait].byClimate[site.koppen!];
}

/** The columns centred, made orthogonal in their order (Gram–Schmidt) and scaled to unit variance; a constant column becomes 0. */
function unitParts(columns: readonly (readonly number[])[]): number[][] {
  const done: number[][] = [];
  for (const column of columns) {
    const mean = column.reduce((a, b) => a + b, 0) / column.length;
    let x = column.map((v) => v - mean);
    for (const other of done) {
      const along = x.reduce((a, v, i) => a + v * other[i]!, 0) / column.length;
      x = x.map((v, i) => v - along * other[i]!);
    }
    const size = Math.sqrt(x.reduce((a, v) => a + v * v, 0) / column.length);
    done.push(x.map((v) => (size > 1e-9 ? v / size : 0)));
  }
  return done;
}
