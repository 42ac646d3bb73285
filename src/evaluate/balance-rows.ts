import { asDay, monthOf } from "../core/days";
import { daysOf, hasColumn, isSimulated, numbers, siteRows, texts, type DailyTable } from "../data/daily-table";
import type { SiteId } from "../core/sites";
import type { Contender } from "./evaluate";
import { mean, quantile } from "./metrics";
import { alignPredictions } from "./observed";
import type { TableRow } from "./table";

/** Quarters by calendar month on both hemispheres: DJF is winter in the north and summer in the south. */
export const SEASONS = ["DJF", "MAM", "JJA", "SON"] as const;
export type Season = (typeof SEASONS)[number];

/** Season of a day. @example seasonOf(parseDay("20121231")) // "DJF" */
export function seasonOf(day: number): Season {
  return SEASONS[Math.floor((monthOf(asDay(day)) % 12) / 3)]!;
}

/** What a balance is counted by. */
export type BalanceBy = "all" | "site" | "season" | "variant";

/** Which days enter. */
export interface BalanceOptions {
  /** default: all sites of the table that no contender has seen */
  readonly sites?: readonly SiteId[];
  /** default: all, site, season and variant */
  readonly by?: readonly BalanceBy[];
}

/** The three fluxes of one source on each row of the table, as written and before clipping, g C m⁻² d⁻¹, NaN = missing. */
interface Source {
  readonly name: string;
  /** partition of a reference: `night` or `day`; `–` for a model, which has its own GPP and RECO */
  readonly partition: string;
  readonly at: (row: number) => readonly [gpp: number, reco: number, nee: number, rawGpp: number, rawReco: number];
}

/**
 * How far NEE = RECO − GPP fails to close, for the reference (night- and day-time partition, where the table has both) and for each model,
 * by site, season and target variant, g C m⁻² d⁻¹. All rows are over the same days: those on which the reference's night-time partition and
 * every model have all three fluxes; the day-time partition has its own count. `share_negative_*` is of the values before clipping;
 * `clip_*` is by how much clipping at 0 raises the mean flux; `raw_mean_abs` is the closure before clipping.
 * @throws WorkbookError MissingColumn for a table without the three fluxes
 * @source method §1 and §5: partitions are estimates, only USTAR50 closes exactly, clipping breaks closure
 * @example closureRows(table, [{ model: "tamrl", predictions }]).filter((r) => r.by === "season")
 */
export function closureRows(table: DailyTable, contenders: readonly Contender[], options: BalanceOptions = {}): TableRow[] {
  const night = reference(table, "night", "gpp", "reco");
  const day = hasColumn(table, "gpp_dt") && hasColumn(table, "reco_dt") ? [reference(table, "day", "gpp_dt", "reco_dt")] : [];
  const models = contenders.map((c) => model(table, c));
  const rows = commonRows(table, [night, ...models], contenders, options.sites);
  const data = isSimulated(table) ? "simulated" : "measured";
  return (options.by ?? ["all", "site", "season", "variant"]).flatMap((by) => {
    const groups = grouped(table, rows, by);
    return [...groups].flatMap(([stratum, members]) => [night, ...day, ...models].map((source): TableRow => ({ by, stratum, source: source.name, partition: source.partition, data, ...distribution(source, members) })));
  });
}

function reference(table: DailyTable, partition: string, gppName: string, recoName: string): Source {
  const [gpp, reco, nee] = [numbers(table, gppName), numbers(table, recoName), numbers(table, "nee")];
  return { name: "reference", partition, at: (row) => [gpp[row]!, reco[row]!, nee[row]!, gpp[row]!, reco[row]!] };
}

function model(table: DailyTable, { model: name, predictions: p }: Contender): Source {
  const at = alignPredictions(table, p);
  const missing = [NaN, NaN, NaN, NaN, NaN] as const;
  return { name, partition: "–", at: (row) => (at[row]! < 0 ? missing : [p.gpp[at[row]!]!, p.reco[at[row]!]!, p.nee[at[row]!]!, p.raw.gpp[at[row]!]!, p.raw.reco[at[row]!]!]) };
}

/** Rows of unseen sites on which every source has all three. */
function commonRows(table: DailyTable, sources: readonly Source[], contenders: readonly Contender[], sites?: readonly SiteId[]): number[] {
  const seen = new Set(contenders.flatMap((c) => [...(c.seen ?? [])]));
  const wanted = new Set((sites ?? table.sites.map((s) => s.site)).filter((s) => !seen.has(s)));
  const out: number[] = [];
  for (const { site, from, to } of siteRows(table)) {
    if (!wanted.has(site.site)) continue;
    for (let row = from; row < to; row++) if (sources.every((s) => Number.isFinite(residual(s.at(row))))) out.push(row);
  }
  return out;
}

function grouped(table: DailyTable, rows: readonly number[], by: BalanceBy): Map<string, number[]> {
  const [ids, variants, days] = [texts(table, "site"), texts(table, "target_variant"), daysOf(table)];
  const keyOf = (row: number): string => (by === "site" ? ids[row]! : by === "variant" ? (variants[row] ?? "unknown") : by === "season" ? seasonOf(days[row]!) : "all");
  const out = new Map<string, number[]>((by === "season" ? SEASONS : []).map((s): [string, number[]] => [s, []]));
  for (const row of rows) {
    const members = out.get(keyOf(row));
    if (members) members.push(row);
    else out.set(keyOf(row), [row]);
  }
  return out;
}

function residual([gpp, reco, nee]: readonly [number, number, number, ...number[]]): number {
  return nee - (reco - gpp);
}

function distribution(source: Source, rows: readonly number[]): TableRow {
  const values = rows.map((row) => source.at(row)).filter((v) => Number.isFinite(residual(v)));
  const closed = values.map(residual);
  const size = closed.map(Math.abs);
  const shareBelow = (k: 3 | 4): number | null => mean(values.map((v) => (v[k] < 0 ? 1 : 0)));
  const raised = (written: 0 | 1, raw: 3 | 4): number | null => mean(values.map((v) => v[written] - v[raw]));
  return {
    n_days: values.length, mean: mean(closed), mean_abs: mean(size), median_abs: quantile(size, 0.5), q05: quantile(closed, 0.05), q95: quantile(closed, 0.95), max_abs: quantile(size, 1),
    raw_mean_abs: mean(values.map((v) => Math.abs(residual([v[3], v[4], v[2]])))),
    share_negative_gpp: shareBelow(3), share_negative_reco: shareBelow(4), clip_gpp: raised(0, 3), clip_reco: raised(1, 4),
  };
}
