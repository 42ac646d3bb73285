import type { ColumnTable } from "arquero";
import { columnSpec } from "../core/columns";
import { asDay, formatDay } from "../core/days";
import { escapeHtml } from "./escape";

/** A row as a notebook or report gives it. */
export type TableInput = readonly object[] | ColumnTable;
type TableRow = Readonly<Record<string, unknown>>;

export interface TableOptions {
  /** decimals of numbers that are not whole (default 2) */
  readonly digits?: number;
  /** rows shown (default 20); the rest is counted under the table */
  readonly limit?: number;
  /** unit by column; canonical columns have theirs already */
  readonly units?: Readonly<Record<string, string>>;
  readonly caption?: string;
}

/** A table as text, ready to be laid out. */
export interface Cells {
  readonly header: readonly string[];
  /** whether the column holds numbers, which stand right */
  readonly numeric: readonly boolean[];
  readonly rows: readonly (readonly string[])[];
  readonly caption: string | null;
  /** what was left out, or null */
  readonly note: string | null;
}

/** A column of texts no longer than this does not break its lines. */
const SHORT = 26;

/** Below this a number has a power of ten: its noughts would hide how small it is. */
const TINY = 1e-4;

/** What stands for a missing value. */
const MISSING = "–";

/**
 * Lays rows or an arquero table out as text: units in the header, days as dates, missing as "–", columns of whole numbers without decimals.
 * @example cellsOf([{ site: "DE-Hai", gpp: 4.217 }]).rows // [["DE-Hai", "4.22"]]
 */
export function cellsOf(input: TableInput, options: TableOptions = {}): Cells {
  const { digits = 2, limit = 20 } = options;
  const table = isArquero(input) ? input : null;
  const total = table === null ? (input as readonly object[]).length : table.numRows();
  const shown = table === null ? ((input as readonly object[]).slice(0, limit) as TableRow[]) : (table.objects({ limit }) as TableRow[]);
  const names = table === null ? [...new Set(shown.flatMap((row) => Object.keys(row)))] : table.columnNames();
  const header = names.map((name) => {
    const unit = options.units?.[name] ?? columnSpec(name)?.unit;
    return unit === undefined || unit === "1" ? name : `${name} (${unit})`;
  });
  const numeric = names.map((name) => shown.some((row) => typeof row[name] === "number") && shown.every((row) => row[name] == null || typeof row[name] === "number"));
  const whole = names.map((name) => shown.every((row) => typeof row[name] !== "number" || !Number.isFinite(row[name]) || Number.isInteger(row[name])));
  const rows = shown.map((row) => names.map((name, i) => cell(name, row[name], whole[i]! ? 0 : digits)));
  const note = total > shown.length ? `${shown.length} of ${total.toLocaleString("en-US")} rows shown` : null;
  return { header, numeric, rows, caption: options.caption ?? null, note };
}

function isArquero(input: TableInput): input is ColumnTable {
  return typeof (input as ColumnTable).numRows === "function";
}

/** `digits` 0 is that of a column that holds whole numbers only; in any other a whole number has the decimals of its neighbours. */
function cell(name: string, value: unknown, digits: number): string {
  if (value === null || value === undefined || value === "") return MISSING;
  if (typeof value !== "number") return String(value);
  if (name === "day" && Number.isInteger(value)) return formatDay(asDay(value));
  return Number.isInteger(value) ? value.toFixed(digits) : formatNumber(value, digits);
}

/** A number with `digits` decimals; one too small for them keeps its first figures. @example formatNumber(0.00012, 2) // "0.00012" */
export function formatNumber(value: number, digits: number): string {
  if (Number.isNaN(value)) return MISSING;
  if (Number.isInteger(value)) return String(value);
  if (Math.abs(value) < TINY) return value.toExponential(1);
  if (Math.abs(value) < 0.5 * 10 ** -digits) return String(Number(value.toPrecision(Math.max(1, digits))));
  return value.toFixed(digits);
}

/** What a page needs besides, to find its way in a table. */
export interface TableMarks {
  readonly className?: string;
  /** rows carry their number as `data-row`, and their first cell is a header */
  readonly numbered?: boolean;
}

/** The cells as an accessible HTML table. @example cellsToHtml(cellsOf(rows)) */
export function cellsToHtml(cells: Cells, { className, numbered = false }: TableMarks = {}): string {
  // numbers, ids and dates stay in one line, sentences may break; so may the header of a number, with its unit
  const short = cells.header.map((_, i) => cells.rows.every((row) => row[i]!.length <= SHORT));
  const align = (i: number, nowrap = true): string => (cells.numeric[i] ? ` style="text-align:right${nowrap ? ";white-space:nowrap" : ""}"` : ` style="text-align:left${short[i] ? ";white-space:nowrap" : ""}"`);
  const head = cells.header.map((h, i) => `<th scope="col"${align(i, false)}>${escapeHtml(h)}</th>`).join("");
  const cell = (text: string, i: number): string => (numbered && i === 0 ? `<th scope="row">${escapeHtml(text)}</th>` : `<td${align(i)}>${escapeHtml(text)}</td>`);
  const body = cells.rows.map((row, r) => `<tr${numbered ? ` data-row="${r}"` : ""}>${row.map(cell).join("")}</tr>`).join("\n");
  const caption = cells.caption === null ? "" : `<caption style="text-align:left">${escapeHtml(cells.caption)}</caption>\n`;
  const note = cells.note === null ? "" : `\n<p><small>${escapeHtml(cells.note)}</small></p>`;
  return `<table${className === undefined ? "" : ` class="${className}"`}>\n${caption}<thead><tr>${head}</tr></thead>\n<tbody>\n${body}\n</tbody>\n</table>${note}`;
}

/** The cells as plain text in columns. @example cellsToText(cellsOf(rows)) */
export function cellsToText(cells: Cells): string {
  const width = cells.header.map((h, i) => Math.max(h.length, ...cells.rows.map((row) => row[i]!.length)));
  const line = (row: readonly string[]): string =>
    row.map((text, i) => (cells.numeric[i] ? text.padStart(width[i]!) : text.padEnd(width[i]!))).join("  ").trimEnd();
  const lines = [line(cells.header), width.map((w) => "-".repeat(w)).join("  "), ...cells.rows.map(line)];
  return [...(cells.caption === null ? [] : [cells.caption]), ...lines, ...(cells.note === null ? [] : [cells.note])].join("\n");
}
