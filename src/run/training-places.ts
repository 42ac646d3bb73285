import { driverClimatology } from "../windows/driver-climatology";
import type { SiteRecord } from "../windows/record";
import { fitApplicability, writeApplicability } from "./applicability";
import type { PredictContext } from "./learner";
import { needsSupport } from "./model-config";
import { loadEmbedder } from "./neural-predictor";

/**
 * Writes where the sites that a run learned from lie: their driver climatology and, of a model with one, their task embedding.
 * @param records of the training sites, as the model may see them
 * @example await writeTrainingPlaces({ dir, config, standardiser }, dataset.train.sites.map((s) => s.record))
 */
export async function writeTrainingPlaces(context: PredictContext, records: readonly SiteRecord[]): Promise<void> {
  const { dir, config, standardiser } = context;
  const embedder = needsSupport(config, config.model) ? await loadEmbedder(context) : null;
  try {
    const places = records.flatMap((record) => {
      const climatology = driverClimatology(record);
      return climatology === null ? [] : [{ site: record.site, climatology, z: embedder?.embed(record) ?? null }];
    });
    writeApplicability(dir, fitApplicability(places, standardiser.sd));
  } finally {
    embedder?.dispose();
  }
}
