import type { KoppenDetail } from "../../core/quantities";
import type { Random } from "../../core/random";
import { climateOf, type Span } from "./climates";
import { classifyKoppen } from "./koppen-rules";

/** Long-term means of a place. */
export interface Normals {
  readonly detail: KoppenDetail;
  readonly north: boolean;
  /** mean annual temperature, °C */
  readonly mean: number;
  /** half the difference between the warmest and the coldest month, °C */
  readonly swing: number;
  /** `[month]` precipitation, mm a month */
  readonly rain: Float64Array;
  /** mean annual temperature above the middle of its class, K */
  readonly warmth: number;
}

const TRIES = 2000;
const within = (span: Span, random: Random): number => span[0] + (span[1] - span[0]) * random.uniform();

/** Month (0 = January, with fractions) at the middle of the warm season. */
export const hotMonth = (north: boolean): number => (north ? 6.2 : 0.2);

/**
 * How far the year has come towards its warmest day: 1 in mid-summer, −1 in mid-winter.
 * @example seasonAt(197, true) // about 1
 */
export function seasonAt(dayOfYear: number, north: boolean): number {
  return Math.cos((2 * Math.PI * ((dayOfYear - 15.2) / 30.44 - hotMonth(north))) / 12);
}

/**
 * Draws the normals of a place in a climate class. A draw that Peel's rules would put in another class is thrown away, so the
 * declared class is always the class of the monthly means.
 * @source Peel et al. 2007, doi:10.5194/hess-11-1633-2007
 * @example drawNormals("Dfb", true, random(1)).rain.length // 12
 */
export function drawNormals(detail: KoppenDetail, north: boolean, random: Random): Normals {
  const spans = climateOf(detail);
  for (let attempt = 0; ; attempt++) {
    const mean = within(spans.mean, random);
    const swing = within(spans.swing, random);
    const total = within(spans.rain, random);
    const season = within(spans.season, random);
    const warm = Array.from({ length: 12 }, (_, m) => Math.cos((2 * Math.PI * (m - hotMonth(north))) / 12));
    const weights = warm.map((c) => Math.exp(season * c));
    const sum = weights.reduce((a, b) => a + b, 0);
    const rain = Float64Array.from(weights, (w) => (total * w) / sum);
    const temperature = Float64Array.from(warm, (c) => mean + swing * c);
    if (classifyKoppen(temperature, rain, north) === detail || attempt === TRIES) {
      const warmth = mean - (spans.mean[0] + spans.mean[1]) / 2;
      return { detail, north, mean, swing, rain, warmth };
    }
  }
}
