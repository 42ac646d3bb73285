import { WorkbookError } from "../core/errors";
import type { SiteId } from "../core/sites";
import { siteRows, type DailyTable } from "../data/daily-table";
import { checkRecorded } from "../run/hashes";
import { modelRecord } from "../run/model-view";
import { loadEmbedder } from "../run/neural-predictor";
import { readFinished, readStandardiser } from "../run/run-directory";
import { layRecord } from "../windows/record";

/** Task embeddings `[site, latent]`, one row a site; NaN for a site whose record is shorter than a window. */
export interface Embeddings {
  readonly sites: readonly SiteId[];
  readonly latent: number;
  readonly z: Float32Array;
}

/** What `embedSites` may be told. */
export interface EmbedOptions {
  readonly sites?: readonly SiteId[];
  /** the site whose drivers make a site's support set; its class stays its own (a control: permuted support sets) */
  readonly supportOf?: ReadonlyMap<SiteId, SiteId>;
}

/**
 * The task embedding z of each site from its own drivers; no flux is used.
 * @throws WorkbookError BadRun for a model without an embedding
 * @source method notes §4; arXiv 2603.09974 (task encoder)
 * @example const { sites, z, latent } = await embedSites("data/runs/tamrl", table)
 */
export async function embedSites(dir: string, table: DailyTable, options: EmbedOptions = {}): Promise<Embeddings> {
  const { config, channels } = readFinished(dir);
  if (config.model !== "tamrl") throw new WorkbookError("BadRun", `embedSites: ${dir}: a run of model tamrl is required, found ${config.model}`, { file: dir });
  const rows = siteRows(table);
  const byId = new Map(rows.map((r) => [r.site.site, r]));
  const sites = options.sites ?? rows.map((r) => r.site.site);
  const encoder = await loadEmbedder({ dir, config, standardiser: readStandardiser(dir) });
  const z = new Float32Array(sites.length * config.latent);
  try {
    checkRecorded(dir);
    sites.forEach((site, i) => {
      const own = byId.get(site);
      const giver = byId.get(options.supportOf?.get(site) ?? site);
      if (!own || !giver) throw new WorkbookError("BadSite", `embedSites: a site of the table is required, got ${site}`, { site });
      const record = modelRecord(config, { ...layRecord(table, giver, channels, config.max_gap), site: own.site });
      z.set(encoder.embed(record) ?? new Float32Array(config.latent).fill(NaN), i * config.latent);
    });
  } finally {
    encoder.dispose();
  }
  return { sites, latent: config.latent, z };
}
