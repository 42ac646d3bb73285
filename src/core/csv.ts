/** A cell; NaN and null are missing and stand empty. */
export type CsvCell = string | number | boolean | null;

/**
 * Rows as CSV (RFC 4180, LF): one header line, missing cells empty, numbers at full precision. A text that a spreadsheet would run as a
 * formula gets an apostrophe before it.
 * @source RFC 4180; OWASP, CSV injection
 * @example toCsv([{ site: "DE-Hai", rmse: 1.5 }]) // "site,rmse\nDE-Hai,1.5\n"
 */
export function toCsv(rows: readonly Readonly<Record<string, CsvCell>>[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const lines = rows.map((row) => columns.map((column) => field(row[column] ?? null)).join(","));
  return [columns.map(field).join(","), ...lines].join("\n") + "\n";
}

function field(value: CsvCell): string {
  if (value === null || (typeof value === "number" && Number.isNaN(value))) return "";
  const text = typeof value === "string" && isFormula(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Whether a spreadsheet takes a text for a formula: by its beginning, unless it is a plain number. */
function isFormula(text: string): boolean {
  return /^[=+\-@＝＋－＠\t\r\n]/.test(text) && !/^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(text);
}
