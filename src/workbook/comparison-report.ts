import * as fs from "node:fs";
import * as path from "node:path";
import { readJson } from "../core/json";
import type { PairedDifference } from "../evaluate/bootstrap";
import type { Comparison } from "../evaluate/comparison";
import { paperShape, publishedRows } from "../evaluate/comparison-table";
import type { Evaluation } from "../evaluate/evaluate-runs";
import { balanceRows, comparisonRows } from "../evaluate/table";
import type { Provenance } from "../run/provenance";
import type { NotebookResult } from "./notebooks";
import { writeReport, type ReportSection } from "./report";

/** What the report of a comparison is made of. */
export interface ComparisonReport {
  readonly simulated: boolean;
  /** name of the table */
  readonly table: string;
  readonly evaluation: Evaluation;
  readonly bootstrap: readonly PairedDifference[];
  /** SVG files whose `.meta.json` stands beside them */
  readonly figures: readonly string[];
  readonly notebooks: readonly NotebookResult[];
  readonly provenance: Provenance;
  readonly sizeNote: string;
}

/**
 * Writes a comparison as one self-contained HTML page: table, bootstrap, figures, balance, notebooks, provenance.
 * @example writeComparisonReport("out/report.html", parts)
 */
export function writeComparisonReport(file: string, parts: ComparisonReport): void {
  const { evaluation, simulated } = parts;
  const first = evaluation.metrics[0]!;
  const lost = first.summary.gpp.n_lost;
  const intro = [
    simulated ? "**Simulated data.** These numbers come from the virtual flux network. They test the code, not the paper's claim." : `Towers of the table ${parts.table}.`,
    parts.sizeNote,
    `${evaluation.names.join(", ")} are scored on exactly the same site-days: ${first.summary.gpp.n_sites} held-out sites, ${first.summary.gpp.n_days} days of GPP, ${lost} days lost because a driver is missing. Days with QC = 1, or with unknown QC.`,
  ].join("\n\n");
  const sections: ReportSection[] = [
    { heading: "What was compared", parts: [{ markdown: intro }] },
    ...(evaluation.comparison ? [paperSection(evaluation.comparison, simulated)] : []),
    { heading: `Errors at unseen sites${simulated ? " (simulated)" : ""}, run by run`, parts: [{ table: comparisonRows(evaluation.metrics), options: { digits: 3, caption: "RMSE in g C m⁻² d⁻¹; quartiles over sites; mean R² clipped at 0" } }] },
    { heading: "How sure the differences are", parts: [{ table: parts.bootstrap.map(bootstrapRow), options: { digits: 3, caption: "tamrl − other model; 95 % interval of a paired bootstrap over tower clusters, seeds resampled inside" } }] },
    { heading: "Figures", parts: parts.figures.map((f) => ({ figure: readFigure(f) })) },
    ...(evaluation.comparison ? whereSections(evaluation.comparison) : []),
    { heading: "Carbon balance", parts: [
      { table: balanceRows(evaluation.metrics), options: { digits: 4, caption: "|NEE − (RECO − GPP)|, g C m⁻² d⁻¹: after clipping, before clipping, and the reference's own" } },
      ...(evaluation.comparison ? [closurePart(evaluation.comparison)] : []),
    ] },
    { heading: "Published numbers, for context", parts: [{ markdown: "Not the same sites: compare the order of models only." }, { table: publishedRows(), options: { digits: 2 } }] },
  ];
  if (parts.notebooks.length > 0) sections.push({ heading: "Notebooks", parts: [{ table: parts.notebooks.map((n) => ({ notebook: n.name, result: n.error === null ? "ran" : `cell ${n.error.cell}: ${n.error.message}` })) }] });
  writeReport({ title: `TAM-RL and its baselines${simulated ? " on simulated data" : ""}`, sections, provenance: { ...parts.provenance } }, file);
}

/** The paper's table, in both aggregations: the paper does not say which is its own. */
function paperSection({ main }: Comparison, simulated: boolean): ReportSection {
  const by = (what: "median" | "mean", caption: string): ReportSection["parts"][number] => ({ table: paperShape(main, what), options: { digits: 2, caption } });
  return { heading: `Models by flux${simulated ? " (simulated)" : ""}`, parts: [by("median", "medians over sites; RMSE in g C m⁻² d⁻¹; seeds of a model averaged at each site"), by("mean", "means over sites; R² clipped at 0")] };
}

/** Where and when models err; how far their intervals hold. */
function whereSections({ timeScales, errorParts, strata, coverage }: Comparison): ReportSection[] {
  const qc = strata.filter((r) => r["by"] === "qc");
  const sections: ReportSection[] = [
    { heading: "By time scale", parts: [{ table: timeScales, options: { digits: 2, caption: "spatial: site means across clusters; seasonal: mean cycle minus site mean; anomaly: day minus the site's cycle of 3 years or more; interannual: years against each other, 5 or more; r2 and rmse are medians over sites" } }] },
    { heading: "Parts of the error", parts: [{ table: errorParts, options: { digits: 2, caption: "mean squared error, (g C m⁻² d⁻¹)², means over sites: bias² + variance + phase, and bias² + seasonal + day to day" } }] },
    { heading: "By quality of the observations", parts: [{ table: qc, options: { digits: 2, caption: "QC is the share of half-hours measured or filled with good quality; unknown is a stratum of its own" } }] },
  ];
  if (coverage.length > 0) sections.push({ heading: "Do the intervals hold?", parts: [{ table: coverage, options: { digits: 3, caption: "share of a site's observed days inside the interval: median over sites, and the worst decile" } }] });
  return sections;
}

function closurePart({ closure }: Comparison): ReportSection["parts"][number] {
  const shown = closure.filter((r) => r["by"] !== "site");
  return { table: shown, options: { digits: 3, caption: "residual NEE − (RECO − GPP) by season and target variant; share of days with negative flux before clipping, and what clipping adds to the mean flux; by site in closure.csv" } };
}

function bootstrapRow(d: PairedDifference): Record<string, unknown> {
  const interval = (v: PairedDifference["rmse_mean"]): string => (v.value === null || v.low === null || v.high === null ? "–" : `${v.value.toFixed(3)} (${v.low.toFixed(3)} … ${v.high.toFixed(3)})`);
  return { flux: d.flux, against: d.b, sites: d.n_sites, clusters: d.n_clusters, "Δ mean RMSE": interval(d.rmse_mean), "Δ median R²": interval(d.r2_median), "wins at": d.win_rate.value };
}

function readFigure(svg: string): { svg: string; alt: string; caption: string } {
  const meta = readJson<{ alt: string; caption: string }>(path.join(path.dirname(svg), `${path.basename(svg, ".svg")}.meta.json`), "writeComparisonReport");
  return { svg: fs.readFileSync(svg, "utf8"), alt: meta.alt, caption: meta.caption };
}
