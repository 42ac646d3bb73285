import type { Cell, Row } from "./figure";

/**
 * A figure's data as CSV (RFC 4180, LF): one header line, missing cells empty, numbers at full precision.
 * @source RFC 4180
 * @example toCsv([{ site: "DE-Hai", rmse: 1.5 }]) // "site,rmse\nDE-Hai,1.5\n"
 */
export function toCsv(rows: readonly Row[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const lines = rows.map((row) => columns.map((column) => field(row[column] ?? null)).join(","));
  return [columns.map(field).join(","), ...lines].join("\n") + "\n";
}

function field(value: Cell): string {
  if (value === null || (typeof value === "number" && Number.isNaN(value))) return "";
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
