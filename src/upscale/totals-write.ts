import * as path from "node:path";
import { toCsv } from "../core/csv";
import { formatDay } from "../core/days";
import { writeAtomic } from "../core/files";
import { writeJson } from "../core/json";
import { removeLeftovers } from "../core/leftovers";
import { toMarkdown, type TableRow } from "../evaluate/table";
import { originOf } from "./store-origin";
import { gridTotals, type GridTotals, type TotalsOptions } from "./totals";
import type { TotalRow } from "./totals-rows";

/**
 * Totals of an upscaled store as `totals.csv`, `totals.json` and `totals.md` in a folder.
 * @throws WorkbookError what `gridTotals` throws
 * @example await writeTotals("O.zarr", "O-totals")
 */
export async function writeTotals(store: string, dir: string, options: TotalsOptions = {}): Promise<{ totals: GridTotals; files: string[] }> {
  const totals = await gridTotals(store, options);
  const provenance = await originOf(store);
  removeLeftovers(dir);
  const [csv, json, markdown] = ["csv", "json", "md"].map((ending) => path.join(dir, `totals.${ending}`)) as [string, string, string];
  const { uncertainty, simulated } = totals;
  writeAtomic(csv, toCsv(totals.rows.map((row) => ({ ...row, uncertainty: uncertainty.label, data: simulated ? "simulated" : "measured" }))));
  writeJson(json, { ...totals, period: { first: formatDay(totals.period.first), last: formatDay(totals.period.last) }, provenance });
  writeAtomic(markdown, totalsMarkdown(totals));
  return { totals, files: [csv, json, markdown] };
}

/** Totals as a page: the mean year by region, seasons and years of the whole, what is missing. @example totalsMarkdown(await gridTotals("O.zarr")) */
export function totalsMarkdown({ rows, gaps, land, period, simulated, uncertainty, notes }: GridTotals): string {
  const mean = rows.filter((r) => r.period === "mean year");
  const whole = rows.filter((r) => r.by === "all" && r.period !== "mean year");
  const title = `# Totals of GPP, RECO and NEE${simulated ? ", simulated data" : ""}`;
  const about = `${formatDay(period.first)} to ${formatDay(period.last)}; land ${land.Mkm2.toFixed(2)} million km² in ${land.cells} cells; uncertainty: ${uncertainty.label}.`;
  return [
    title, about,
    "## Mean year, Pg C yr⁻¹", toMarkdown(mean.map(shown)),
    "## Seasons (Pg C, four make the mean year) and years (Pg C yr⁻¹)", toMarkdown(whole.map(shown)),
    ...(gaps.length > 0 ? ["## Land without a flux", toMarkdown(gaps.map((g): TableRow => ({ ...g })))] : []),
    notes.map((note) => `- ${note}`).join("\n"),
  ].join("\n\n") + "\n";
}

function shown(row: TotalRow): TableRow {
  const range = row.low !== null ? `${row.low.toFixed(2)} … ${row.high!.toFixed(2)}` : row.sd === null ? null : `sd ${row.sd.toFixed(2)}`;
  return {
    flux: row.flux.toUpperCase(), by: row.by, region: row.region, period: row.period, months: row.months, total: row.total_Pg_C === null ? null : row.total_Pg_C.toFixed(2), range,
    "g C m⁻² d⁻¹": row.mean_g_C_m2_d === null ? null : row.mean_g_C_m2_d.toFixed(2), "land, Mkm²": row.land_Mkm2.toFixed(2),
    "land with a flux": percent(row.predicted_share), filled: percent(row.filled_share),
  };
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
