import { count } from "../core/count";
import { isObject, parseJson } from "../core/json";
import { IGBP_ORDER, KOPPEN } from "../core/quantities";
import type { RunSplit } from "../run/run-directory";
import type { TotalRow } from "./totals-rows";

/** Towers that a run learned from, by class; a class without any is left out. */
export interface TrainingTowers {
  readonly igbp: Readonly<Record<string, number>>;
  readonly koppen: Readonly<Record<string, number>>;
}

/** Attribute of an upscaled store that holds them, as JSON. */
export const TOWERS_ATTRIBUTE = "run_towers";

/** A class of this share of a flux that rests on fewer towers than these is told: another draw of towers would move the total. */
const [LARGE, FEW] = [0.1, 5];

/**
 * Counts a run's training towers by class; null for a run of an older workbook, which did not keep them.
 * @example trainingTowers(readSplit("data/runs/tamrl"))?.igbp["EBF"] // 3
 */
export function trainingTowers({ learned, train }: Pick<RunSplit, "train"> & Partial<Pick<RunSplit, "learned">>): TrainingTowers | null {
  if (learned === undefined) return null;
  const taught = new Set(train);
  const sites = learned.filter((site) => taught.has(site.site));
  const count = (classes: readonly string[], of: (site: (typeof sites)[number]) => string | null): Record<string, number> =>
    Object.fromEntries(classes.map((name) => [name, sites.filter((site) => of(site) === name).length] as const).filter(([, n]) => n > 0));
  return { igbp: count(IGBP_ORDER, (site) => site.igbp), koppen: count(KOPPEN, (site) => site.koppen) };
}

/** What a store says of the towers behind it; null where it does not, or in no way that can be read. @example readTowers(view.grid.attributes) */
export function readTowers(attributes: Readonly<Record<string, unknown>>): TrainingTowers | null {
  const text = attributes[TOWERS_ATTRIBUTE];
  if (typeof text !== "string") return null;
  try {
    const { igbp, koppen } = parseJson(text) as Partial<TrainingTowers>;
    const counted = (counts: unknown): boolean => isObject(counts) && Object.values(counts).every((n) => typeof n === "number");
    return counted(igbp) && counted(koppen) ? { igbp: igbp!, koppen: koppen! } : null;
  } catch {
    return null;
  }
}

/**
 * What a reader of totals should know of the towers behind them: how many there are of each class, and which classes carry a tenth of GPP
 * or more on fewer than five. The spread of seeds does not show that; the spread of towers drawn anew does.
 * @param rows of `gridTotals`
 * @example towerNotes(towers, totals.rows)[1] // "EBF carries 46 % of GPP and rests on 3 training towers: …"
 */
export function towerNotes(towers: TrainingTowers | null, rows: readonly TotalRow[]): string[] {
  if (towers === null) return [];
  const said = (counts: Readonly<Record<string, number>>): string => Object.entries(counts).map(([name, n]) => `${name} ${n}`).join(", ");
  const years = rows.filter((row) => row.flux === "gpp" && row.period === "mean year");
  const whole = years.find((row) => row.by === "all")?.total_Pg_C ?? 0;
  const thin = whole > 0 ? years.flatMap((row) => {
    const n = row.by === "igbp" || row.by === "koppen" ? towers[row.by][row.region] ?? 0 : FEW;
    const share = (row.total_Pg_C ?? 0) / whole;
    return n < FEW && share >= LARGE && row.region !== "unknown" ? [`${row.region} carries ${Math.round(100 * share)} % of GPP and rests on ${count(n, "training tower")}: other towers of it would have given another total.`] : [];
  }) : [];
  return [`Training towers by class, those kept for validation or testing left out: ${said(towers.igbp)}; ${said(towers.koppen)}.`, ...thin];
}
