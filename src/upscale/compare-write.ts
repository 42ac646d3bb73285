import * as path from "node:path";
import { toCsv } from "../core/csv";
import { formatDay } from "../core/days";
import { writeAtomic } from "../core/files";
import { writeJson } from "../core/json";
import { toMarkdown, type TableRow } from "../evaluate/table";
import type { SideRow, XbaseSideBySide } from "./compare-xbase";
import type { storeOrigin } from "./store-origin";

/**
 * Writes a comparison with X-BASE as `xbase.csv`, `xbase.json` and `xbase.md`, its words included.
 * @param provenance of the store, as `originOf` tells it
 * @example writeXbase(await besideXbase("O.zarr", "data/raw/xbase-monthly"), "O-maps", await originOf("O.zarr"))
 */
export function writeXbase(comparison: XbaseSideBySide, dir: string, provenance: ReturnType<typeof storeOrigin>): string[] {
  const { rows, words, path: store, product, simulated, n_months, n_cells, period } = comparison;
  const span = { first: formatDay(period.first), last: formatDay(period.last) };
  const [csv, json, markdown] = ["csv", "json", "md"].map((ending) => path.join(dir, `xbase.${ending}`)) as [string, string, string];
  writeAtomic(csv, toCsv(rows.map((row) => ({ ...row, data: simulated ? "simulated" : "measured" }))));
  writeJson(json, { path: store, product, simulated, n_months, n_cells, period: span, words, rows, provenance });
  writeAtomic(markdown, [
    `# Beside FLUXCOM-X-BASE${simulated ? ", simulated data" : ""}`,
    `${n_cells} cells and ${n_months} months that both have, ${span.first} to ${span.last}; means over this grid's land, g C m⁻² d⁻¹; totals of the common cells, Pg C yr⁻¹.`,
    toMarkdown(rows.filter((r) => r.period === "mean year").map(shown)),
    words.map((w) => `- ${w}`).join("\n"),
  ].join("\n\n") + "\n");
  return [csv, json, markdown];
}

function shown(row: SideRow): TableRow {
  const number = (v: number | null): string | null => (v === null ? null : v.toFixed(2));
  return {
    flux: row.flux.toUpperCase(), by: row.by, region: row.region, months: row.months, mean: number(row.own_mean), "X-BASE": number(row.xbase_mean), difference: number(row.difference),
    "total, Pg C yr⁻¹": number(row.own_Pg_C), "X-BASE, Pg C yr⁻¹": number(row.xbase_Pg_C), "common land": `${(100 * row.common_share).toFixed(1)} %`,
  };
}
