import { asDay, formatDay } from "../core/days";
import { WorkbookError } from "../core/errors";
import { FLUXES, type Flux } from "../core/quantities";
import type { SiteId } from "../core/sites";
import { daysOf, hasColumn, numbers, siteRows, type DailyTable, type SiteRows } from "../data/daily-table";
import type { Predictions } from "./predictions";

/**
 * Which observed days count: `published` = QC is 1, or unknown; `qc1` = QC is 1; `qc75` = QC of at least 0.75; `unknown` = no QC.
 * QC belongs to NEE; for GPP and RECO it is a convention.
 */
export type QcRule = "published" | "qc1" | "qc75" | "unknown";
export const QC_RULES: readonly QcRule[] = ["published", "qc1", "qc75", "unknown"];

/** QC is a share of half-hours stored in single precision: one of 48 is 0.02, so this is 1. */
const ONE = 1 - 1e-6;

/**
 * For each row of the table the row of its prediction, −1 where there is none `[row]`. Predictions for other sites and days are fine.
 * @throws WorkbookError BadArgument for columns of unequal length or two predictions for one site and day
 * @example alignPredictions(table, predictions)[0]
 */
export function alignPredictions(table: DailyTable, predictions: Predictions): Int32Array {
  const n = predictions.site.length;
  for (const [name, column] of Object.entries({ day: predictions.day, gpp: predictions.gpp, reco: predictions.reco, nee: predictions.nee, "raw.gpp": predictions.raw.gpp, "raw.reco": predictions.raw.reco })) {
    if (column.length !== n) throw new WorkbookError("BadArgument", `alignPredictions: ${name}: ${n} values required, one a site and day, got ${column.length}`, { column: name });
  }
  const days = daysOf(table);
  const out = new Int32Array(table.rows.numRows()).fill(-1);
  const rowsOf = new Map<SiteId, SiteRows>(siteRows(table).map((r) => [r.site.site, r]));
  for (let i = 0; i < n; i++) {
    const rows = rowsOf.get(predictions.site[i]!);
    const row = rows === undefined ? -1 : find(days, predictions.day[i]!, rows.from, rows.to);
    if (row < 0) continue;
    if (out[row] !== -1) {
      const [site, date] = [predictions.site[i]!, formatDay(asDay(predictions.day[i]!))];
      throw new WorkbookError("BadArgument", `alignPredictions: ${site}: one prediction a day required, got two for ${date}; write the predictions again`, { site, date });
    }
    out[row] = i;
  }
  return out;
}

/** Row of `day` among the ascending days of rows `from` to `to`, or −1. */
function find(days: Int32Array, day: number, from: number, to: number): number {
  let [low, high] = [from, to - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    if (days[middle] === day) return middle;
    if (days[middle]! < day) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/**
 * Whether a row has an observation of `flux` whose QC counts: 1 or 0 `[row]`. A table without QC has it unknown everywhere.
 * @throws WorkbookError MissingColumn when the table carries none of the three fluxes
 * @source method §3: testing keeps QC = 1; unknown QC is a stratum of its own
 * @example scorable(table, "nee", "published")
 */
export function scorable(table: DailyTable, flux: Flux, rule: QcRule): Uint8Array {
  const out = new Uint8Array(table.rows.numRows());
  if (!FLUXES.some((f) => hasColumn(table, f))) {
    throw new WorkbookError("MissingColumn", `evaluate: at least one observed flux (${FLUXES.join(", ")}) required, the table has none; give a table with fluxes`);
  }
  if (!hasColumn(table, flux)) return out;
  const values = numbers(table, flux);
  const qc = hasColumn(table, "nee_qc") ? numbers(table, "nee_qc") : null;
  for (let row = 0; row < out.length; row++) {
    if (Number.isFinite(values[row]!) && counts(rule, qc === null ? Number.NaN : qc[row]!)) out[row] = 1;
  }
  return out;
}

function counts(rule: QcRule, qc: number): boolean {
  if (Number.isNaN(qc)) return rule === "published" || rule === "unknown";
  if (rule === "unknown") return false;
  return rule === "qc75" ? qc >= 0.75 - 1e-6 : qc >= ONE;
}
