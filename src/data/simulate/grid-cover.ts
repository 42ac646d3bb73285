import { IGBP, type Igbp, type KoppenDetail } from "../../core/quantities";
import type { Random } from "../../core/random";
import { BIOMES } from "./biomes";
import { randomField } from "./grid-field";

/** Climates without a tower borrow the land cover of a neighbour. */
const NEIGHBOUR: Readonly<Partial<Record<KoppenDetail, KoppenDetail>>> = { Csc: "Cfc", Cwb: "Cwa", Cwc: "Cwa", Dsa: "Csa", Dsd: "Dsc" };
const MOST = 3;
/** Least share of a class in a cell. */
const LEAST = 0.12;
/** Kilometres over which one kind of land gives way to another, how far it goes against what the climate favours, and how far one class outdoes the others. */
const [REACH_KM, VARIETY, DOMINANCE] = [450, 1.4, 1.3];

/** A class and its share of a cell's land. */
export interface CoverPart {
  readonly igbp: Igbp;
  readonly share: number;
}

/**
 * The classes of a cell's land, one to three, largest first, shares summing to 1. A class is as likely in a climate as among the network's towers there;
 * which of them hold a region is drawn, smoothly over the globe.
 * @example gridCover(random(1))("Dfb", 47, -80)[0].igbp
 */
export function gridCover(random: Random): (detail: KoppenDetail, lat: number, lon: number) => CoverPart[] {
  const fields = IGBP.map((igbp) => randomField(REACH_KM, random.split(igbp)));
  return (detail, lat, lon) => {
    const odds = oddsIn(NEIGHBOUR[detail] ?? detail);
    const scores = odds.map((w, k) => (w > 0 ? Math.exp(DOMINANCE * (Math.log(w) + VARIETY * fields[k]!(lat, lon))) : 0));
    const first = IGBP.map((igbp, k) => ({ igbp, score: scores[k]! })).sort((a, b) => b.score - a.score).slice(0, MOST);
    const sum = first.reduce((a, { score }) => a + score, 0);
    const kept = first.filter(({ score }) => score / sum >= LEAST);
    const whole = kept.reduce((a, { score }) => a + score, 0);
    return kept.map(({ igbp, score }) => ({ igbp, share: score / whole }));
  };
}

/** Towers of each class in a climate `[igbp]`, relative. */
function oddsIn(detail: KoppenDetail): number[] {
  return IGBP.map((igbp) => {
    const { share, climates } = BIOMES[igbp];
    return (share * (climates[detail] ?? 0)) / Object.values(climates).reduce((a, b) => a + b, 0);
  });
}
