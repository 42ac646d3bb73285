import { knownColumns } from "../core/columns";
import { count } from "../core/count";
import type { Igbp } from "../core/quantities";
import { daysOf, type DailyTable } from "../data/daily-table";
import { gapsOf } from "../data/sites/site-gaps";
import { classBlocks, classMarks, igbpRank } from "./availability-classes";
import { periodOf, requireSome, someOf, type Figure, type FigureContext, type Period } from "./figure";
import { INK, MISSING, MUTED, textWidth, WIDTH } from "./style";

/** How much of a site's record has a value of one variable. */
export interface SiteVariable {
  readonly site: string;
  readonly igbp: Igbp | null;
  readonly column: string;
  /** calendar days from the site's first row to its last */
  readonly days: number;
  /** those with a value */
  readonly known: number;
}

/** Shares are told apart by eye in four steps; all and nothing are steps of their own. */
const LEVELS = [
  { above: 0, label: "below 50 %", color: "#c7e9b4" },
  { above: 0.5, label: "50–90 %", color: "#7fcdbb" },
  { above: 0.9, label: "90–99 %", color: "#2c7fb8" },
  { above: 0.99, label: "99 % or all", color: "#13235b" },
] as const;
const NONE = { label: "none", color: MISSING };
/** Slope of the names of variables above the cells, degrees. */
const SLOPE = 60;

/**
 * Counts the days of each site and variable. Without `columns` every number column of the table that has a value anywhere.
 * @example availabilityByVariable(siteVariables(table), { simulated: false, period })
 */
export function siteVariables(table: DailyTable, columns?: readonly string[]): SiteVariable[] {
  const asked = knownColumns(columns ?? table.rows.columnNames()).map((c) => c.name);
  const rows = table.sites.flatMap((site) => gapsOf(table, site.site, asked).map((gap): SiteVariable => ({ site: site.site, igbp: site.igbp, column: gap.column, days: gap.days, known: gap.days - gap.missing })));
  const present = new Set(rows.filter((r) => r.known > 0).map((r) => r.column));
  return rows.filter((r) => present.has(r.column));
}

/**
 * Heat map site × variable of the share of days with a value, sites by land cover (forest → wet), variables in the table's order. A variable that a
 * site has nowhere is grey, never blank. Ids of up to 60 sites are written.
 * @throws WorkbookError EmptyTable where there is nothing to show
 * @example availabilityByVariable(siteVariables(table), { simulated: false, period: periodOf(daysOf(table)) })
 */
export function availabilityByVariable(rows: readonly SiteVariable[], options: FigureContext & { readonly period: Period | null }): Figure {
  requireSome("availabilityByVariable", rows.filter((r) => r.known > 0).length, "a variable with a value", `none in ${count(rows.length, "site and variable pair")}`, "check the table's columns");
  const sites = [...new Map(rows.map((r) => [r.site, r.igbp]))].map(([site, igbp]) => ({ site, igbp })).sort((a, b) => igbpRank(a.igbp) - igbpRank(b.igbp) || (a.site < b.site ? -1 : 1));
  const columns = knownColumns(rows.map((r) => r.column)).map((c) => c.name);
  const lacking = columns.filter((column) => rows.some((r) => r.column === column && r.known === 0));
  const named = sites.length <= 60;

  return {
    name: "availability-by-variable",
    title: `Days with a value by site and variable${options.suffix ?? ""}`,
    caption: "Share of the days from a site's first row to its last that have a value of the variable, sites ordered by land cover. Grey: none.",
    alt: `Heat map of ${count(sites.length, "site")} by ${count(columns.length, "variable")}; ${count(lacking.length, "variable")} missing altogether at one site or more.`,
    n: rows.reduce((sum, r) => sum + r.known, 0),
    nOf: `values of ${count(columns.length, "variable")} at ${count(sites.length, "site")}`,
    period: options.period,
    simulated: options.simulated,
    legend: [NONE, ...LEVELS].map((level) => ({ label: level.label, kind: "box" as const, color: level.color })),
    notes: [...(lacking.length > 0 ? [`Missing altogether at some sites: ${someOf(lacking)}.`] : []), ...(sites.some(({ igbp }) => igbp === null) ? ["?: class unknown."] : [])],
    data: rows.map((r) => ({ site: r.site, igbp: r.igbp, variable: r.column, days: r.days, days_with_value: r.known, share: r.known / r.days })),
    units: { days: "days", days_with_value: "days", share: "1" },
    draw: (stage) => {
      const { Plot } = stage;
      const left = named ? 104 : 56;
      const step = Math.max(2.5, Math.min(12, 620 / sites.length));
      const wide = Math.min(26, (WIDTH - left - 90) / columns.length);
      const size = Math.max(4, Math.min(9, wide - 1));
      const longest = Math.max(...columns.map((column) => textWidth(column, size)));
      const [top, right] = [longest * Math.sin((SLOPE * Math.PI) / 180) + 14, longest * Math.cos((SLOPE * Math.PI) / 180) + 4];
      const at = new Map(sites.map(({ site }, i) => [site, i]));
      const across = new Map(columns.map((column, i) => [column, i]));
      const inset = step > 6 ? 0.6 : 0.1;
      const cells = rows.filter((r) => r.known > 0);
      return [[stage.plot({
        width: Math.ceil(left + wide * columns.length + right), height: Math.ceil(top + step * sites.length + 6), marginTop: top, marginBottom: 6, marginLeft: left, marginRight: right,
        x: { domain: [0, columns.length], range: [left, left + wide * columns.length], axis: null },
        y: { domain: [0, sites.length], range: [top, top + step * sites.length], axis: null },
        marks: [
          Plot.rect([0], { x1: 0, x2: columns.length, y1: 0, y2: sites.length, fill: MISSING }),
          ...LEVELS.map((level, i) => Plot.rect(cells.filter((r) => levelOf(r) === i), {
            x1: (r: SiteVariable) => across.get(r.column)!, x2: (r: SiteVariable) => across.get(r.column)! + 1, y1: (r: SiteVariable) => at.get(r.site)!, y2: (r: SiteVariable) => at.get(r.site)! + 1,
            fill: level.color, inset,
          })),
          Plot.ruleY(classBlocks(sites.map((s) => s.igbp)).slice(1).map((c) => c.from), { stroke: INK, strokeWidth: 0.6 }),
          Plot.text(columns, { x: (_: string, i: number) => i + 0.5, y: 0, dy: -5, rotate: -SLOPE, textAnchor: "start", text: (c: string) => c, fontSize: size }),
          ...(named ? [Plot.text(sites, { x: 0, y: (_: unknown, i: number) => i + 0.5, dx: -6, textAnchor: "end", text: "site", fontSize: Math.min(9, step - 1.5), fill: MUTED })] : []),
          ...classMarks(stage, classBlocks(sites.map((s) => s.igbp)), 0, left, step),
        ],
      })]];
    },
  };
}

function levelOf({ known, days }: SiteVariable): number {
  return LEVELS.filter((level) => known / days > level.above).length - 1;
}

/** The heat map of a whole table. @example tableAvailability(table, { simulated: isSimulated(table) }) */
export function tableAvailability(table: DailyTable, options: FigureContext): Figure {
  return availabilityByVariable(siteVariables(table), { ...options, period: periodOf(daysOf(table)) });
}
