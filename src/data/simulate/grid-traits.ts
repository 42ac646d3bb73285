import type { Igbp } from "../../core/quantities";
import { random, type Random } from "../../core/random";
import type { Calibration } from "./calibration";
import { randomField, type Field } from "./grid-field";
import type { Dial } from "./options";
import { placeSites, type Place } from "./sites";
import { FACTORS, toldScore, TRAIT_SPECS, TRAITS, type Factor, type SiteTruth, type Trait, type TraitParts } from "./traits";

/** Towers whose spread sets the scale: the network of the same seed at its default size. */
const TOWERS = 160;
/** Extent in km of what drivers show and of what they do not. */
const [SHOWN_KM, HIDDEN_KM] = [700, 400];
/** A climate warmer than its class by more than this many standard deviations of the towers' acts as this. */
const WARMEST = 2.5;

/**
 * Traits of any place under any class, on the towers' scale: what the one-hots tell is the same function of class and climate as in the network of
 * the same seed; what the drivers show and what they do not are smooth random fields, one for each class, with the dial's shares of the variance.
 * @example gridTraits(1, WORLDS.default, CALIBRATION, random(1))(place).traits.lightUse.told
 */
export function gridTraits(seed: number, dial: Dial, calibration: Calibration, stream: Random): (place: Place) => SiteTruth {
  const towers = placeSites(TOWERS, random(seed, "virtual flux network").split("sites"));
  const warmth = spreadOf(towers.map((p) => p.normals.warmth));
  const told = Object.fromEntries(TRAITS.map((t) => [t, spreadOf(towers.map((p) => toldScore(t, p)))])) as Record<Trait, Spread>;
  const made = new Map<string, Field>();
  const drawn = (name: string, igbp: Igbp, km: number, { lat, lon }: { lat: number; lon: number }): number => {
    const key = `${name} ${igbp}`;
    if (!made.has(key)) made.set(key, randomField(km, stream.split(key)));
    return made.get(key)!(lat, lon);
  };
  const [a, b, c] = [dial.told, dial.identifiable, dial.unidentifiable].map(Math.sqrt) as [number, number, number];
  return (place) => {
    const { site, normals } = place;
    const warm = Math.max(-WARMEST, Math.min(WARMEST, standard(normals.warmth, warmth)));
    const factors = Object.fromEntries(FACTORS.map((f) => [f, f === "warmth" ? warm : drawn(f, site.igbp, SHOWN_KM, site)])) as Record<Factor, number>;
    const parts = (t: Trait): TraitParts => {
      const { mean, spread, factors: loads } = TRAIT_SPECS[t];
      const length = Math.hypot(...Object.values(loads));
      const seen = (Object.entries(loads) as [Factor, number][]).reduce((sum, [f, load]) => sum + load * factors[f], 0) / length;
      const scale = spread * calibration.traitSpread;
      const [x, y, z] = [scale * a * standard(toldScore(t, place), told[t]), scale * b * seen, scale * c * drawn(t, site.igbp, HIDDEN_KM, site)];
      return { value: mean + x + y + z, told: x, identifiable: y, unidentifiable: z };
    };
    return { site: site.site, factors, traits: Object.fromEntries(TRAITS.map((t) => [t, parts(t)])) as Record<Trait, TraitParts> };
  };
}

interface Spread {
  readonly mean: number;
  readonly size: number;
}

function spreadOf(values: readonly number[]): Spread {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return { mean, size: Math.sqrt(values.reduce((a, v) => a + (v - mean) ** 2, 0) / values.length) };
}

const standard = (value: number, { mean, size }: Spread): number => (size > 1e-9 ? (value - mean) / size : 0);
