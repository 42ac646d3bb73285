import { fitApplicability, writeApplicability } from "./applicability";
import { driverClimatology } from "../windows/driver-climatology";
import type { TrainContext } from "./learner";
import { needsSupport } from "./model-config";
import { loadEmbedder } from "./neural-predictor";

/**
 * Writes where the sites that a finished run learned from lie: their driver climatology and, of a model with one, their task embedding.
 * @example await writeTrainingPlaces({ dir, config, dataset })
 */
export async function writeTrainingPlaces({ dir, config, dataset }: Pick<TrainContext, "dir" | "config" | "dataset">): Promise<void> {
  const { standardiser } = dataset;
  const embedder = needsSupport(config, config.model) ? await loadEmbedder({ dir, config, standardiser }) : null;
  try {
    const places = dataset.train.sites.flatMap(({ record }) => {
      const climatology = driverClimatology(record);
      return climatology === null ? [] : [{ site: record.site, climatology, z: embedder?.embed(record) ?? null }];
    });
    writeApplicability(dir, fitApplicability(places, standardiser.sd));
  } finally {
    embedder?.dispose();
  }
}
