import { random } from "../core/random";
import type { SiteId } from "../core/sites";
import type { DailyTable } from "../data/daily-table";
import { readSplit } from "../run/run-directory";
import { embedSites, type Embeddings } from "./embed";
import { ridgeProbe } from "./probe";

/** What a linear probe of the task embedding tells of one property of the sites. */
export interface ProbeRow<Name extends string = string> {
  readonly name: Name;
  /** squared correlation on unseen sites, 0 where negative, z from the site's own support set */
  readonly own: number;
  /** the same with the support sets dealt out among the sites: what the class alone tells */
  readonly permuted: number;
  readonly n_known: number;
  readonly n_unseen: number;
}

/** Ridge penalty of the probe: some hundred sites, tens of latent dimensions. */
const PENALTY = 10;

/**
 * Linear probes from the task embedding to properties of the sites, fitted on a run's training sites and judged on all others.
 * @param of the property's value at a site
 * @throws WorkbookError BadRun for a model without an embedding
 * @source Alain & Bengio 2016, arXiv 1610.01644 (linear probes)
 * @example await probeEmbedding(dir, table, ["lightUse"], (site) => traits.get(site)!.lightUse, 1)
 */
export async function probeEmbedding<Name extends string>(dir: string, table: DailyTable, names: readonly Name[], of: (site: SiteId, name: Name) => number, seed: number): Promise<ProbeRow<Name>[]> {
  const split = readSplit(dir);
  const ids = table.sites.map((s) => s.site);
  const shuffled = random(seed, "permuted support").shuffle(ids);
  const own = await embedSites(dir, table);
  const permuted = await embedSites(dir, table, { supportOf: new Map(ids.map((id, i): [SiteId, SiteId] => [id, shuffled[i]!])) });
  const judged = (embeddings: Embeddings): ((name: Name) => { score: number; known: number; unseen: number }) => {
    const z = new Map(embeddings.sites.map((s, i): [SiteId, Float32Array] => [s, embeddings.z.subarray(i * embeddings.latent, (i + 1) * embeddings.latent)]));
    const whole = (list: readonly SiteId[]): SiteId[] => list.filter((s) => !Number.isNaN(z.get(s)![0]!));
    const vectors = (list: readonly SiteId[]): Float32Array[] => list.map((s) => z.get(s)!);
    const [known, unseen] = [whole(split.train), whole([...split.test, ...split.validation])];
    return (name) => {
      const predicted = ridgeProbe(vectors(known), known.map((s) => of(s, name)), vectors(unseen), PENALTY);
      return { score: squaredCorrelation(predicted, unseen.map((s) => of(s, name))), known: known.length, unseen: unseen.length };
    };
  };
  const [ofOwn, ofPermuted] = [judged(own), judged(permuted)];
  return names.map((name) => {
    const { score, known, unseen } = ofOwn(name);
    return { name, own: score, permuted: ofPermuted(name).score, n_known: known, n_unseen: unseen };
  });
}

function squaredCorrelation(a: readonly number[], b: readonly number[]): number {
  const mean = (v: readonly number[]): number => v.reduce((s, x) => s + x, 0) / v.length;
  const [ma, mb] = [mean(a), mean(b)];
  const dot = (u: readonly number[], mu: number, v: readonly number[], mv: number): number => u.reduce((s, x, i) => s + (x - mu) * (v[i]! - mv), 0);
  const r = dot(a, ma, b, mb) / Math.sqrt(dot(a, ma, a, ma) * dot(b, mb, b, mb) || Infinity);
  return r > 0 ? r * r : 0;
}
