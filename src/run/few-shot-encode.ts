import { tf } from "../backend/tf";
import type { FluxModel } from "../model/types";
import { prepareSite, type PreparedSite } from "../windows/batches";
import { FLUX_CHANNELS } from "../windows/few-shot";
import { predictShots } from "../windows/few-shot-support";
import type { SiteRecord } from "../windows/record";
import type { Standardiser } from "../windows/standardise";
import { supportCandidates } from "../windows/support";
import type { RunConfig } from "./config";

/** A record laid out for few-shot support sets and adaptation, every day allowed, no class weight. */
export function prepareForShots(config: RunConfig, s: Standardiser, record: SiteRecord): PreparedSite {
  return prepareSite(record, s, supportCandidates(record, config.window, config.support_season), 1, config.unknown_qc);
}

/**
 * Task embedding `[1, latent]` of a site from its drivers and the fluxes of its first `months`, in one pass without a gradient step; the
 * caller disposes.
 * @source TAM-RL few-shot, arXiv 2310.04727
 */
export function encodeShots(model: FluxModel, config: RunConfig, s: Standardiser, record: SiteRecord, months: number): tf.Tensor2D {
  const site = prepareForShots(config, s, record);
  const { windows, x, weight } = predictShots(site, months, { window: config.window, count: config.support_predict, share: config.shot_share });
  return tf.tidy(() => model.encode(
    tf.tensor3d(x, [windows, config.window, s.channels.length + FLUX_CHANNELS]),
    tf.tensor2d(site.statics, [1, site.statics.length]),
    tf.tensor2d(weight, [1, windows]),
  ));
}
