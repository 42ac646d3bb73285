import type { ColumnTable } from "arquero";
import type * as Danfo from "danfojs-node";
import { asDay, formatDay } from "../core/days";
import { WorkbookError } from "../core/errors";

/** Rows that danfo handles at ease; its joins and groups slow down well before a million. */
export const DANFO_ROWS = 100_000;

/**
 * A danfo DataFrame of a small table, for those who think in pandas. `day` becomes a date text; missing numbers stay NaN.
 * @throws WorkbookError BadArgument above 100,000 rows
 * @example toDanfo(table.rows.filter(escape((r) => r.site === "DE-Hai"))).describe().print()
 */
export function toDanfo(table: ColumnTable): Danfo.DataFrame {
  const n = table.numRows();
  if (n > DANFO_ROWS) {
    throw new WorkbookError("BadArgument", `toDanfo: at most ${DANFO_ROWS.toLocaleString("en-US")} rows required, found ${n.toLocaleString("en-US")}; filter to a few sites first, or stay with arquero`);
  }
  const columns: Record<string, unknown[]> = {};
  for (const name of table.columnNames()) {
    const values = Array.from(table.array(name) as ArrayLike<unknown>);
    columns[name] = name === "day" ? values.map((v) => formatDay(asDay(v as number))) : values;
  }
  const danfo = require("danfojs-node") as typeof Danfo;
  return new danfo.DataFrame(columns);
}

/**
 * Rows of a danfo frame, as `show.table` takes them: danfo's own text breaks its lines in a narrow window. Its index becomes the column that `index` names.
 * @example show.table(fromDanfo(frame.describe(), "statistic"))
 */
export function fromDanfo(frame: Danfo.DataFrame, index?: string): Record<string, unknown>[] {
  const values = frame.values as unknown[][];
  return values.map((row, r) => ({ ...(index === undefined ? {} : { [index]: frame.index[r] }), ...Object.fromEntries(frame.columns.map((name: string, c: number) => [name, row[c]])) }));
}
