import { WorkbookError } from "../core/errors";
import { FLUXES, type Flux } from "../core/quantities";
import type { SiteId } from "../core/sites";
import { readHeader, readRows } from "../data/files/csv";
import { gunzipped } from "../data/files/decompress";
import type { Metrics } from "./evaluate";
import { mean, quantile } from "./metrics";
import { MIN_DAYS } from "./site-metrics";
import type { TableRow } from "./table";

/** One published result: a model at a held-out site. */
export interface PublishedSite {
  readonly site: SiteId;
  readonly flux: Flux;
  readonly model: string;
  readonly split: string;
  /** feature set, as the name of the run tells it */
  readonly features: string;
  readonly r2: number;
  /** g C m⁻² d⁻¹ */
  readonly rmse: number;
}

const COLUMNS = ["site", "target", "model", "split_type", "file"] as const;
const TARGET: Readonly<Record<string, Flux>> = { GPP_NT_VUT_USTAR50: "gpp", RECO_NT_VUT_USTAR50: "reco", NEE_VUT_USTAR50: "nee" };

/**
 * Reads the benchmark's per-site results (CSV, plain or gzip): site, R2, RMSE, target, model, split_type, file.
 * @throws WorkbookError BadFile, MissingColumn, EmptyTable
 * @source CarbonFluxBench, arXiv 2603.09868, baselines/eval_results
 * @example readPublishedSites("eval_results_per_site.csv.gz").filter((r) => r.model === "tam-rl")
 */
export function readPublishedSites(file: string): PublishedSite[] {
  let bytes: Uint8Array;
  try {
    bytes = gunzipped(file);
  } catch (cause) {
    throw new WorkbookError("BadFile", `evaluate: --published: ${file}: a readable CSV required, found: ${(cause as Error).message}; check the path`, { file, cause });
  }
  const header = readHeader(bytes, file);
  const at = (name: string): number => {
    const index = header.names.indexOf(name);
    if (index < 0) throw new WorkbookError("MissingColumn", `evaluate: --published: ${file}: column ${name} required, found ${header.names.join(", ")}; give the benchmark's per-site results`, { file, column: name });
    return index;
  };
  const rows = readRows(bytes, header, { day: null, numbers: [at("R2"), at("RMSE")], texts: COLUMNS.map(at), missingTexts: ["nan", "NaN", "inf", "-inf"], missingCodes: [] }, file);
  const text = (name: (typeof COLUMNS)[number], i: number): string => rows.texts.get(at(name))![i]!;
  return Array.from(rows.line, (_, i) => i).flatMap((i): PublishedSite[] => {
    const flux = TARGET[text("target", i)];
    const features = /_(minimal|standard|full)(?:_|$)/.exec(text("file", i))?.[1] ?? "unknown";
    return flux === undefined ? [] : [{ site: text("site", i), flux, model: text("model", i), split: text("split_type", i), features, r2: rows.numbers.get(at("R2"))![i]!, rmse: rows.numbers.get(at("RMSE"))![i]! }];
  });
}

/**
 * Our scores and the published ones side by side: over the sites that both have, and the published ones over all of theirs. A row says
 * `same sites` only where the two sets of sites are the same.
 * @param split only results of this published split, e.g. "Koppen"
 * @example besidePublished(metrics, readPublishedSites(file), "Koppen")
 */
export function besidePublished(ours: readonly Metrics[], published: readonly PublishedSite[], split?: string): TableRow[] {
  const of = published.filter((p) => split === undefined || p.split === split);
  const groups = [...new Set(of.map((p) => `${p.split}\n${p.features}\n${p.model}`))].sort();
  return FLUXES.flatMap((flux) => {
    const scored = ours.map((m) => m.sites.filter((r) => r.flux === flux && r.n >= MIN_DAYS && !m.summary[flux].seen_sites.includes(r.site)));
    const mine = new Set(scored.flat().map((r) => r.site));
    const theirs = new Map(groups.map((g) => [g, of.filter((p) => p.flux === flux && g === `${p.split}\n${p.features}\n${p.model}`)]));
    const heldOut = new Set([...theirs.values()].flat().map((p) => p.site));
    const common = new Set([...mine].filter((site) => heldOut.has(site)));
    const same = mine.size === heldOut.size && common.size === mine.size;
    const row = (model: string, source: string, features: string | null, splitName: string | null, sites: string, r2: readonly number[], rmse: readonly number[], n: number): TableRow => ({
      flux, model, source, split: splitName, features, sites, same_sites: sites === "common" || same ? "same sites" : "not the same sites", n_sites: n,
      r2_median: quantile(r2, 0.5), r2_q25: quantile(r2, 0.25), r2_q75: quantile(r2, 0.75), r2_mean_clipped: mean(r2.map((v) => Math.max(0, v))), rmse_mean: mean(rmse), rmse_median: quantile(rmse, 0.5),
    });
    const oursOver = (keep: (site: SiteId) => boolean, sites: string): TableRow[] => ours.map((m, k) => {
      const rows = scored[k]!.filter((r) => keep(r.site));
      return row(m.model, "ours", null, null, sites, rows.flatMap((r) => r.r2 ?? []), rows.flatMap((r) => r.rmse ?? []), rows.length);
    });
    const theirsOver = (keep: (site: SiteId) => boolean, sites: string): TableRow[] => groups.map((g) => {
      const [splitName, features, model] = g.split("\n") as [string, string, string];
      const rows = theirs.get(g)!.filter((p) => keep(p.site));
      return row(model, "published", features, splitName, sites, rows.map((p) => p.r2).filter(Number.isFinite), rows.map((p) => p.rmse).filter(Number.isFinite), rows.length);
    });
    const everywhere = [...oursOver(() => true, "all of ours"), ...theirsOver(() => true, "all of theirs")];
    return common.size === 0 ? everywhere : [...oursOver((s) => common.has(s), "common"), ...theirsOver((s) => common.has(s), "common"), ...everywhere];
  });
}
