import { asDay, monthOf, yearOf } from "../core/days";
import { lloydTaylor } from "../data/simulate/reco";
import { mean } from "./metrics";

/** Fewest days, and least span of their temperatures (K, 5th to 95th percentile), from which a sensitivity is read. */
export const FIT_DAYS = 100;
export const FIT_SPAN = 10;

/** A fitted temperature response with its 95 % interval. */
export interface TemperatureFit {
  /** respiration at 15 °C, g C m⁻² d⁻¹ */
  readonly base: number;
  /** E0 of Lloyd & Taylor, K */
  readonly e0: number;
  readonly e0_low: number;
  readonly e0_high: number;
  /** factor per 10 K */
  readonly q10: number;
  readonly q10_low: number;
  readonly q10_high: number;
  readonly n: number;
}

/**
 * Temperature sensitivity of ecosystem respiration by least squares: E0 of R = R₁₅ exp(E0 (1/(T₁₅ − T₀) − 1/(T − T₀))) with T₀ = −46.02 °C, and Q10 of
 * R = R₁₅ Q10^((T − 15)/10). The interval is a jackknife over months, a long record's in twelve groups. It is the *apparent* sensitivity to daily air temperature, phenology and moisture
 * included. Null for fewer than 100 days or a span below 10 K. Note that night-time partitioned RECO was itself made with this equation, window by window.
 * @param x air temperature, °C `[day]` @param y respiration, g C m⁻² d⁻¹ `[day]`
 * @source Lloyd & Taylor 1994, doi:10.2307/2389824, eq. 11; van't Hoff's Q10; Mahecha et al. 2010, doi:10.1126/science.1189587 (apparent and intrinsic sensitivity)
 * @example fitTemperature(day, ta, reco)?.q10
 */
export function fitTemperature(day: ArrayLike<number>, x: ArrayLike<number>, y: ArrayLike<number>): TemperatureFit | null {
  const rows = Array.from(day, (_, i) => i).filter((i) => Number.isFinite(x[i]) && Number.isFinite(y[i]));
  const sorted = rows.map((i) => x[i]!).sort((a, b) => a - b);
  if (rows.length < FIT_DAYS || sorted[Math.floor(0.95 * (rows.length - 1))]! - sorted[Math.floor(0.05 * (rows.length - 1))]! < FIT_SPAN) return null;
  const blocks = new Map<number, number[]>();
  for (const i of rows) {
    const key = 12 * yearOf(asDay(day[i]!)) + monthOf(asDay(day[i]!));
    blocks.set(key, [...(blocks.get(key) ?? []), i]);
  }
  const lloyd = (t: number, e0: number): number => lloydTaylor(t, e0);
  const vantHoff = (t: number, lnQ10: number): number => Math.exp((lnQ10 * (t - 15)) / 10);
  const e0 = jackknife(blocks, (own) => fitShape(lloyd, own.map((i) => x[i]!), own.map((i) => y[i]!), [0, 1200]).p);
  const q10 = jackknife(blocks, (own) => fitShape(vantHoff, own.map((i) => x[i]!), own.map((i) => y[i]!), [-1, 3]).p);
  const base = fitShape(lloyd, rows.map((i) => x[i]!), rows.map((i) => y[i]!), [0, 1200]).a;
  return { base, e0: e0.value, e0_low: e0.low, e0_high: e0.high, q10: Math.exp(q10.value), q10_low: Math.exp(q10.low), q10_high: Math.exp(q10.high), n: rows.length };
}

/**
 * Least squares of y = a · shape(x, p) for one shape parameter: `a` in closed form, `p` by golden section within `range`.
 * @source golden section: Kiefer 1953, doi:10.1090/S0002-9939-1953-0055639-3
 * @example fitShape((t, p) => Math.exp(p * t), [0, 1], [2, 4], [0, 3]) // { a: 2, p: 0.69 }
 */
export function fitShape(shape: (x: number, p: number) => number, x: readonly number[], y: readonly number[], range: readonly [number, number]): { a: number; p: number } {
  const at = (p: number): { a: number; loss: number } => {
    let [fy, ff] = [0, 0];
    const f = x.map((v) => shape(v, p));
    f.forEach((v, i) => {
      fy += v * y[i]!;
      ff += v * v;
    });
    const a = fy / ff;
    return { a, loss: f.reduce((sum, v, i) => sum + (y[i]! - a * v) ** 2, 0) };
  };
  const ratio = (Math.sqrt(5) - 1) / 2;
  let [low, high] = range;
  let [left, right] = [high - ratio * (high - low), low + ratio * (high - low)];
  let [lossLeft, lossRight] = [at(left).loss, at(right).loss];
  while (high - low > 1e-4 * (range[1] - range[0])) {
    if (lossLeft < lossRight) {
      [high, right, lossRight] = [right, left, lossLeft];
      left = high - ratio * (high - low);
      lossLeft = at(left).loss;
    } else {
      [low, left, lossLeft] = [left, right, lossRight];
      right = low + ratio * (high - low);
      lossRight = at(right).loss;
    }
  }
  const p = (low + high) / 2;
  return { a: at(p).a, p };
}

/** Groups of months that a long record is left out by: as many refits tell the error as well as one a month. */
const REFITS = 12;

/**
 * Months in at most twelve groups, each with another month of every year. Groups of one calendar month each would take a whole season out at a
 * time, and a season that repeats every year would pass for doubt.
 */
function seasonsApart(months: readonly number[]): Set<number>[] {
  const groups = Array.from({ length: REFITS }, () => new Set<number>());
  for (const month of months) groups[((month % 12) + 5 * Math.floor(month / 12)) % REFITS]!.add(month);
  return groups.filter((group) => group.size > 0);
}

/** An estimate with its 95 % interval, leaving out one block at a time. @source Efron & Tibshirani 1993, An Introduction to the Bootstrap, ch. 11 */
function jackknife(blocks: ReadonlyMap<number, readonly number[]>, estimate: (rows: readonly number[]) => number): { value: number; low: number; high: number } {
  const keys = [...blocks.keys()];
  const value = estimate([...blocks.values()].flat());
  const groups = keys.length <= REFITS ? keys.map((key) => new Set([key])) : seasonsApart(keys);
  const without = groups.map((out) => estimate([...blocks].flatMap(([key, rows]) => (out.has(key) ? [] : [...rows]))));
  const centre = mean(without)!;
  const g = groups.length;
  const half = 1.96 * Math.sqrt(((g - 1) / g) * without.reduce((sum, v) => sum + (v - centre) ** 2, 0));
  return { value, low: value - half, high: value + half };
}
