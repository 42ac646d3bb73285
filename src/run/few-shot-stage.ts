import { shotLadder } from "../windows/few-shot";
import { shotBatcher, type ShotRule } from "../windows/few-shot-support";
import type { RunConfig } from "./config";
import type { Stage } from "./stage";

/** How a few-shot run draws its episodes. */
export function shotRule(config: RunConfig): ShotRule {
  return { window: config.window, lossDays: config.stride, support: config.support, pastOnly: false, ladder: shotLadder(config.shots), share: config.shot_share };
}

/** What a few-shot run changes of a training stage: nothing where `shots` is 0, else how its batches are made. */
export function shotStage(config: RunConfig): Pick<Stage, "makeBatch"> {
  if (config.shots === 0) return {};
  const [rule, make] = [shotRule(config), shotBatcher()];
  return { makeBatch: (sites, queries, r) => make(sites, queries, rule, r) };
}
