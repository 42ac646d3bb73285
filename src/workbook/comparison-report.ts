import * as fs from "node:fs";
import * as path from "node:path";
import { readJson } from "../core/json";
import type { PairedDifference } from "../evaluate/bootstrap";
import type { Evaluation } from "../evaluate/evaluate-runs";
import { PUBLISHED } from "../evaluate/reference";
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
    { heading: `Errors at unseen sites${simulated ? " (simulated)" : ""}`, parts: [{ table: comparisonRows(evaluation.metrics), options: { digits: 3, caption: "RMSE in g C m⁻² d⁻¹; quartiles over sites; mean R² clipped at 0" } }] },
    { heading: "How sure the differences are", parts: [{ table: parts.bootstrap.map(bootstrapRow), options: { digits: 3, caption: "tamrl − other model; 95 % interval of a paired bootstrap over tower clusters, seeds resampled inside" } }] },
    { heading: "Figures", parts: parts.figures.map((f) => ({ figure: readFigure(f) })) },
    { heading: "Carbon balance", parts: [{ table: balanceRows(evaluation.metrics), options: { digits: 4, caption: "|NEE − (RECO − GPP)|, g C m⁻² d⁻¹: after clipping, before clipping, and the reference's own" } }] },
    { heading: "Published numbers, for context", parts: [{ markdown: "Not the same sites: compare the order of models only." }, { table: PUBLISHED.map((p) => ({ ...p })), options: { digits: 2 } }] },
  ];
  if (parts.notebooks.length > 0) sections.push({ heading: "Notebooks", parts: [{ table: parts.notebooks.map((n) => ({ notebook: n.name, result: n.error === null ? "ran" : `cell ${n.error.cell}: ${n.error.message}` })) }] });
  writeReport({ title: `TAM-RL and its baselines${simulated ? " on simulated data" : ""}`, sections, provenance: { ...parts.provenance } }, file);
}

function bootstrapRow(d: PairedDifference): Record<string, unknown> {
  const interval = (v: PairedDifference["rmse_mean"]): string => (v.value === null || v.low === null || v.high === null ? "–" : `${v.value.toFixed(3)} (${v.low.toFixed(3)} … ${v.high.toFixed(3)})`);
  return { flux: d.flux, against: d.b, sites: d.n_sites, clusters: d.n_clusters, "Δ mean RMSE": interval(d.rmse_mean), "Δ median R²": interval(d.r2_median), "wins at": d.win_rate.value };
}

function readFigure(svg: string): { svg: string; alt: string; caption: string } {
  const meta = readJson<{ alt: string; caption: string }>(path.join(path.dirname(svg), `${path.basename(svg, ".svg")}.meta.json`), "writeComparisonReport");
  return { svg: fs.readFileSync(svg, "utf8"), alt: meta.alt, caption: meta.caption };
}
