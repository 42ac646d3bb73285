import * as fs from "node:fs";
import * as path from "node:path";
import { WorkbookError } from "../core/errors";
import { isObject, readJsonObject, writeJson } from "../core/json";
import { quantile } from "../core/quantile";
import type { Site, SiteId } from "../core/sites";
import { clusterOf, clusterSites } from "../data/splits/clusters";

/** Where a place lies among the training sites: its driver climatology `[2 · channel]` and, of a model with one, its embedding `[latent]`. */
export interface Whereabouts {
  readonly climatology: Float32Array;
  readonly z: Float32Array | null;
}

/** What `applicability.json` of a run holds: the training sites' places and how far from them is still near. */
export interface Applicability {
  readonly about: string;
  /** one an axis: the climatology's, then the embedding's; an axis of scale 0 tells no two training sites apart and counts for nothing */
  readonly centre: readonly number[];
  readonly scale: readonly number[];
  /** training sites with their coordinates on the scaled axes */
  readonly sites: readonly { readonly site: SiteId; readonly at: readonly number[] }[];
  /** mean distance between two training sites */
  readonly mean_distance: number;
  /** dissimilarity of each training site to the sites of other clusters */
  readonly cross_validated: readonly number[];
  /** dissimilarity beyond which a place is outside; null: fewer than two clusters, nothing to tell it by */
  readonly threshold: number | null;
}

/** What the index and its threshold are, for whoever reads a file of them. */
export const ABOUT_APPLICABILITY = "dissimilarity index of a place = distance to the nearest training site / mean distance between training sites, on z-scored driver climatology (mean and seasonal spread of each channel) and, where the model has one, the task embedding; the two blocks weigh the same. Threshold: upper whisker of the index of training sites against sites of other clusters (Meyer & Pebesma 2021, doi:10.1111/2041-210X.13650)";

/** Where a run's area of applicability lies. */
export function applicabilityFile(dir: string): string {
  return path.join(dir, "applicability.json");
}

/**
 * The area of applicability that training wrote.
 * @throws WorkbookError BadRun for a run of a workbook that did not write one yet
 * @example readApplicability("data/runs/tamrl").threshold
 */
export function readApplicability(dir: string): Applicability {
  const file = applicabilityFile(dir);
  if (!fs.existsSync(file)) throw new WorkbookError("BadRun", `readApplicability: ${dir}: applicability.json (where the training sites lie) is required, found none: the run is of an older workbook; \`resume ${dir}\` adds it without training again`, { file });
  const found = readJsonObject<Applicability>(file, "readApplicability");
  const numbers = (list: unknown, n: number): boolean => Array.isArray(list) && list.length === n && list.every((v) => Number.isFinite(v));
  const axes = Array.isArray(found.centre) ? found.centre.length : -1;
  const whole = numbers(found.centre, axes) && numbers(found.scale, axes) && Array.isArray(found.sites) && found.sites.every((s) => isObject(s) && numbers(s["at"], axes)) && Array.isArray(found.cross_validated);
  if (!whole) throw new WorkbookError("BadRun", `readApplicability: ${file}: a centre, a scale and the training sites on the same axes are required, found others; copy the run again, or train it again`, { file });
  return found;
}

/** Writes it. */
export function writeApplicability(dir: string, applicability: Applicability): void {
  writeJson(applicabilityFile(dir), applicability);
}

/**
 * Learns how the training sites lie: z-scores the climatology by site (an axis on which sites differ by less than a thousandth of the
 * driver's daily variation is left out), scales the embedding as a whole, and takes the upper whisker of the sites' own dissimilarities,
 * each to the nearest site of another cluster.
 * @param daily standard deviation of each channel over training days `[channel]`
 * @throws WorkbookError BadArgument without a site
 * @source Meyer & Pebesma 2021, doi:10.1111/2041-210X.13650 (index and threshold; equal weights instead of variable importance);
 * equal weight of the two blocks and one scale for all of z are this project's choice: an axis of z that hardly moves must not count like one that does
 * @example fitApplicability(places, standardiser.sd).threshold
 */
export function fitApplicability(places: readonly (Whereabouts & { readonly site: Site })[], daily: readonly number[]): Applicability {
  const [first] = places;
  if (first === undefined) throw new WorkbookError("BadArgument", "fitApplicability: at least one training site with a complete day is required, got none");
  const axes = first.climatology.length;
  const raw = places.map(joined);
  const centre = raw[0]!.map((_, k) => mean(raw.map((p) => p[k]!)));
  const sd = centre.map((c, k) => Math.sqrt(mean(raw.map((p) => (p[k]! - c) ** 2))));
  const told = sd.map((s, k) => k >= axes || s > 1e-3 * daily[k % daily.length]!);
  const weight = 1 / Math.sqrt(Math.max(1, told.slice(0, axes).filter(Boolean).length));
  const ofZ = Math.sqrt(sd.slice(axes).reduce((sum, s) => sum + s * s, 0)); // the embedding's variance as a whole becomes 1
  const scale = sd.map((s, k) => (k >= axes ? (ofZ > 0 ? 1 / ofZ : 0) : told[k] ? weight / s : 0));
  const sites = places.map((p, i) => ({ site: p.site.site, at: raw[i]!.map((v, k) => Number(((v - centre[k]!) * scale[k]!).toPrecision(7))) }));
  const pairs = sites.flatMap((a, i) => sites.slice(i + 1).map((b) => distance(a.at, b.at)));
  const meanDistance = pairs.length > 0 ? mean(pairs) : 0;
  const cluster = clusterOf(clusterSites(places.map((p) => p.site)));
  const crossValidated = sites.flatMap((a) => {
    const others = sites.filter((b) => cluster.get(b.site) !== cluster.get(a.site));
    return others.length > 0 && meanDistance > 0 ? [nearest(a.at, others) / meanDistance] : [];
  });
  return { about: ABOUT_APPLICABILITY, centre, scale, sites, mean_distance: meanDistance, cross_validated: crossValidated, threshold: crossValidated.length > 0 ? upperWhisker(crossValidated) : null };
}

/**
 * Dissimilarity index of a place: 0 at a training site, 1 at the mean distance between two of them; NaN where the training sites do not
 * differ.
 * @source Meyer & Pebesma 2021, doi:10.1111/2041-210X.13650, eq. 3
 * @example dissimilarity(applicability, { climatology, z }) > applicability.threshold
 */
export function dissimilarity({ centre, scale, sites, mean_distance }: Applicability, place: Whereabouts): number {
  const values = joined(place);
  if (values.length !== centre.length) throw new WorkbookError("BadArgument", `dissimilarity: ${centre.length} coordinates as of the training sites required, got ${values.length}; use the run that made the place's embedding`);
  const at = values.map((v, k) => (v - centre[k]!) * scale[k]!);
  return mean_distance > 0 ? nearest(at, sites) / mean_distance : NaN;
}

/** Largest value that is no outlier: at most the third quartile + 1.5 interquartile ranges. @source Tukey 1977, Exploratory Data Analysis */
function upperWhisker(values: readonly number[]): number {
  const [q25, q75] = [quantile(values, 0.25)!, quantile(values, 0.75)!];
  return Math.max(...values.filter((v) => v <= q75 + 1.5 * (q75 - q25)));
}

function joined({ climatology, z }: Whereabouts): number[] {
  return [...climatology, ...(z ?? [])];
}

function nearest(at: readonly number[], sites: Applicability["sites"]): number {
  let best = Infinity;
  for (const site of sites) best = Math.min(best, distance(at, site.at));
  return best;
}

function distance(a: readonly number[], b: readonly number[]): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += (a[k]! - b[k]!) ** 2;
  return Math.sqrt(sum);
}

function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}
