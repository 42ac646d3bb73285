import { WorkbookError } from "../core/errors";
import { checkKeys } from "../core/json";
import { DEFAULT_CONFIG } from "./config";
import type { Arm } from "./experiment-plan";

/** Values to try, by configuration key; `lr` sets the rates of both stages. */
export type Grid = Readonly<Record<string, readonly unknown[]>>;

/** The published search grid. @source CarbonFluxBench, arXiv 2603.09868 */
export const PUBLISHED_GRID: Grid = { hidden: [128, 256], latent: [32, 64], dropout: [0.2, 0.3], lr: [1e-4, 1e-3], layers: [1, 2] };

/**
 * One arm for each combination of the grid, small networks first.
 * @throws WorkbookError BadConfig for a key that is none, BadArgument for one without values
 * @example gridArms(PUBLISHED_GRID).length // 32
 */
export function gridArms(grid: Grid): Arm[] {
  checkKeys("search: grid", grid, [...Object.keys(DEFAULT_CONFIG), "lr"]);
  let combinations: Record<string, unknown>[] = [{}];
  for (const [key, values] of Object.entries(grid)) {
    if (!Array.isArray(values) || values.length === 0) throw new WorkbookError("BadArgument", `search: grid: ${key}: at least one value is required, got ${JSON.stringify(values)}`, { column: key });
    combinations = combinations.flatMap((c) => values.map((v: unknown) => ({ ...c, [key]: v })));
  }
  return combinations.map((c) => ({ name: Object.entries(c).map(([k, v]) => `${k}=${String(v)}`).join(" "), config: expanded(c) }));
}

function expanded(combination: Readonly<Record<string, unknown>>): object {
  const { lr, ...rest } = combination;
  return lr === undefined ? rest : { ...rest, lr1: lr, lr2: lr };
}
