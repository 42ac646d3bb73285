import { hasColumn, numbers, texts, type DailyTable } from "../data/daily-table";
import { mean, quantile } from "./metrics";
import type { Aligned } from "./site-metrics";

/** How far NEE = RECO − GPP fails to close, g C m⁻² d⁻¹; null where no day has all three. */
export interface Balance {
  /** |NEE − (RECO − GPP)| of the prediction as written, GPP and RECO clipped at 0 */
  readonly mean_abs: number | null;
  readonly median_abs: number | null;
  readonly max_abs: number | null;
  /** the same before clipping */
  readonly raw_mean_abs: number | null;
  /** the same of the reference on these days: no model can be asked to close better than its target */
  readonly reference_mean_abs: number | null;
  /** target variant of the reference; several joined by " + " */
  readonly variant: string | null;
}

/**
 * Balance of a prediction and of its reference on the given rows of the table; rows that lack one of the three values are left out.
 * @param use 1 for the rows to take, those scored for at least one flux `[row]`
 * @source method §5: clipping breaks closure, so it is reported before and after; §1: only USTAR50 closes exactly
 * @example balance(table, aligned, use).reference_mean_abs
 */
export function balance(table: DailyTable, model: Aligned, use: Uint8Array): Balance {
  const { predictions: p, at } = model;
  const observed = (["gpp", "reco", "nee"] as const).map((f) => (hasColumn(table, f) ? numbers(table, f) : null));
  const variantOf = texts(table, "target_variant");
  const clipped: number[] = [];
  const raw: number[] = [];
  const reference: number[] = [];
  const variants = new Set<string>();
  for (let row = 0; row < use.length; row++) {
    const i = at[row]!;
    if (use[row] === 0 || i < 0) continue;
    add(clipped, p.gpp[i]!, p.reco[i]!, p.nee[i]!);
    add(raw, p.raw.gpp[i]!, p.raw.reco[i]!, p.nee[i]!);
    const [gpp, reco, nee] = observed.map((column) => (column === null ? Number.NaN : column[row]!)) as [number, number, number];
    if (add(reference, gpp, reco, nee)) variants.add(variantOf[row] ?? "unknown");
  }
  return {
    mean_abs: mean(clipped),
    median_abs: quantile(clipped, 0.5),
    max_abs: quantile(clipped, 1),
    raw_mean_abs: mean(raw),
    reference_mean_abs: mean(reference),
    variant: variants.size === 0 ? null : [...variants].sort().join(" + "),
  };
}

/** Adds the residual where all three are there. */
function add(to: number[], gpp: number, reco: number, nee: number): boolean {
  const residual = Math.abs(nee - (reco - gpp));
  if (!Number.isFinite(residual)) return false;
  to.push(residual);
  return true;
}
