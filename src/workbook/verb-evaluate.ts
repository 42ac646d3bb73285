import * as fs from "node:fs";
import * as path from "node:path";
import { toCsv } from "../core/csv";
import { WorkbookError } from "../core/errors";
import { writeAtomic } from "../core/files";
import { writeJson } from "../core/json";
import type { Progress } from "../core/progress";
import type { SiteId } from "../core/sites";
import { readVariables } from "../data/columns";
import { readOzflux } from "../data/products/ozflux";
import { readSiteList } from "../data/sites/site-list";
import { targetView } from "../data/target-view";
import { evaluateRuns, type Evaluation } from "../evaluate/evaluate-runs";
import type { Contender } from "../evaluate/evaluate";
import { monthSummary, scoreMonths } from "../evaluate/month-scores";
import { compareWithProduct, parseProduct, type ProductComparison } from "../evaluate/product";
import { besidePublished, readPublishedSites } from "../evaluate/published-sites";
import { comparisonRows, toMarkdown, type TableRow } from "../evaluate/table";
import { readFinished } from "../run/run-directory";
import { openTable } from "../run/train";
import type { Given } from "./arguments";

interface Context {
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** `evaluate`: runs, and on request a gridded product and the benchmark's published results beside them. */
export async function evaluateVerb(given: Given, context: Context): Promise<{ json: unknown; text: string }> {
  const sites = given.one("sites")?.split(",").map((s) => s.trim()).filter((s) => s !== "");
  const [product, published] = [given.one("product"), given.one("published")];
  if (product !== undefined && parseProduct(product).name === "ozflux") return ozflux(parseProduct(product).path, given.need("out"));
  if (product !== undefined) parseProduct(product);
  const out = given.need("out");
  const results = published === undefined ? null : readPublishedSites(published);
  const evaluation = given.words.length === 0 && product !== undefined ? null : await evaluateRuns(given.words, { table: given.need("table"), out, keep: given.words.every(takesFiles), ...(sites ? { sites } : {}), ...context });
  const metrics = evaluation?.metrics ?? [];
  const single = metrics.length === 1 ? metrics[0] : metrics;
  const texts = metrics.length > 0 ? [toMarkdown(comparisonRows(metrics))] : [];
  const extra: Record<string, unknown> = {};
  if (results !== null) {
    if (metrics.length === 0) throw new WorkbookError("BadArgument", "evaluate: --published: at least one run directory is required to stand beside it, got none");
    const rows = besidePublished(metrics, results, given.one("published-split"));
    writeRows(out, "published", rows);
    extra["published"] = rows;
    texts.push(`Published per-site results beside these → ${path.join(out, "published.md")}`);
  }
  if (product !== undefined) {
    const comparison = await beside(product, evaluation, sites, given, context);
    writeProduct(out, comparison);
    extra["product"] = comparison;
    texts.push(productText(comparison));
  }
  return { json: Object.keys(extra).length === 0 ? single : { metrics: single, ...extra }, text: texts.join("\n") };
}

/** Whether what is scored can be kept in a run's folder: a comparison may be of runs that are only read. */
function takesFiles(dir: string): boolean {
  try {
    fs.accessSync(dir, fs.constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

async function beside(product: string, evaluation: Evaluation | null, sites: readonly SiteId[] | undefined, given: Given, { progress }: Context): Promise<ProductComparison> {
  const named = await openTable(given.need("table"));
  const list = given.one("product-sites");
  const positions = list === undefined ? [] : readSiteList(list, readVariables()).sites;
  const models = (evaluation?.metrics ?? []).map((m, i): Contender => ({ model: m.model, predictions: evaluation!.predicted[i]!.predictions, seen: new Set(m.sites.filter((r) => r.seen).map((r) => r.site)) }));
  const scored = evaluation === null ? sites : [...new Set(evaluation.metrics[0]!.sites.map((r) => r.site))];
  // evaluateRuns has held all runs to one partition
  const table = evaluation === null ? named.table : targetView(named.table, readFinished(given.words[0]!).config.partition);
  return compareWithProduct(product, { table, tableName: named.name, ...(scored ? { sites: scored } : {}), models, positions, progress });
}

/** FLUXCOM-RS against the towers of the published OzFlux file, month by month. */
function ozflux(file: string, out: string): { json: unknown; text: string } {
  const { tower, product } = readOzflux(file);
  const rows = scoreMonths(tower, [{ model: "FLUXCOM-RS", series: product }]);
  const summary = monthSummary(rows);
  writeRows(out, "product", summary);
  writeRows(out, "product-sites", rows.map((r) => ({ ...r })));
  return { json: { product: "FLUXCOM-RS", step: "month", summary, by_site: rows }, text: toMarkdown(summary) };
}

function writeProduct(out: string, comparison: ProductComparison): void {
  const rows = (pick: (s: ProductComparison["subsets"][number]) => readonly TableRow[]): TableRow[] => comparison.subsets.flatMap((s) => pick(s).map((row): TableRow => ({ subset: s.name, ...row })));
  writeRows(out, "product", rows((s) => s.summary));
  writeRows(out, "product-sites", rows((s) => s.by_site));
  writeJson(path.join(out, "product.json"), comparison);
}

function writeRows(out: string, name: string, rows: readonly TableRow[]): void {
  writeAtomic(path.join(out, `${name}.csv`), toCsv(rows));
  writeAtomic(path.join(out, `${name}.md`), toMarkdown(rows));
}

function productText({ product, step, subsets, missing, notes }: ProductComparison): string {
  const tables = subsets.map((s) => (s.summary.length === 0 ? `${product}, ${s.name}: no site` : `${product} (${step}s), ${s.name}: ${s.sites.length} sites\n${toMarkdown(s.summary)}`));
  return [...tables, ...notes.map((n) => `- ${n}`), ...missing.slice(0, 20).map((m) => `- ${m.site}: ${m.reason}${m.steps > 0 ? `: ${m.steps} ${step}s` : ""}`)].join("\n");
}
