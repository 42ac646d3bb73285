import { dissimilarity } from "../run/applicability";
import type { Component } from "./mixture";
import type { TrainedMember, TrainedRun } from "./trained-run";

/**
 * Dissimilarity beyond which a cell is outside: of an ensemble the mean of its members' thresholds; null where a member has none.
 * @example applicabilityThreshold(readTrainedRun(dir))
 */
export function applicabilityThreshold({ members }: Pick<TrainedRun, "members">): number | null {
  const own = members.map((m) => m.applicability.threshold);
  return own.some((t) => t === null) ? null : own.reduce<number>((sum, t) => sum + t!, 0) / own.length;
}

/**
 * Dissimilarity of a cell to one member's training sites: by its driver climatology, and by the embedding of each of its classes, averaged
 * by their shares as the fluxes are. NaN without an embedding where the model has one.
 * @param z embedding of each component `[latent]`, null for a model without
 * @source Meyer & Pebesma 2021, doi:10.1111/2041-210X.13650
 */
export function cellDissimilarity({ applicability }: Pick<TrainedMember, "applicability">, climatology: Float32Array, mixture: readonly Component[], z: readonly (Float32Array | null)[]): number {
  const embedded = applicability.centre.length > climatology.length;
  if (embedded && z.some((own) => own === null)) return NaN;
  return mixture.reduce((sum, { share }, k) => sum + share * dissimilarity(applicability, { climatology, z: embedded ? z[k]! : null }), 0);
}
