import * as path from "node:path";
import type { RunConfig } from "../run/config";

/**
 * The name of each run in a comparison that averages seeds: runs of one configuration but for seed and split are seeds of one model and
 * share its name; where two configurations of a model are compared, the folder of a group's first run tells them apart.
 * @example groupNames([{ config, dir: "runs/lstm" }, { config: { ...config, seed: 2 }, dir: "runs/lstm-seed2" }]) // ["lstm", "lstm"]
 */
export function groupNames(runs: readonly { readonly config: RunConfig; readonly dir: string }[]): string[] {
  const keys = runs.map(({ config }) => JSON.stringify({ ...config, seed: 0, split: "", split_seed: null }));
  return runs.map(({ config }, i) => {
    const first = keys.indexOf(keys[i]!);
    const alone = runs.every((other, k) => other.config.model !== config.model || keys[k] === keys[i]);
    return alone ? config.model : `${config.model} (${path.basename(path.resolve(runs[first]!.dir))})`;
  });
}
