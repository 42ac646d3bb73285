import { parseDay } from "../core/days";
import type { SiteId } from "../core/sites";
import { daysOf, numbers, siteRows, type DailyTable } from "../data/daily-table";
import type { Contender } from "./evaluate";
import { mean } from "./metrics";
import { predictedRows } from "./predicted-rows";

/** Width of the running mean, days, and the days of it that must be known. */
export const SMOOTH_DAYS = 15;
const SMOOTH_KNOWN = 8;
/** Days that a source must last to part two seasons of uptake: a dull week does not. */
const LASTING = 10;
/** Smoothed GPP that rises by less than this, g C m⁻² d⁻¹, has no season that a threshold could date. */
const LEAST_AMPLITUDE = 1;
/** Share of the year's smoothed values that must be known for a season (a model may lack the dark weeks), and for a count of days. */
const SEASON_KNOWN = 0.75;
const COUNT_KNOWN = 0.9;
const YEAR = 365;

/** The dates of one growing year, in days since its beginning (1 = 1 January in the north, 1 July in the south); null where there is none. */
export interface PhenologyDates {
  /** smoothed GPP rises above, and falls below, the threshold */
  readonly start: number | null;
  readonly peak: number | null;
  readonly end: number | null;
  /** end − start */
  readonly length: number | null;
  /** first day of the uptake that holds the year's greatest, after a source of at least 10 days */
  readonly source_to_sink: number | null;
  /** days with smoothed NEE below 0 */
  readonly uptake_days: number | null;
}

/** Dates that are compared. */
export const PHENOLOGY_DATES = ["start", "peak", "end", "length", "source_to_sink", "uptake_days"] as const;

/** One site's growing year as the tower or a model has it. */
export interface PhenologyRow extends PhenologyDates {
  readonly site: SiteId;
  readonly igbp: string | null;
  /** calendar year in which the growing year begins */
  readonly year: number;
  readonly name: string;
}

/** How a season is dated. */
export interface PhenologyOptions {
  readonly contenders?: readonly Contender[];
  readonly sites?: readonly SiteId[];
  /** share of the amplitude of smoothed GPP at which the season begins and ends; default 0.2; 0.5 is the other in use */
  readonly threshold?: number;
}

/**
 * Start, peak and end of the season of GPP and the day on which a site turns from source to sink, for the tower and each model on the same days. GPP and NEE are
 * smoothed by a centred 15-day mean of at least 8 known days; the season is above `threshold` of the amplitude between the year's least and greatest smoothed GPP,
 * counted outwards from the peak. An amplitude below 1 g C m⁻² d⁻¹ gives no dates, nor does a gap between the peak and a crossing. Years need 75 % of their smoothed values, the count of uptake days 90 %.
 * @source thresholds of the amplitude: White et al. 1997, doi:10.1029/97GB00330 (50 %), Jönsson & Eklundh 2004, doi:10.1016/j.cageo.2004.05.006 (20 %); the sink: Churkina et al. 2005,
 * doi:10.1111/j.1365-2486.2005.001012.x (carbon uptake period)
 * @example phenology(table, { contenders }).filter((r) => r.site === "DE-Hai")
 */
export function phenology(table: DailyTable, options: PhenologyOptions = {}): PhenologyRow[] {
  const { contenders = [], threshold = 0.2 } = options;
  const days = daysOf(table);
  const sources = [{ name: "observed", gpp: numbers(table, "gpp"), nee: numbers(table, "nee") }, ...contenders.map((c) => ({ name: c.model, gpp: predictedRows(table, c.predictions, "gpp"), nee: predictedRows(table, c.predictions, "nee") }))];
  const common = (of: "gpp" | "nee", row: number): boolean => sources.every((s) => Number.isFinite(s[of][row]!));
  const wanted = options.sites === undefined ? null : new Set(options.sites);
  return siteRows(table).filter(({ site }) => wanted === null || wanted.has(site.site)).flatMap(({ site, from, to }) => {
    const south = site.lat !== null && site.lat < 0;
    const [first, last] = [days[from]!, days[to - 1]!];
    const lay = (of: "gpp" | "nee", values: Float32Array): Float64Array => {
      const out = new Float64Array(last - first + 1).fill(NaN);
      for (let row = from; row < to; row++) if (common(of, row)) out[days[row]! - first] = values[row]!;
      return smooth(out);
    };
    const series = sources.map((s) => ({ name: s.name, gpp: lay("gpp", s.gpp), nee: lay("nee", s.nee) }));
    const years: number[] = [];
    for (let y = new Date(first * 86_400_000).getUTCFullYear() - 1; parseDay(`${y}-01-01`) <= last; y++) years.push(y);
    return years.flatMap((year) => {
      const at = parseDay(`${year}-${south ? "07" : "01"}-01`) - first;
      const part = (values: Float64Array): Float64Array => Float64Array.from({ length: YEAR }, (_, d) => values[at + d] ?? NaN);
      const rows = series.map(({ name, gpp, nee }): PhenologyRow => ({ site: site.site, igbp: site.igbp, year, name, ...season(part(gpp), threshold), ...uptake(part(nee)) }));
      return rows.some((r) => PHENOLOGY_DATES.some((d) => r[d] !== null)) ? rows : [];
    });
  });
}

/** Centred running mean `[day]`, NaN where too few days are known. @example smooth(new Float64Array(30).fill(2))[15] // 2 */
export function smooth(values: Float64Array): Float64Array {
  const half = (SMOOTH_DAYS - 1) / 2;
  return values.map((_, d) => {
    let [sum, n] = [0, 0];
    for (let k = Math.max(0, d - half); k <= Math.min(values.length - 1, d + half); k++) {
      if (Number.isNaN(values[k]!)) continue;
      sum += values[k]!;
      n++;
    }
    return n >= SMOOTH_KNOWN ? sum / n : NaN;
  });
}

function season(gpp: Float64Array, threshold: number): Pick<PhenologyDates, "start" | "peak" | "end" | "length"> {
  const none = { start: null, peak: null, end: null, length: null };
  const known = gpp.filter((v) => !Number.isNaN(v));
  if (known.length < SEASON_KNOWN * YEAR) return none;
  const [low, high] = [known.reduce((a, b) => Math.min(a, b)), known.reduce((a, b) => Math.max(a, b))];
  if (high - low < LEAST_AMPLITUDE) return none;
  const level = low + threshold * (high - low);
  const peak = gpp.indexOf(high);
  // outwards from the peak: what falls below the threshold ends the season, and a gap on the way leaves the date unknown
  const edge = (step: 1 | -1): number | null => {
    let d = peak;
    while (gpp[d]! >= level) d += step;
    return Number.isNaN(gpp[d] ?? NaN) ? null : d - step + 1;
  };
  const [start, end] = [edge(-1), edge(1)];
  return { start, peak: peak + 1, end, length: start === null || end === null ? null : end - start };
}

function uptake(nee: Float64Array): Pick<PhenologyDates, "source_to_sink" | "uptake_days"> {
  const known = nee.filter((v) => !Number.isNaN(v));
  if (known.length < SEASON_KNOWN * YEAR) return { source_to_sink: null, uptake_days: null };
  const days = known.length < COUNT_KNOWN * YEAR ? null : known.reduce((n, v) => n + (v < 0 ? 1 : 0), 0);
  const strongest = known.reduce((a, b) => Math.min(a, b));
  if (strongest >= 0) return { source_to_sink: null, uptake_days: days };
  let source = 0;
  for (let d = nee.indexOf(strongest); d >= 0 && !Number.isNaN(nee[d]!); d--) {
    source = nee[d]! < 0 ? 0 : source + 1;
    if (source === LASTING) return { source_to_sink: d + LASTING + 1, uptake_days: days };
  }
  return { source_to_sink: null, uptake_days: days };
}

/** A model's error of one date over site-years, days. */
export interface PhenologyError {
  readonly model: string;
  readonly date: (typeof PHENOLOGY_DATES)[number];
  /** site-years in which both have the date, and in which only one of them has it */
  readonly n: number;
  readonly one_only: number;
  readonly sites: number;
  readonly bias: number | null;
  readonly mean_abs_error: number | null;
}

/** Errors of each model's dates against the tower's, days. @example phenologyErrors(phenology(table, { contenders })) */
export function phenologyErrors(rows: readonly PhenologyRow[]): PhenologyError[] {
  const tower = new Map(rows.filter((r) => r.name === "observed").map((r) => [`${r.site} ${r.year}`, r]));
  return [...new Set(rows.map((r) => r.name))].filter((name) => name !== "observed").flatMap((model) => PHENOLOGY_DATES.map((date): PhenologyError => {
    const pairs = rows.filter((r) => r.name === model).map((r) => ({ site: r.site, model: r[date], tower: tower.get(`${r.site} ${r.year}`)?.[date] ?? null }));
    const both = pairs.filter((p) => p.model !== null && p.tower !== null);
    const errors = both.map((p) => p.model! - p.tower!);
    return {
      model, date, n: both.length, one_only: pairs.filter((p) => (p.model === null) !== (p.tower === null)).length, sites: new Set(both.map((p) => p.site)).size,
      bias: mean(errors), mean_abs_error: mean(errors.map(Math.abs)),
    };
  }));
}
