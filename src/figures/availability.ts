import { count } from "../core/count";
import { asDay, yearOf, type Day } from "../core/days";
import { FLUXES, type Igbp } from "../core/quantities";
import { daysOf, hasColumn, numbers, siteRows, type DailyTable } from "../data/daily-table";
import { classBlocks, classMarks, igbpRank } from "./availability-classes";
import { requireSome, type Figure, type FigureContext } from "./figure";
import { INK, MISSING, MUTED, WIDTH } from "./style";

/** Days of one site and year that carry a flux. A year without days is 0, not absent. */
export interface SiteYear {
  readonly site: string;
  readonly igbp: Igbp | null;
  readonly year: number;
  readonly days: number;
}

const LEVELS = [
  { from: 1, label: "1–90", color: "#c7e9b4" },
  { from: 91, label: "91–180", color: "#7fcdbb" },
  { from: 181, label: "181–270", color: "#2c7fb8" },
  { from: 271, label: "271–366", color: "#13235b" },
] as const;
const NONE = { label: "no flux", color: MISSING };

/**
 * Counts the days with any flux, for each site and each year of the table's span.
 * @example availability(siteYears(table), { simulated: true })
 */
export function siteYears(table: DailyTable): SiteYear[] {
  const days = daysOf(table);
  const fluxes = FLUXES.filter((flux) => hasColumn(table, flux)).map((flux) => numbers(table, flux));
  const years = Array.from(days, (day) => yearOf(asDay(day)));
  const span = years.length === 0 ? [] : range(years.reduce((a, b) => Math.min(a, b)), years.reduce((a, b) => Math.max(a, b)));
  return siteRows(table).flatMap(({ site, from, to }) => {
    const counts = new Map<number, number>();
    for (let i = from; i < to; i++) if (fluxes.some((values) => !Number.isNaN(values[i]))) counts.set(years[i]!, (counts.get(years[i]!) ?? 0) + 1);
    return span.map((year): SiteYear => ({ site: site.site, igbp: site.igbp, year, days: counts.get(year) ?? 0 }));
  });
}

/**
 * Heat map site × year of the days with flux, sites by land cover (forest → wet). A year without flux is grey, never blank.
 * Up to 60 sites are in the order of their ids, which are written; more are in the order of their first year.
 * @throws WorkbookError EmptyTable where no site-year has a flux
 * @example availability(siteYears(table), { simulated: false })
 */
export function availability(rows: readonly SiteYear[], options: FigureContext): Figure {
  const total = rows.reduce((sum, row) => sum + row.days, 0);
  requireSome("availability", total, "at least one day with a flux", `none in ${count(rows.length, "site-year")}`, "check that the table has gpp, reco or nee");
  const withFlux = rows.filter((row) => row.days > 0);
  const starts = new Map<string, number>();
  for (const { site, year } of withFlux) starts.set(site, Math.min(starts.get(site) ?? Infinity, year));
  const firstYear = (site: string): number => starts.get(site) ?? 9999;
  const named = new Set(rows.map((row) => row.site)).size <= 60;
  const sites = [...new Map(rows.map((row) => [row.site, row.igbp])).entries()]
    .map(([site, igbp]) => ({ site, igbp }))
    .sort((a, b) => igbpRank(a.igbp) - igbpRank(b.igbp) || (named ? 0 : firstYear(a.site) - firstYear(b.site)) || (a.site < b.site ? -1 : 1));
  const years = range(Math.min(...rows.map((r) => r.year)), Math.max(...rows.map((r) => r.year)));
  const silent = sites.length - starts.size;

  return {
    name: "availability",
    title: `Days with flux by site and year${options.suffix ?? ""}`,
    caption: "Days of each year on which at least one of GPP, RECO and NEE is present, sites ordered by land cover. Grey: a year without flux.",
    alt: `Heat map of ${count(sites.length, "site")} over ${count(years.length, "year")}; ${count(withFlux.length, "site-year")} of ${sites.length * years.length} have flux.`,
    n: total,
    nOf: `site-days with flux in ${count(withFlux.length, "site-year")} of ${count(sites.length, "site")}`,
    period: { first: dayIn(years[0]!, 0, 1), last: dayIn(years[years.length - 1]!, 11, 31) },
    simulated: options.simulated,
    legend: [NONE, ...LEVELS].map((level, i) => ({ label: i === 1 ? `${level.label} days` : level.label, kind: "box" as const, color: level.color })),
    notes: [...(silent > 0 ? [`${count(silent, "site")} without any flux day.`] : []), ...(sites.some(({ igbp }) => igbp === null) ? ["?: class unknown."] : [])],
    data: rows.map((r) => ({ site: r.site, igbp: r.igbp, year: r.year, days_with_flux: r.days })),
    units: { days_with_flux: "days" },
    draw: (stage) => {
      const { Plot } = stage;
      const order = new Map(sites.map(({ site }, i) => [site, i]));
      const step = Math.max(2.5, Math.min(12, 620 / sites.length));
      const top = 20;
      const classes = classBlocks(sites.map(({ igbp }) => igbp));
      const left = named ? 104 : 56;
      return [[stage.plot({
        width: WIDTH, height: Math.ceil(step * sites.length + top + 6), marginTop: top, marginBottom: 6, marginLeft: left, marginRight: 10,
        x: { domain: [years[0]!, years[years.length - 1]! + 1], axis: null },
        y: { domain: [0, sites.length], range: [top, top + step * sites.length], axis: null },
        marks: [
          Plot.rect([0], { x1: years[0], x2: years[years.length - 1]! + 1, y1: 0, y2: sites.length, fill: MISSING }),
          ...LEVELS.map((level, i) => Plot.rect(runs(withFlux.filter((r) => levelOf(r.days) === i), order), { x1: "x1", x2: "x2", y1: "y", y2: (d: Run) => d.y + 1, fill: level.color, insetTop: step > 6 ? 0.6 : 0.1, insetBottom: step > 6 ? 0.6 : 0.1 })),
          Plot.ruleX(years.slice(1), { stroke: "white", strokeWidth: 1 }),
          Plot.ruleY(classes.slice(1).map((c) => c.from), { stroke: INK, strokeWidth: 0.6 }),
          Plot.text(years.filter((_, i) => i % Math.ceil(years.length / 14) === 0), { x: (d: number) => d + 0.5, y: 0, dy: -9, text: String }),
          ...(named ? [Plot.text(sites, { x: years[0], y: (_: unknown, i: number) => i + 0.5, dx: -6, textAnchor: "end", text: "site", fontSize: Math.min(9, step - 1.5), fill: MUTED })] : []),
          ...classMarks(stage, classes, years[0]!, left, step),
        ],
      })]];
    },
  };
}

interface Run {
  readonly x1: number;
  x2: number;
  readonly y: number;
}

/** Joins neighbouring years of a site at the same level into one rectangle: a fifth of the marks. */
function runs(rows: readonly SiteYear[], order: ReadonlyMap<string, number>): Run[] {
  const cells = rows.map((r) => ({ x1: r.year, x2: r.year + 1, y: order.get(r.site)! })).sort((a, b) => a.y - b.y || a.x1 - b.x1);
  const out: Run[] = [];
  for (const cell of cells) {
    const last = out[out.length - 1];
    if (last !== undefined && last.y === cell.y && last.x2 === cell.x1) last.x2 = cell.x2;
    else out.push({ ...cell });
  }
  return out;
}

function levelOf(days: number): number {
  return LEVELS.filter((level) => days >= level.from).length - 1;
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

function dayIn(year: number, month: number, date: number): Day {
  return asDay(Date.UTC(year, month, date) / 86_400_000);
}
