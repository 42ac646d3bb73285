import { columnSpec } from "../../core/columns";
import { WorkbookError } from "../../core/errors";
import type { Found } from "../towers/header";
import { extent, sortedKnown, statistic } from "./statistic";

/** Fewest days on which two columns are compared. */
const PAIRED_DAYS = 100;

/**
 * Refuses a column whose values look like another unit: by the checks of data/variables.json, and where the median lies outside the
 * physically possible range. A conversion is never guessed.
 * @throws WorkbookError BadUnit
 */
export function checkUnits(file: string, site: string, found: Found, values: Float32Array, by = "ingest"): void {
  const { known, least, most } = extent(values);
  let inOrder: Float32Array | undefined;
  const sorted = (): Float32Array => (inOrder ??= sortedKnown(values));
  for (const check of found.variable.checks) {
    if (known < (check.days ?? 1)) continue;
    const { above = Infinity, below = -Infinity } = check;
    // Every statistic lies between the extremes, so that values need seldom be sorted.
    const [from, to] = check.stat === "p99abs" ? [0, Math.max(-least, most)] : [least, most];
    if (!(to > above || from < below)) continue;
    const value = statistic(sorted(), check.stat);
    if (!(value > above || value < below)) continue;
    throw badUnit(file, site, found, `${check.stat} ${short(value)}, which looks like ${check.looks}`, check.cure, by);
  }
  const [low, high] = columnSpec(found.variable.column)!.range;
  if (known > 0 && least >= low && most <= high) return;
  const median = statistic(sorted(), "median");
  // Where the median is possible, at least half of the values are.
  if (median >= low && median <= high) return;
  const outside = sorted().reduce((n, v) => n + (v < low || v > high ? 1 : 0), 0);
  throw badUnit(file, site, found, `${outside} of ${known} values outside ${low}…${high} (median ${short(median)})`, "convert the unit or remove the column", by);
}

/**
 * Refuses a vapour pressure deficit in kPa: seen against the saturation pressure of the same days, of which even humid sites reach
 * a third on their dry days, whatever the climate.
 * @throws WorkbookError BadUnit
 * @source saturation pressure, Magnus form: Allen et al. 1998, FAO 56, eq. 11
 */
export function checkVpd(file: string, site: string, found: Found, numbers: ReadonlyMap<string, Float32Array>): void {
  const ta = numbers.get("ta_degC");
  const vpd = numbers.get("vpd_hPa");
  if (!ta || !vpd) return;
  const ratio = vpd.map((v, i) => (ta[i]! > 0 ? v / (6.108 * Math.exp((17.27 * ta[i]!) / (ta[i]! + 237.3))) : NaN));
  const sorted = sortedKnown(ratio);
  if (sorted.length < PAIRED_DAYS) return;
  const dry = statistic(sorted, "p95");
  if (dry < 0.1) throw badUnit(file, site, found, `at most ${(100 * dry).toFixed(1)} % of the saturation pressure even on dry days, which looks like kPa`, "multiply by 10");
}

/**
 * Refuses fluxes that contradict NEE = RECO − GPP in sign or in scale: with partition noise alone they never do.
 * @throws WorkbookError BadUnit
 */
export function checkFluxUnits(file: string, site: string, numbers: ReadonlyMap<string, Float32Array>): void {
  const [gpp, reco, nee] = ["gpp", "reco", "nee"].map((name) => numbers.get(name));
  if (!gpp || !reco || !nee) return;
  let [n, sa, sb, saa, sbb, sab] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < nee.length; i++) {
    const [a, b] = [nee[i]!, reco[i]! - gpp[i]!];
    if (a !== a || b !== b) continue;
    n++;
    sa += a;
    sb += b;
    saa += a * a;
    sbb += b * b;
    sab += a * b;
  }
  if (n < PAIRED_DAYS) return;
  const [va, vb, cov] = [saa / n - (sa / n) ** 2, sbb / n - (sb / n) ** 2, sab / n - (sa / n) * (sb / n)];
  const r = cov / Math.sqrt(va * vb);
  const scale = Math.sqrt(vb / va);
  const where = { file, site, column: "nee" };
  if (r < -0.5) throw new WorkbookError("BadUnit", `ingest: ${file}: ${site}: NEE = RECO − GPP (negative = uptake) required, found them opposed (correlation ${r.toFixed(2)}); change the sign of NEE`, where);
  if (r > 0.5 && (scale > 5 || scale < 0.2)) throw new WorkbookError("BadUnit", `ingest: ${file}: ${site}: GPP, RECO and NEE in the same unit required, found RECO − GPP varying ${short(scale)} times as much as NEE; convert them to g C m⁻² d⁻¹`, where);
}

function badUnit(file: string, site: string, found: Found, seen: string, cure: string, by = "ingest"): WorkbookError {
  const column = found.variable.column;
  const name = found.name === column ? column : `${found.name} (${column})`;
  const unit = columnSpec(column)!.unit;
  return new WorkbookError("BadUnit", `${by}: ${file}: ${site}: ${name} ${unit === "1" ? "as a share or index without unit" : `in ${unit}`} required, found ${seen}; ${cure}`, { file, site, column });
}

const short = (value: number): string => String(Number(value.toPrecision(4)));
