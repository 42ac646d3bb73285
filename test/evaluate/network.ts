import { random } from "../../src/core/random";
import type { Igbp, Koppen } from "../../src/core/quantities";
import type { Site } from "../../src/core/sites";
import { dailyTable, daysOf, numbers, texts, type DailyTable } from "../../src/data/daily-table";
import type { Predictions } from "../../src/evaluate/predictions";

/** A site of the test table: how many days, and what its QC is. */
export interface Plan {
  readonly id: string;
  readonly days: number;
  readonly qc?: (day: number) => number;
  readonly igbp?: Igbp | null;
  readonly koppen?: Koppen | null;
}

/** A closed table: seasonal GPP and RECO, NEE their difference, QC 1 unless planned. */
export function planned(plans: readonly Plan[], variant: string | null = "VUT_USTAR50"): DailyTable {
  const site = plans.flatMap((p) => new Array<string>(p.days).fill(p.id));
  const day = Int32Array.from(plans.flatMap((p) => Array.from({ length: p.days }, (_, d) => d)));
  const r = random(1, "planned");
  const gpp = Float32Array.from(day, (d) => 5 - 4 * Math.cos(d / 58) + r.normal());
  const reco = Float32Array.from(day, (d) => 4 - 2 * Math.cos(d / 58) + 0.5 * r.normal());
  const nee = gpp.map((g, i) => reco[i]! - g);
  const nee_qc = Float32Array.from(plans.flatMap((p) => Array.from({ length: p.days }, (_, d) => p.qc?.(d) ?? 1)));
  const sites = plans.map((p, i): Site => ({ site: p.id, lat: i * 2, lon: 0, igbp: p.igbp === undefined ? "ENF" : p.igbp, koppen: p.koppen === undefined ? "C" : p.koppen, koppenDetail: null }));
  return dailyTable({ site, day, numbers: { gpp, reco, nee, nee_qc }, text: { target_variant: site.map(() => variant) } }, sites);
}

/** Predictions made of a table's own fluxes: scaled, shifted, with noise of `sd`; raw values are not clipped. */
export function predicted(table: DailyTable, how: { scale?: number; shift?: number; sd?: number; seed?: number; keep?: (site: string, day: number) => boolean } = {}): Predictions {
  const { scale = 1, shift = 0, sd = 0, seed = 1, keep = () => true } = how;
  const r = random(seed, "predicted");
  const days = daysOf(table);
  const ids = texts(table, "site") as readonly string[];
  const rows = Array.from(days, (_, i) => i).filter((i) => keep(ids[i]!, days[i]!));
  const of = (name: string): Float32Array => {
    const column = numbers(table, name);
    return Float32Array.from(rows, (i) => scale * column[i]! + shift + sd * r.normal());
  };
  const raw = { gpp: of("gpp"), reco: of("reco") };
  return { site: rows.map((i) => ids[i]!), day: Int32Array.from(rows, (i) => days[i]!), gpp: raw.gpp.map((v) => Math.max(0, v)), reco: raw.reco.map((v) => Math.max(0, v)), nee: of("nee"), raw };
}
