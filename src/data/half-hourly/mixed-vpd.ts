import { WorkbookError } from "../../core/errors";
import { saturation } from "../simulate/weather";
import type { ScannedRows } from "./scan";
import { formatStamp } from "./stamps";

/** Rows of one look: a season of half-hours. */
const SEASON = 48 * 90;
/** Every so many rows are looked at: all hours of the day come in turn. */
const STRIDE = 5;
/** Fewest rows above freezing that tell. */
const TELLING = 200;
/** Share of the saturation pressure that a hundredth of any season's half-hours exceed, in hPa; and a hundredth of some season's. */
const HUMID = 0.1;
const DRY = 0.5;
const HUNDREDTH = 0.01;

/**
 * Refuses a vapour pressure deficit whose unit changes within the file: a season in kPa never reaches a tenth of the saturation pressure,
 * though other seasons of the file reach half of it.
 * @throws WorkbookError BadUnit naming the lines of the season
 */
export function refuseMixedVpd(where: { readonly file: string; readonly site: string }, vpd: Float32Array, ta: Float32Array, rows: ScannedRows): void {
  const seasons: { readonly from: number; readonly to: number; readonly humid: boolean; readonly dry: boolean }[] = [];
  for (let from = 0; from < rows.n; from += SEASON) {
    const to = Math.min(rows.n, from + SEASON);
    let [known, aboveHumid, aboveDry] = [0, 0, 0];
    for (let i = from; i < to; i += STRIDE) {
      const [v, t] = [vpd[i]!, ta[i]!];
      if (v !== v || !(t > 0)) continue;
      const ratio = v / saturation(t);
      known++;
      if (ratio > HUMID) aboveHumid++;
      if (ratio > DRY) aboveDry++;
    }
    if (known >= TELLING) seasons.push({ from, to, humid: aboveHumid < HUNDREDTH * known, dry: aboveDry > HUNDREDTH * known });
  }
  const wrong = seasons.find((s) => s.humid);
  if (wrong === undefined || !seasons.some((s) => s.dry)) return;
  const { file, site } = where;
  const place = `line ${rows.line[wrong.from]} (${formatStamp(rows.stamp[wrong.from]!)}) to line ${rows.line[wrong.to - 1]}`;
  throw new WorkbookError("BadUnit", `ingest: ${file}: ${site}: VPD in hPa throughout required, found from ${place} hardly a value above ${100 * HUMID} % of the saturation pressure, which looks like kPa; multiply those lines by 10`, { file, site, column: "VPD", line: rows.line[wrong.from]! });
}
