import { WorkbookError } from "../../core/errors";
import { saturation } from "../simulate/weather";
import { sortedKnown, statistic } from "../statistic";
import type { ScannedRows } from "./scan";
import { formatStamp } from "./stamps";

/** Rows of one look: a season of half-hours, and the fewest above freezing that tell. */
const SEASON = 48 * 90;
const TELLING = 1000;
/** Share of the saturation pressure that the driest half-hours of a season reach, at least, in hPa; and somewhere in the file, at least. */
const [HUMID, DRY] = [0.1, 0.5];

/**
 * Refuses a vapour pressure deficit whose unit changes within the file: a season in kPa never reaches a tenth of the saturation pressure,
 * though other seasons of the file reach half of it.
 * @throws WorkbookError BadUnit naming the lines of the season
 */
export function refuseMixedVpd(where: { readonly file: string; readonly site: string }, vpd: Float32Array, ta: Float32Array, rows: ScannedRows): void {
  const seasons: { readonly from: number; readonly to: number; readonly driest: number }[] = [];
  for (let from = 0; from < rows.n; from += SEASON) {
    const to = Math.min(rows.n, from + SEASON);
    const ratio = sortedKnown(vpd.slice(from, to).map((v, i) => (ta[from + i]! > 0 ? v / saturation(ta[from + i]!) : NaN)));
    if (ratio.length >= TELLING) seasons.push({ from, to, driest: statistic(ratio, "p99") });
  }
  const wrong = seasons.find((s) => s.driest < HUMID);
  if (wrong === undefined || !seasons.some((s) => s.driest > DRY)) return;
  const { file, site } = where;
  const place = `line ${rows.line[wrong.from]} (${formatStamp(rows.stamp[wrong.from]!)}) to line ${rows.line[wrong.to - 1]}`;
  throw new WorkbookError("BadUnit", `ingest: ${file}: ${site}: VPD in hPa throughout required, found from ${place} at most ${(100 * wrong.driest).toFixed(1)} % of the saturation pressure, which looks like kPa; multiply those lines by 10`, { file, site, column: "VPD", line: rows.line[wrong.from]! });
}
