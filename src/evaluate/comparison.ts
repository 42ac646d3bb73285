import * as fs from "node:fs";
import * as path from "node:path";
import { toCsv } from "../core/csv";
import { writeAtomic } from "../core/files";
import { markdownText } from "../core/markdown";
import { clusterSites } from "../data/splits/clusters";
import { hasColumn, isSimulated, type DailyTable } from "../data/daily-table";
import { closureRows } from "./balance-rows";
import { fewBehind, gainRows, mainRows, paperShape, publishedRows, shortGains, type ModelGroup } from "./comparison-table";
import { coverageRows, siteCoverage } from "./conformal-coverage";
import type { Contender, Metrics } from "./evaluate";
import type { SiteId } from "../core/sites";
import { seedMeans, type SeedMeans } from "./seed-means";
import { errorPartRows, strataRows, timeScaleRows } from "./strata";
import { balanceRows, toMarkdown, type TableRow } from "./table";

/** A comparison's tables, as rows. */
export interface Comparison {
  readonly main: readonly TableRow[];
  /** the focus model against every other */
  readonly gains: readonly TableRow[];
  /** the same two tables of the mean of each model's seeds; empty where no model has two */
  readonly seedMeans: SeedMeans;
  readonly strata: readonly TableRow[];
  readonly timeScales: readonly TableRow[];
  readonly errorParts: readonly TableRow[];
  readonly closure: readonly TableRow[];
  /** empty where no contender has intervals */
  readonly coverage: readonly TableRow[];
}

/** What a comparison is made of: contenders with their metrics in the same order; contenders of one name are seeds of one model. */
export interface ComparisonParts {
  readonly table: DailyTable;
  readonly contenders: readonly Contender[];
  readonly metrics: readonly Metrics[];
  readonly sites: readonly SiteId[];
  /** the model whose gains are told; default tamrl where it is one of them, else the last */
  readonly focus?: string;
  /** of the bootstrap */
  readonly seed?: number;
  readonly draws?: number;
}

/**
 * Every table of a comparison.
 * @throws WorkbookError as `compare` and `pairedBootstrap`
 * @example comparison({ table, contenders, metrics: compare(table, contenders, { tableName }), sites }).gains
 */
export function comparison(parts: ComparisonParts): Comparison {
  const { table, contenders, metrics, sites } = parts;
  const names = [...new Set(contenders.map((c) => c.model))];
  const groups = names.map((model): ModelGroup => ({ model, seeds: metrics.filter((_, i) => contenders[i]!.model === model) }));
  const focus = parts.focus ?? (names.includes("tamrl") ? "tamrl" : names[names.length - 1]!);
  const bootstrap = { seed: parts.seed ?? 1, ...(parts.draws === undefined ? {} : { draws: parts.draws }) };
  const closed = ["gpp", "reco", "nee"].every((flux) => hasColumn(table, flux));
  return {
    main: mainRows(groups),
    gains: names.length > 1 ? gainRows(groups, focus, clusterSites(table.sites), bootstrap) : [],
    seedMeans: seedMeans(table, contenders, { tableName: metrics[0]!.table, sites, focus, ...bootstrap }),
    strata: strataRows(table, contenders, { sites }), timeScales: timeScaleRows(table, contenders, { sites }), errorParts: errorPartRows(table, contenders, { sites }),
    closure: closed ? closureRows(table, contenders, { sites }) : [],
    coverage: contenders.flatMap((c) => coverageRows(table, c.model, siteCoverage(table, c.predictions, { sites, ...(c.seen ? { seen: c.seen } : {}) }))),
  };
}

/**
 * Writes a comparison: table.csv, gains.csv, seed-means.csv and seed-mean-gains.csv (of several seeds), strata.csv, time-scales.csv,
 * error-parts.csv, closure.csv, coverage.csv (of calibrated ensembles), and table.md, which shows what a page can hold. A table without rows is not written.
 * @example writeComparison("out/comparison", comparison(parts), metrics, table)
 */
export function writeComparison(dir: string, all: Comparison, metrics: readonly Metrics[], table: DailyTable): void {
  const files: readonly (readonly [string, readonly TableRow[]])[] = [
    ["table.csv", all.main], ["gains.csv", all.gains], ["seed-means.csv", all.seedMeans.main], ["seed-mean-gains.csv", all.seedMeans.gains],
    ["strata.csv", all.strata], ["time-scales.csv", all.timeScales], ["error-parts.csv", all.errorParts], ["closure.csv", all.closure], ["coverage.csv", all.coverage],
  ];
  for (const [name, rows] of files) {
    if (rows.length > 0) writeAtomic(path.join(dir, name), toCsv(rows));
    else fs.rmSync(path.join(dir, name), { force: true });
  }
  writeAtomic(path.join(dir, "table.md"), comparisonMarkdown(all, metrics, isSimulated(table)));
}

/** A titled table of a page, and what must be said under it. */
type Section = readonly [title: string, rows: readonly TableRow[], note?: string | null];

/**
 * A comparison as a page of Markdown: the paper's shape by median and by mean, everything else about the scores, gains, time scales, error
 * parts, balance, coverage, and published numbers marked as not of these sites.
 * @example process.stdout.write(comparisonMarkdown(all, metrics, false))
 */
export function comparisonMarkdown(all: Comparison, metrics: readonly Metrics[], simulated: boolean): string {
  return page(simulated, [
    ...headline(all),
    ["Means over sites (R² clipped at 0)", paperShape(all.main, "mean")],
    ["The mean of the seeds' predictions: medians over sites", paperShape(all.seedMeans.main, "median")],
    ["The mean of the seeds' predictions: means over sites (R² clipped at 0)", paperShape(all.seedMeans.main, "mean")],
    [`The mean of the seeds' predictions against each reference: ${focusOf(all)} − reference, as above`, shortGains(all.seedMeans.gains), fewBehind(all.seedMeans.gains)],
    ["All aggregations", all.main],
    ["By time scale", all.timeScales],
    ["Parts of the mean squared error, (g C m⁻² d⁻¹)²: bias² + variance + phase, and bias² + seasonal + day to day", all.errorParts],
    ["By QC", all.strata.filter((r) => r["by"] === "qc")],
    ["Carbon balance, |NEE − (RECO − GPP)|, g C m⁻² d⁻¹", balanceRows(metrics)],
    ["Coverage of intervals by site", all.coverage],
    ["Published numbers: not the same sites, compare the order of models only", publishedRows()],
  ]);
}

/** What a terminal can hold of it: medians and gains. @example process.stdout.write(comparisonBrief(all, false)) */
export function comparisonBrief(all: Comparison, simulated: boolean): string {
  return page(simulated, headline(all));
}

function headline(all: Comparison): Section[] {
  return [
    ["Medians over sites (RMSE in g C m⁻² d⁻¹)", paperShape(all.main, "median")],
    [`Against each reference: ${markdownText(focusOf(all))} − reference, 95 % interval of a paired bootstrap over clusters, seeds resampled inside; R² gain only where the reference exceeds 0.1`, shortGains(all.gains), fewBehind(all.gains)],
  ];
}

const focusOf = (all: Comparison): string => String(all.gains[0]?.["model"] ?? "");

function page(simulated: boolean, sections: readonly Section[]): string {
  const word = simulated ? "Simulated data: these numbers test the code, not the paper's claim.\n\n" : "";
  return `${word}${sections.filter(([, rows]) => rows.length > 0).map(([title, rows, note]) => `**${title}**\n\n${toMarkdown(rows)}${note ? `\n${note}\n` : ""}`).join("\n")}`;
}
