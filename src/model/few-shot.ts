import { FLUX_CHANNELS } from "../windows/few-shot";
import type { ModelConfig } from "./types";

/**
 * Channels of a support window: the drivers and, few-shot, six more for the site's observed fluxes.
 * @source TAM-RL few-shot, arXiv 2310.04727 (the encoder reads drivers and response)
 * @example supportChannels({ channels: 20, supportFluxes: true }) // 26
 */
export function supportChannels({ channels, supportFluxes }: Pick<ModelConfig, "channels" | "supportFluxes">): number {
  return channels + (supportFluxes ? FLUX_CHANNELS : 0);
}
