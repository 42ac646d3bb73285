import { FLUXES, type Flux } from "../core/quantities";
import type { Comparison } from "../evaluate/comparison";
import type { TableRow } from "../evaluate/table";
import { differences } from "./differences";
import type { Figure, FigureContext, Period } from "./figure";
import { modelBars, type ModelScore } from "./model-bars";
import { MODEL_STYLE } from "./style";

/**
 * The scores of all models as bars, seeds of a model averaged, and how sure the focus model's differences to the others are.
 * @example scoreFigures(evaluation.comparison, { period, simulated })
 */
export function scoreFigures({ main, gains }: Comparison, context: FigureContext & { readonly period: Period | null }): Figure[] {
  const value = (row: TableRow, key: string): number | null => row[key] as number | null;
  const bars = (["rmse", "r2"] as const).map((metric) => {
    const rows = main.map((r): ModelScore => ({
      model: String(r["model"]), flux: r["flux"] as Flux, q25: value(r, `${metric}_q25`), median: value(r, `${metric}_median`), q75: value(r, `${metric}_q75`), sites: value(r, metric === "r2" ? "n_r2" : "n_sites") ?? 0,
    }));
    return { rows, metric };
  });
  const drawn = bars.filter(({ rows }) => rows.some((r) => r.median !== null)).map(({ rows, metric }) => modelBars(rows, { metric, ...context }));
  const sure = gains.filter((r) => value(r, "d_rmse_mean") !== null);
  if (sure.length === 0) return drawn;
  const name = (model: unknown): string => MODEL_STYLE[String(model)]?.label ?? String(model);
  const focus = name(gains[0]!["model"]);
  const rows = sure.map((r) => ({ arm: `${focus} − ${name(r["reference"])}`, flux: r["flux"] as Flux, difference: value(r, "d_rmse_mean"), low: value(r, "d_rmse_mean_low"), high: value(r, "d_rmse_mean_high"), clusters: value(r, "n_clusters") ?? 0 }));
  return [...drawn, differences(rows.filter((r) => FLUXES.includes(r.flux)), { reference: "each other model", ...context })];
}
