import { count } from "../../core/count";
import type { Site, SiteId } from "../../core/sites";
import { CLUSTER_KM, neighbours } from "./clusters";
import { numpyRandom } from "./split-numpy";
import { trainTestSplit } from "./split-sklearn";

/** The benchmark's one seed. @source CarbonFluxBench, arXiv 2603.09868 */
export const PUBLISHED_SEED = 56;
const RARE = 10;

/**
 * The benchmark's split of these sites: sorted by id, 80/20 by scikit-learn; by IGBP, classes of at most 10 sites are halved first
 * (the smaller half to test, as DataFrame.sample draws). It breaks clusters; the notes count what that costs. A site without a
 * class, which the benchmark would drop from its table, trains and is listed.
 * @throws WorkbookError BadSplit where scikit-learn raises
 * @source CarbonFluxBench, arXiv 2603.09868, split_targets
 * @example publishedSplit(sites, "koppen").test
 */
export function publishedSplit(sites: readonly Site[], by: "koppen" | "igbp"): { train: SiteId[]; test: SiteId[]; notes: string[] } {
  const sorted = [...sites].sort((a, b) => (a.site < b.site ? -1 : 1));
  const classed = sorted.filter((s) => s[by] !== null);
  const notes: string[] = [];
  const unclassed = sorted.filter((s) => s[by] === null).map((s) => s.site);
  if (unclassed.length > 0) notes.push(`${count(unclassed.length, "site")} without a class, no part of the published draw and for training: ${unclassed.join(", ")}`);

  const test = new Set<SiteId>();
  const label = (s: Site): string => s[by]!;
  const classes = [...new Set(classed.map(label))].sort();
  const rare = by === "koppen" ? [] : classes.filter((c) => classed.filter((s) => label(s) === c).length <= RARE);
  for (const c of rare) {
    const members = classed.filter((s) => label(s) === c);
    const half = Math.floor(members.length / 2);
    for (const row of numpyRandom(PUBLISHED_SEED).permutation(members.length).slice(0, half)) test.add(members[row]!.site);
    if (members.length < 5) notes.push(`class ${c} has ${count(members.length, "site")}, fewer than 5: ${half} to test`);
  }
  const common = classed.filter((s) => !rare.includes(label(s)));
  if (common.length > 0 || test.size === 0) {
    for (const row of trainTestSplit(common.map(label), 0.2, PUBLISHED_SEED).test) test.add(common[row]!.site);
  }
  const [held, kept] = [sorted.filter((s) => test.has(s.site)), sorted.filter((s) => !test.has(s.site))];
  const near = neighbours(held, kept);
  notes.push(`published split: ${near.length} of ${held.length} test sites lie within ${CLUSTER_KM} km of a training site${near.length > 0 ? `: ${near.map((n) => `${n.site} (${n.nearest}, ${n.km.toFixed(1)} km)`).join(", ")}` : ""}`);
  return { train: kept.map((s) => s.site), test: held.map((s) => s.site), notes };
}

/** Whether a split is the benchmark's own, which is drawn from every site with a flux. @example isPublishedSplit("published-koppen") // true */
export function isPublishedSplit(split: string): boolean {
  return split.startsWith("published-");
}
