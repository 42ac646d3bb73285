import { count } from "../core/count";
import { duration } from "../core/progress";
import type { FetchResult } from "../data/sources/fetch";
import type { IngestReport } from "../data/ingest/ingest-report";
import type { DriverReport } from "../data/drivers/join-report";
import type { TrainResult } from "../run/train";

const SHOWN = 20;

/** What `ingest` read and left out, for a person. */
export function ingestText(report: IngestReport, out: string): string {
  const files = report.files.filter((f) => f.status !== "read").map((f) => `  ${f.status}: ${f.path}: ${f.reason}`);
  const excluded = report.excluded.map((e) => `  ${e.site}: ${e.reason}: ${e.days} days`);
  const read = report.files.filter((f) => f.status === "read").length;
  return [
    `${count(report.n_sites, "site")}, ${report.n_site_days} site-days with a flux, ${report.n_driver_days} rows in all, from ${read} of ${count(report.files.length, "file")} → ${out}${report.citations === undefined ? "" : `; what to cite → ${report.citations}`}`,
    ...head("drivers joined (days)", report.drivers === undefined ? [] : driverLines(report.drivers)), ...head("files not read", files), ...head("excluded", excluded), ...head("warnings", report.warnings.map((w) => `  ${w}`)),
  ].join("\n");
}

/** One line a column: what drivers filled, where they differ from the tower, what is still missing. */
function driverLines({ columns, rows_added, preparation }: DriverReport): string[] {
  const names = [...new Set(columns.map((c) => c.column))];
  const added = rows_added.reduce((sum, r) => sum + r.days, 0);
  return [
    ...names.map((name) => {
      const of = columns.filter((c) => c.column === name);
      const sum = (key: "filled" | "conflict" | "missing"): number => of.reduce((total, c) => total + c[key], 0);
      return `  ${name}: ${sum("filled")} filled at ${count(of.length, "site")}, ${sum("conflict")} in conflict (the tower's is kept), ${sum("missing")} still missing`;
    }),
    `  ${added} days with drivers alone; satellite values in ${preparation} mode`,
  ];
}

/** What `fetch` got, for a person. */
export function fetchText({ dataset, to, files, by_hand }: FetchResult): string {
  if (by_hand !== null) return `${dataset} is had by hand: ${by_hand}`;
  const lines = files.map((f) => `  ${f.name}: ${f.status}, ${(f.bytes / 1e6).toFixed(1)} MB, SHA-256 ${f.sha256.slice(0, 16)}… ${f.checked ? "as published" : "recorded"}`);
  return [`${count(files.length, "file")} of ${dataset} → ${to}`, ...lines].join("\n");
}

/** What a training run came to, for a person. */
export function trainText({ header, sites, windows, seconds, dir, warnings }: TrainResult): string {
  const line = `${header.config.model}: ${windows} windows of ${count(sites.train, "training site")}, ${count(sites.validation, "validation site")}, ${sites.test} held out; ${duration(seconds)} → ${dir}`;
  return [line, ...head("warnings", warnings.map((w) => `  ${w}`))].join("\n");
}

/** What could and could not be predicted, for a person. */
export function predictText(n: number, missing: readonly { site: string; reason: string; days: number }[], out: string, { spread, levels }: { readonly spread: string | null; readonly levels: readonly number[] }): string {
  const lost = missing.reduce((sum, m) => sum + m.days, 0);
  const more = spread === null ? [] : [levels.length > 0 ? `with ${spread} and intervals of daily values at ${levels.map((l) => 100 * l).join(" and ")} %; their ends must not be summed` : `with ${spread}; the ensemble has no calibration, so no intervals`];
  return [`${n - lost} of ${n} days predicted → ${out}`, ...more, ...head("without a prediction", missing.map((m) => `  ${m.site}: ${m.reason}: ${m.days} days`))].join("\n");
}

function head(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  return [title, ...lines.slice(0, SHOWN), ...(lines.length > SHOWN ? [`  … and ${lines.length - SHOWN} more (--json lists all)`] : [])];
}
