import * as path from "node:path";
import { toCsv } from "../core/csv";
import { writeAtomic } from "../core/files";
import { writeJson } from "../core/json";
import type { Progress } from "../core/progress";
import { toMarkdown, type TableRow } from "../evaluate/table";
import { againstTruth, type TruthRow } from "./against-truth";
import { originOf } from "./store-origin";

/**
 * An upscaled virtual globe against its true fluxes as `truth.csv`, `truth.json` and `truth.md` in a folder. Only a simulated globe has a
 * truth, so every table says so.
 * @throws WorkbookError what `againstTruth` throws
 * @example await writeTruth("O.zarr", gridTruthPath("G.zarr"), "O-totals")
 */
export async function writeTruth(store: string, truth: string, dir: string, options: { readonly progress?: Progress } = {}): Promise<{ rows: TruthRow[]; files: string[] }> {
  const rows = await againstTruth(store, truth, options);
  const provenance = { ...(await originOf(store)), truth: path.basename(truth) };
  const [csv, json, markdown] = ["csv", "json", "md"].map((ending) => path.join(dir, `truth.${ending}`)) as [string, string, string];
  writeAtomic(csv, toCsv(rows.map((row) => ({ ...row, data: "simulated" }))));
  writeJson(json, { data: "simulated", rows, provenance });
  writeAtomic(markdown, `${truthMarkdown(rows)}\n`);
  return { rows, files: [csv, json, markdown] };
}

/**
 * The comparison for a person: cell R², RMSE and bias (g C m⁻² d⁻¹), share of days inside the cells' intervals, and totals, Pg C yr⁻¹, over
 * the days that store and truth both have.
 * @example truthMarkdown(await againstTruth("O.zarr", "G.truth.zarr"))
 */
export function truthMarkdown(rows: readonly TruthRow[]): string {
  return [
    "# Against the true fluxes of the simulated globe",
    "Cells inside and outside the area of applicability, over the days that store and truth both have; R² of cells whose truth varies enough for one; totals of those days on a year's length.",
    toMarkdown(rows.map(shown), 2).trimEnd(),
  ].join("\n\n");
}

function shown(row: TruthRow): TableRow {
  return {
    flux: row.flux.toUpperCase(), cells: row.part, n: row.cells, "R² q25": row.r2_q25, "R² median": row.r2_median, "R² q75": row.r2_q75, RMSE: row.rmse_mean, bias: row.bias_mean,
    "in 80 %": share(row.coverage_80), "in 90 %": share(row.coverage_90), "Pg C yr⁻¹": row.total, truth: row.total_true,
    "off by": offBy(row), data: "simulated",
  };
}

/** Of NEE, a small difference of two large fluxes, a percentage says nothing: Pg C yr⁻¹. */
function offBy({ flux, total, total_true }: TruthRow): string | null {
  const signed = (x: number, decimals: number): string => `${x < 0 ? "" : "+"}${x.toFixed(decimals)}`;
  if (flux === "nee") return `${signed(total - total_true, 2)} Pg C yr⁻¹`;
  return total_true === 0 ? null : `${signed(100 * (total / total_true - 1), 1)} %`;
}

function share(value: number | null): string | null {
  return value === null ? null : `${(100 * value).toFixed(0)} %`;
}
