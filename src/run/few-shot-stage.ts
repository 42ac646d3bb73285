import { shotLadder } from "../windows/few-shot";
import { shotBatcher, type ShotRule } from "../windows/few-shot-support";
import type { Standardiser } from "../windows/standardise";
import type { RunConfig } from "./config";
import type { Stage } from "./stage";

/** How a few-shot run draws its episodes; to validate them, as they are. */
function shotRule(config: RunConfig): ShotRule {
  return { window: config.window, lossDays: config.stride, support: config.support, pastOnly: false, ladder: shotLadder(config.shots), share: config.shot_share };
}

/** What a few-shot run changes of a training stage: nothing where `shots` is 0, else how its batches are made. */
export function shotStage(config: RunConfig, { targetMean, targetSd }: Standardiser): Pick<Stage, "makeBatch"> {
  if (config.shots === 0) return {};
  const make = shotBatcher();
  const asTheyAre = shotRule(config);
  const distorted = config.shot_distort === 0 ? asTheyAre : { ...asTheyAre, distort: { sd: config.shot_distort, targetMean, targetSd } };
  return { makeBatch: (sites, queries, r, training) => make(sites, queries, training ? distorted : asTheyAre, r) };
}
