import { count } from "../core/count";
import { asDay, formatDay } from "../core/days";
import { WorkbookError } from "../core/errors";
import { nearest } from "../core/nearest";
import type { Progress } from "../core/progress";
import type { Site, SiteId } from "../core/sites";
import { daysOf, period, siteRows, type DailyTable } from "../data/daily-table";
import type { ProductCell, ProductValues } from "../data/products/product";
import { extractXbase } from "../data/products/xbase";
import { readXbaseSites, seenByProduct, type SeenByProduct } from "../data/products/xbase-sites";
import { compare, type Contender } from "./evaluate";
import { monthSummary, scoreMonths } from "./month-scores";
import { monthsOfPredictions, monthsOfProduct, monthsOfTable } from "./months";
import type { Predictions } from "./predictions";
import { comparisonRows, siteTable, type TableRow } from "./table";

/** Products by the word of `--product WORD:PATH`. */
export const PRODUCTS = ["xbase", "ozflux"] as const;

/** What a product is compared with. */
export interface ProductOptions {
  readonly table: DailyTable;
  readonly tableName: string;
  /** sites to score; default all of the table */
  readonly sites?: readonly SiteId[];
  /** models beside the product; all are scored on the days (or months) that every one of them has */
  readonly models?: readonly Contender[];
  /** positions of further sites, by which nearness to the product's training sites is seen */
  readonly positions?: readonly Site[];
  readonly progress?: Progress;
}

/** Scores over some of the sites. */
export interface ProductSubset {
  readonly name: string;
  readonly sites: readonly SiteId[];
  /** one row a model and flux */
  readonly summary: readonly TableRow[];
  readonly by_site: readonly TableRow[];
}

/** A product beside models and towers. */
export interface ProductComparison {
  readonly product: string;
  readonly step: "day" | "month";
  /** all sites, then those the product was not trained on or near */
  readonly subsets: readonly ProductSubset[];
  readonly trained: SeenByProduct;
  readonly cells: readonly ProductCell[];
  readonly missing: ProductValues["missing"];
  readonly notes: readonly string[];
}

/** Splits `xbase:PATH`. @throws WorkbookError BadArgument @example parseProduct("xbase:data/raw/xbase-monthly").path */
export function parseProduct(text: string): { name: (typeof PRODUCTS)[number]; path: string } {
  const [word, path] = [text.split(":")[0]!, text.slice(text.indexOf(":") + 1)];
  const name = PRODUCTS.find((p) => p === word);
  if (!text.includes(":") || path === "" || name === undefined) throw new WorkbookError("BadArgument", `evaluate: --product: ${PRODUCTS.map((p) => `${p}:PATH`).join(" or ")} required, got "${text}"; nearest ${nearest(word, PRODUCTS).join(", ")}:PATH`);
  return { name, path };
}

/**
 * Scores a gridded product at towers beside models: over all sites, and over those outside its training list and more than 15 km from it.
 * A daily product is scored on daily values, a monthly one on monthly means of the towers and of the models' predictions.
 * @throws WorkbookError what the product's reader throws
 * @source method §9
 * @example (await compareWithProduct("xbase:xbase-monthly", { table, tableName: "T.parquet" })).subsets[1]
 */
export async function compareWithProduct(spec: string, options: ProductOptions): Promise<ProductComparison> {
  const { name, path } = parseProduct(spec);
  if (name !== "xbase") throw new WorkbookError("BadArgument", `compareWithProduct: xbase:PATH required, got "${spec}"; the OzFlux file holds its own towers, read it with readOzflux`);
  const { table } = options;
  const wanted = new Set(options.sites ?? table.sites.map((s) => s.site));
  const places = table.sites.filter((s) => wanted.has(s.site));
  const values = await extractXbase(path, places, { ...spanOf(table, wanted), ...(options.progress ? { progress: options.progress } : {}) });
  const trained = seenByProduct(places, readXbaseSites(), options.positions);
  const score = values.step === "day" ? dailyScores(values, options) : monthlyScores(values, options);
  const groups: [string, readonly SiteId[]][] = [["all sites", places.map((s) => s.site)], [`outside ${values.product}'s training sites and 15 km around`, trained.outside]];
  const subsets = groups.map(([name, sites]): ProductSubset => ({ name, sites, ...(sites.length === 0 ? { summary: [], by_site: [] } : score(sites)) }));
  return { product: values.product, step: values.step, subsets, trained, cells: values.cells, missing: values.missing, notes: notesOf(values, trained, options) };
}

/** First and last day that any of the sites has, so that no more of the product is read. */
function spanOf(table: DailyTable, sites: ReadonlySet<SiteId>): { first: number; last: number } {
  const spans = siteRows(table).filter((r) => sites.has(r.site.site)).map((r) => period(table, r));
  const first = Math.min(...spans.map((s) => s.first));
  return { first: first - 31, last: Math.max(...spans.map((s) => s.last)) };
}

type Score = (sites: readonly SiteId[]) => { summary: TableRow[]; by_site: TableRow[] };

function dailyScores(values: ProductValues, { table, tableName, models = [] }: ProductOptions): Score {
  const { site, day, gpp, reco, nee } = values;
  const predictions: Predictions = { site, day, gpp, reco, nee, raw: { gpp, reco } };
  const contenders: Contender[] = [...models, { model: values.product, predictions }];
  return (sites) => {
    const metrics = compare(table, contenders, { tableName, sites });
    return { summary: comparisonRows(metrics), by_site: siteTable(metrics) };
  };
}

function monthlyScores(values: ProductValues, { table, models = [] }: ProductOptions): Score {
  const contenders = [...models.map((m) => ({ model: m.model, series: monthsOfPredictions(m.predictions) })), { model: values.product, series: monthsOfProduct(values) }];
  const seen = new Set(models.flatMap((m) => [...(m.seen ?? [])]));
  return (sites) => {
    const rows = scoreMonths(monthsOfTable(table, sites).series, contenders);
    return { summary: monthSummary(rows.filter((r) => !seen.has(r.site))), by_site: rows.map((r) => ({ ...r, seen: seen.has(r.site) })) };
  };
}

function notesOf(values: ProductValues, trained: SeenByProduct, { table, sites, models = [] }: ProductOptions): string[] {
  const days = daysOf(table);
  const period_ = days.length === 0 ? "" : ` (${formatDay(asDay(days.reduce((a, b) => Math.min(a, b))))} to ${formatDay(asDay(days.reduce((a, b) => Math.max(a, b))))})`;
  const far = values.cells.reduce((max, c) => Math.max(max, c.km), 0);
  const monthly = values.step === "month" ? monthsOfTable(table, sites ?? table.sites.map((s) => s.site)).excluded : null;
  return [
    `${values.product}: ${count(values.cells.length, "site")} in its grid, at most ${far.toFixed(1)} km from the centre of their cell; the table${period_} and the product share the ${values.step}s scored`,
    `${trained.listed.length} of the sites are on its training list, ${trained.near.length} within 15 km of it: there the comparison favours it`,
    ...(trained.unlocated.length > 0 ? [`positions of ${trained.unlocated.length} of its training sites are not known here, so a neighbour of one may pass as outside: give a list with --product-sites`] : []),
    ...(monthly !== null ? [`months need the flux on 90 % of their days and a mean QC of 0.75: ${monthly.few_days} have fewer days, ${monthly.low_qc} lower QC`] : []),
    ...(values.step === "day" ? [`a day of ${values.product} is 24 hours of its file's own clock (UTC in the published files), a tower's is one of local standard time: they may lie up to half a day apart, which monthly files hardly feel`] : []),
    `RECO of ${values.product} is GPP + NEE, may be negative, and is not clipped`,
    ...(models.length > 0 ? [`sites that a model was trained on stay out of the summaries`] : []),
  ];
}
