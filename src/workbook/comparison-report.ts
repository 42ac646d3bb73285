import * as fs from "node:fs";
import * as path from "node:path";
import { count } from "../core/count";
import { readJson } from "../core/json";
import { isSimulated, type DailyTable } from "../data/daily-table";
import type { Comparison } from "../evaluate/comparison";
import { fewBehind, paperShape, shortGains } from "../evaluate/comparison-table";
import type { Evaluation } from "../evaluate/evaluate-runs";
import { PUBLISHED } from "../evaluate/reference";
import { balanceRows, comparisonRows, type TableRow } from "../evaluate/table";
import type { Figure } from "../figures/figure";
import type { Provenance } from "../run/provenance";
import type { NotebookResult } from "./notebooks";
import { writeReport, type ReportPart, type ReportSection } from "./report";
import { siteDetails } from "./report-sites";
import { runCard } from "./run-card";
import type { DrawnFigure } from "./show";

/** What the report of one run or of a comparison is made of. */
export interface ComparisonReport {
  readonly table: DailyTable;
  readonly tableName: string;
  readonly evaluation: Evaluation;
  /** run directories, in the evaluation's order */
  readonly runs: readonly string[];
  /** the model whose scores stand in the list of sites */
  readonly focus: string;
  readonly figures: readonly (Figure | DrawnFigure)[];
  readonly notebooks: readonly NotebookResult[];
  readonly provenance: Provenance;
  /** how the data and runs were made, where the report's writer knows */
  readonly note: string;
}

/**
 * Writes a run or a comparison as one self-contained HTML page: scores, gains, figures, every site, errors, balance, runs, provenance.
 * @throws WorkbookError BadArgument when the page would be over 5 MB
 * @example writeComparisonReport("out/report.html", parts)
 */
export function writeComparisonReport(file: string, parts: ComparisonReport): void {
  const { evaluation, table } = parts;
  const simulated = isSimulated(table);
  const first = evaluation.metrics[0]!;
  const alone = evaluation.names.length === 1;
  const { n_sites, n_days, n_lost } = first.summary.gpp;
  const intro = [
    simulated ? "**Simulated data.** These numbers come from the virtual flux network. They test the code, not the paper's claim." : `Towers of the table ${parts.tableName}.`,
    parts.note,
    `${evaluation.names.join(", ")} ${alone ? "is scored at" : "are scored on exactly the same site-days:"} ${count(n_sites, "unseen site")}, ${n_days} days of GPP, ${n_lost} days lost because a driver is missing or the record has no whole window yet. Days with QC = 1, or with unknown QC.`,
  ].filter((text) => text !== "").join("\n\n");
  const told = tableOfRows(simulated);
  const sections: ReportSection[] = [
    { heading: alone ? "What was scored" : "What was compared", parts: [{ markdown: intro }] },
    ...(evaluation.comparison ? headline(evaluation.comparison, simulated, told) : []),
    { heading: "Figures", parts: parts.figures.map((figure) => ({ figure })) },
    { heading: `Site by site${simulated ? " (simulated)" : ""}`, parts: [{ sites: siteDetails(table, evaluation, parts.focus) }] },
    { heading: `Errors at unseen sites${simulated ? " (simulated)" : ""}, run by run`, parts: [told(comparisonRows(evaluation.metrics), 3, "RMSE in g C m⁻² d⁻¹; quartiles over sites; mean R² clipped at 0")] },
    ...(evaluation.comparison ? whereSections(evaluation.comparison, told) : []),
    { heading: "Carbon balance", parts: [
      told(balanceRows(evaluation.metrics), 4, "|NEE − (RECO − GPP)|, g C m⁻² d⁻¹: after clipping, before clipping, and the reference's own"),
      ...(evaluation.comparison ? [closurePart(evaluation.comparison, told)] : []),
    ] },
    { heading: "Published numbers, for context", parts: [{ markdown: "Not the same sites: compare the order of models only." }, ...publishedParts()] },
    { heading: "Runs", parts: [{ table: runColumns(parts), options: { caption: "what was trained, on what, with what" } }] },
  ];
  if (parts.notebooks.length > 0) sections.push({ heading: "Notebooks", parts: [{ table: parts.notebooks.map((n) => ({ notebook: n.name, result: n.error === null ? "ran" : `cell ${n.error.cell}: ${n.error.message}` })) }] });
  writeReport({ title: `${alone ? evaluation.names[0]! : "TAM-RL and its baselines"}${simulated ? " on simulated data" : ""}`, sections, provenance: { ...parts.provenance } }, file);
}

type Told = (rows: readonly TableRow[], digits: number, caption: string) => ReportPart;

/** A table whose caption says simulated once, instead of a column that says it in every row; nor does it repeat what it was filtered by. */
function tableOfRows(simulated: boolean): Told {
  const said = ["data", "by"];
  return (rows, digits, caption) => {
    const same = said.filter((column) => rows.every((row) => row[column] === rows[0]![column]));
    const table = rows.map((row) => Object.fromEntries(Object.entries(row).filter(([column]) => !same.includes(column))));
    return { table, options: { digits, caption: `${simulated ? "simulated data; " : ""}${caption}` } };
  };
}

/** The runs side by side, a row an entry of their cards. */
function runColumns({ runs, evaluation: { names, metrics } }: ComparisonReport): Record<string, unknown>[] {
  const cards = runs.map((dir, i) => runCard(dir, metrics[i]!));
  return Object.keys(cards[0]!).map((what) => ({ what, ...Object.fromEntries(cards.map((card, i) => [names[i]!, card[what] === null ? null : String(card[what])])) }));
}

/** The paper's table, in both aggregations, because the paper does not say which is its own; then how sure the differences are. */
function headline({ main, gains }: Comparison, simulated: boolean, told: Told): ReportSection[] {
  const by = (what: "median" | "mean", caption: string): ReportPart => told(paperShape(main, what), 2, caption);
  const scores: ReportSection = { heading: `Models by flux${simulated ? " (simulated)" : ""}`, parts: [by("median", "medians over sites; RMSE in g C m⁻² d⁻¹; seeds of a model averaged at each site"), by("mean", "means over sites; R² clipped at 0")] };
  if (gains.length === 0) return [scores];
  const few = fewBehind(gains);
  const caption = `${String(gains[0]!["model"])} − reference; 95 % interval of a paired bootstrap over tower clusters, seeds resampled inside; R² gain only where the reference exceeds 0.1`;
  return [scores, { heading: "How sure the differences are", parts: [told(shortGains(gains), 3, caption), ...(few === null ? [] : [{ markdown: few }])] }];
}

/** Where and when models err; how far their intervals hold. */
function whereSections({ timeScales, errorParts, strata, coverage }: Comparison, told: Told): ReportSection[] {
  const qc = strata.filter((r) => r["by"] === "qc");
  const sections: ReportSection[] = [
    { heading: "By time scale", parts: [told(timeScales, 2, "spatial: site means across clusters; seasonal: mean cycle minus site mean; anomaly: day minus the site's cycle of 3 years or more; interannual: years against each other, 5 or more; r2 and rmse are medians over sites")] },
    { heading: "Parts of the error", parts: [told(errorParts, 2, "mean squared error, (g C m⁻² d⁻¹)², means over sites: bias² + variance + phase, and bias² + seasonal + day to day")] },
    { heading: "By quality of the observations", parts: [told(qc, 2, "QC is the share of half-hours measured or filled with good quality; unknown is a stratum of its own")] },
  ];
  if (coverage.length > 0) sections.push({ heading: "Do the intervals hold?", parts: [told(coverage, 3, "share of a site's observed days inside the interval: median over sites, and the worst decile")] });
  return sections;
}

/** A table for each source, a row a model, a column a flux and score. */
function publishedParts(): ReportPart[] {
  return [...new Set(PUBLISHED.map((p) => p.source))].map((source) => {
    const of = PUBLISHED.filter((p) => p.source === source);
    const score = { rmse: "RMSE", r2: "R²", r2_median: "median R²" } as const;
    const rows = [...new Set(of.map((p) => p.model))].map((model) => ({ model, ...Object.fromEntries(of.filter((p) => p.model === model).map((p) => [`${p.flux.toUpperCase()} ${score[p.metric]}`, p.value])) }));
    return { table: rows, options: { digits: of.some((p) => p.metric === "rmse") ? 2 : 3, caption: `${source}; ${of[0]!.sites}` } };
  });
}

function closurePart({ closure }: Comparison, told: Told): ReportPart {
  const shown = closure.filter((r) => r["by"] !== "site");
  return told(shown, 3, "residual NEE − (RECO − GPP) by season and target variant; share of days with negative flux before clipping, and what clipping adds to the mean flux; by site in closure.csv");
}

/** A figure that was saved before, with its words. @example savedFigure("out/figures/site-map.svg") */
export function savedFigure(svg: string): DrawnFigure {
  const meta = readJson<{ alt: string; caption: string }>(path.join(path.dirname(svg), `${path.basename(svg, ".svg")}.meta.json`), "savedFigure");
  return { svg: fs.readFileSync(svg, "utf8"), alt: meta.alt, caption: meta.caption };
}
