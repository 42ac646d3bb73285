import * as path from "node:path";
import { WorkbookError } from "../core/errors";
import { projectRoot } from "../core/files";
import { checkKeys, readJson } from "../core/json";
import type { DailyTable } from "../data/daily-table";
import { DEFAULT_CONFIG, resolveConfig, type RunConfig } from "./config";
import { settleConfig } from "./dataset";
import type { Arm } from "./experiment-plan";

/** A key of the configuration and the values it is tried with. */
export interface AblationFactor {
  readonly factor: string;
  readonly why: string;
  /** overrides, one factor each */
  readonly levels: readonly Readonly<Record<string, unknown>>[];
}

/** The committed list of ablations, with the size that keeps them under four hours on two processors. */
export interface Ablations {
  readonly base: object;
  readonly protocol: string;
  readonly folds: readonly number[];
  readonly seeds: readonly number[];
  readonly factors: readonly AblationFactor[];
}

/** The name of the arm that all others are held against. */
export const DEFAULT_ARM = "default";

/**
 * Reads the list of ablations and checks every level of it.
 * @throws WorkbookError BadConfig for an unknown key or value, or a level that changes another key than its factor
 * @example readAblations().factors.map((f) => f.factor)
 */
export function readAblations(file: string = path.join(projectRoot(), "data", "ablations.json")): Ablations {
  const value = readJson<Ablations>(file, "readAblations");
  checkKeys(`readAblations: ${file}`, value, ["about", "base", "protocol", "folds", "seeds", "factors"]);
  for (const { factor, levels } of value.factors) {
    checkKeys(`readAblations: ${file}`, { [factor]: null }, Object.keys(DEFAULT_CONFIG));
    for (const level of levels) {
      if (Object.keys(level).join() !== factor) throw new WorkbookError("BadConfig", `readAblations: ${file}: ${factor}: levels of this key alone are required (one factor at a time), found ${JSON.stringify(level)}`, { file, column: factor });
      resolveConfig({ ...value.base, ...level }, `${file}: ${factor}`);
    }
  }
  return value;
}

/**
 * One arm for each level that differs from the default as this table settles it, the default first. `levels` says for every factor
 * which level the default is.
 * @throws WorkbookError BadArgument for a factor that the list does not have
 * @example ablationArms(table, readAblations(), {}).arms.length
 */
export function ablationArms(table: DailyTable, ablations: Ablations, config: object, only?: readonly string[]): { readonly arms: readonly Arm[]; readonly defaults: Readonly<Record<string, unknown>> } {
  checkKeys("experiment --factors", Object.fromEntries((only ?? []).map((f) => [f, null])), ablations.factors.map((f) => f.factor));
  const base = { ...ablations.base, ...config };
  const settled = settleConfig(table, resolveConfig(base));
  const factors = ablations.factors.filter((f) => only === undefined || only.includes(f.factor));
  const arms: Arm[] = [{ name: DEFAULT_ARM, config: {} }];
  for (const { factor, levels } of factors) {
    for (const level of levels) {
      const value = level[factor];
      if (value !== settled[factor as keyof RunConfig]) arms.push({ name: `${factor} ${String(value)}`, config: level });
    }
  }
  return { arms, defaults: Object.fromEntries(factors.map((f) => [f.factor, settled[f.factor as keyof RunConfig]])) };
}
