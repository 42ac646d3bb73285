import * as path from "node:path";
import { count } from "../core/count";
import { toCsv } from "../core/csv";
import { WorkbookError } from "../core/errors";
import { writeAtomic } from "../core/files";
import { writeJson } from "../core/json";
import { markdownText } from "../core/markdown";
import { isSimulated } from "../data/daily-table";
import { OUTLIER_RULE } from "../evaluate/outliers";
import { siteCards, type SiteCard } from "../evaluate/site-card";
import { toMarkdown, type TableRow } from "../evaluate/table";
import { availability, siteYears } from "../figures/availability";
import { tableAvailability } from "../figures/availability-by-variable";
import { saveFigure } from "../figures/render";
import { provenanceOf } from "../run/provenance";
import { openTable } from "../run/train";
import type { Given, OptionSpec } from "./arguments";

/** Options of `sites`. */
export const SITES_OPTIONS: Readonly<Record<string, OptionSpec>> = { out: { kind: "one", help: "folder for sites.csv, variables.csv, cards.md, provenance.json and the two heat maps" } };

/** `sites`: cards of a table's sites and what is there of each variable. */
export async function sitesVerb(given: Given): Promise<{ json: unknown; text: string }> {
  if (given.words.length !== 1) throw new WorkbookError("BadArgument", `sites: one table T.parquet is required, got ${given.words.length}; see sites --help`);
  const [file, out] = [given.words[0]!, given.need("out")];
  const named = await openTable(file);
  const { table } = named;
  const simulated = isSimulated(table);
  const cards = siteCards(table);
  const hasFlux = cards.some((c) => c.flux_days > 0);
  const figures = [...(hasFlux ? [availability(siteYears(table), { simulated })] : []), tableAvailability(table, { simulated })];
  const provenance = { command: "sites", ...provenanceOf(named, null, null) };
  const data = simulated ? "simulated" : "measured";
  writeAtomic(path.join(out, "sites.csv"), toCsv(cards.map((card) => ({ ...siteLine(card), data }))));
  writeAtomic(path.join(out, "variables.csv"), toCsv(cards.flatMap((card) => card.variables.map((v) => ({ ...v, data })))));
  writeAtomic(path.join(out, "cards.md"), cardsMarkdown(path.basename(file), cards, simulated));
  writeJson(path.join(out, "provenance.json"), provenance);
  const drawn = (await Promise.all(figures.map((figure) => saveFigure(figure, out, figure.name, provenance)))).flat();
  const files = [...["sites.csv", "variables.csv", "cards.md", "provenance.json"].map((name) => path.join(out, name)), ...drawn];
  const doubts = cards.flatMap((card) => card.variables.filter((v) => v.unit_doubt !== null).map((v) => `  ${v.site}: ${v.column}: ${v.unit_doubt}`));
  const text = [
    `${count(cards.length, "site")}${simulated ? " of simulated data" : ""} → ${out}`,
    toMarkdown(cards.slice(0, 20).map(siteLine).map(({ site, igbp, first, last, flux_days, qc75_share, closure }) => ({ site, igbp, first, last, flux_days, qc75_share, closure }))).trimEnd(),
    ...(cards.length > 20 ? [`… and ${cards.length - 20} more in sites.csv`] : []), ...(doubts.length > 0 ? ["units in doubt", ...doubts] : []),
  ].join("\n");
  return { json: { table: file, simulated, outlier_rule: OUTLIER_RULE, sites: cards, files }, text };
}

/** A card's one line: all but its variables. */
function siteLine(card: SiteCard): TableRow {
  const { variables, sources, ...line } = card;
  return { ...line, sources: sources.join(" + "), variables: variables.length, outliers: variables.reduce((sum, v) => sum + (v.outliers ?? 0), 0) };
}

/** Every card in words, with its variables. @example cardsMarkdown("T.parquet", siteCards(table), false) */
export function cardsMarkdown(name: string, cards: readonly SiteCard[], simulated: boolean): string {
  const share = (value: number | null): string => (value === null ? "unknown" : `${(100 * value).toFixed(0)} %`);
  const flux = (value: number | null): string => (value === null ? "–" : value.toFixed(2));
  const card = (c: SiteCard): string => [
    `## ${markdownText(c.site)}`, "",
    `${c.igbp ?? "IGBP unknown"}, ${c.koppen ?? "Köppen unknown"}, ${c.lat === null || c.lon === null ? "position unknown" : `${c.lat.toFixed(3)}° N ${c.lon.toFixed(3)}° E`}; ${c.first} to ${c.last}, ${c.flux_days} of ${c.days} days with a flux (${c.variant ?? "variant unknown"}; ${c.sources.map(markdownText).join(", ") || "source unknown"}).`, "",
    `Means (g C m⁻² d⁻¹): GPP ${flux(c.gpp)}, RECO ${flux(c.reco)}, NEE ${flux(c.nee)}; mean |NEE − (RECO − GPP)| ${flux(c.closure)}; energy balance closed to ${share(c.energy_closure)}.`, "",
    `QC of flux days: 1 on ${share(c.qc1_share)}, at least 0.75 on ${share(c.qc75_share)}, unknown on ${share(c.qc_unknown_share)}; half-hours measured: ${share(c.measured_share)}.`, "",
    toMarkdown(c.variables.map((v) => ({ variable: v.column, unit: v.unit, days: v.days, available: share(v.share), "longest gap": v.longest_gap, min: v.min, median: v.median, max: v.max, outliers: v.outliers, "unit in doubt": v.unit_doubt }))),
  ].join("\n");
  return [`# Sites of ${markdownText(name)}${simulated ? " (simulated data)" : ""}`, "", `Outliers: ${OUTLIER_RULE}.`, "", ...cards.map(card)].join("\n");
}
