import { count } from "../core/count";
import type { Igbp, Koppen } from "../core/quantities";
import { categoryLegend, COLORED_BY, sitesByCategory, type SitesBy } from "./categories";
import { requireSome, type Figure, type FigureContext, type Period } from "./figure";
import { GRID, INK, WIDTH, type SplitSide } from "./style";

/** A site in the plane of the embedding's first two principal axes. */
export interface EmbeddedSite {
  readonly site: string;
  readonly igbp: Igbp | null;
  readonly koppen: Koppen | null;
  readonly split?: SplitSide;
  readonly fold?: string;
  readonly first: number;
  readonly second: number;
}

export interface EmbeddingOptions extends FigureContext {
  readonly colorBy?: SitesBy;
  /** part of the variance along the two axes, 0…1 */
  readonly share: readonly [number, number];
  /** sites named in the figure */
  readonly name?: readonly string[];
  readonly period: Period | null;
}

/**
 * Task embeddings of the sites along their first two principal axes, by land cover, climate, side of the split or fold. Sites that lie close are
 * alike to the model.
 * @throws WorkbookError EmptyTable where no site has an embedding
 * @example embedding(sites, { share: [0.4, 0.2], simulated: true, period })
 */
export function embedding(sites: readonly EmbeddedSite[], options: EmbeddingOptions): Figure {
  const by = options.colorBy ?? "igbp";
  const drawn = sites.filter((s) => Number.isFinite(s.first) && Number.isFinite(s.second));
  requireSome("embedding", drawn.length, "at least one site with an embedding", `none of ${sites.length}`, "take sites with a record longer than a window");
  const present = sitesByCategory(drawn, by, (s) => s[by]);
  const percent = options.share.map((v) => `${Math.round(100 * v)} %`);
  return {
    name: `embedding-${by}`,
    title: `Task embeddings of sites by ${COLORED_BY[by]}${options.suffix ?? ""}`,
    caption: `Task embedding z of ${count(drawn.length, "site")} along its first two principal axes (${percent[0]} and ${percent[1]} of the variance), by ${COLORED_BY[by]}; number of sites of each class in brackets.`,
    alt: `Scatter of ${count(drawn.length, "site")} in the plane of two principal axes: ${present.map((c) => `${c.key} ${c.sites.length}`).join(", ")}.`,
    n: drawn.length,
    nOf: drawn.length === 1 ? "site" : "sites",
    period: options.period,
    simulated: options.simulated,
    legend: categoryLegend(present),
    notes: drawn.length < sites.length ? [`Not drawn: ${count(sites.length - drawn.length, "site")} without an embedding.`] : [],
    data: drawn.map(({ site, igbp, koppen, split, first, second }) => ({ site, igbp, koppen, split: split ?? null, first, second })),
    units: { first: "1", second: "1" },
    draw: ({ Plot, plot }) => [[plot({
      width: WIDTH, height: 380, marginLeft: 58, marginBottom: 38, marginTop: 12,
      x: { label: `first axis (${percent[0]} of the variance)`, labelAnchor: "center", labelArrow: "none", nice: true },
      y: { label: `second axis (${percent[1]})`, labelAnchor: "center", labelArrow: "none", nice: true },
      marks: [
        Plot.gridX({ stroke: GRID, strokeOpacity: 1 }), Plot.gridY({ stroke: GRID, strokeOpacity: 1 }),
        ...present.map((c) => Plot.dot([...c.sites], { x: "first", y: "second", r: 4.5, symbol: c.style.symbol, fill: c.style.color, fillOpacity: 0.92, stroke: INK, strokeWidth: 0.5 })),
        Plot.text(drawn.filter((s) => options.name?.includes(s.site)), { x: "first", y: "second", text: "site", dy: -10, fontWeight: "bold", stroke: "#ffffff", strokeWidth: 3, fill: INK }),
      ],
    })]],
  };
}
