import type * as ResvgModule from "@resvg/resvg-js";
import * as path from "node:path";
import { WorkbookError } from "../core/errors";
import { toCsv } from "../core/csv";
import { writeAtomic } from "../core/files";
import type { Json } from "../core/json";
import { removeLeftovers } from "../core/leftovers";
import { compose } from "./compose";
import { formatPeriod, type Figure } from "./figure";
import { openStage } from "./stage";
import { FONT } from "./style";

/** Where a figure comes from: run, commit, seed, table hash, command; kept as given. */
export type Provenance = Readonly<Record<string, Json>>;

/**
 * Draws a figure as a stand-alone SVG, 640 px wide, with its title, n, period, legend and notes.
 * The same figure gives the same text: ids carry the figure's name, coordinates are rounded.
 * @example renderFigure(siteMap(table.sites, { simulated: true, period }))
 */
export function renderFigure(figure: Figure): string {
  const stage = openStage();
  return tidy(stage.serialize(compose(figure, stage)), figure.name, figure.decimals ?? 2);
}

/** What no XML may hold, though a name may: with one of them the whole figure could not be opened. */
const NO_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Short coordinates, and ids that depend on the figure only: Plot counts its clip paths over the whole process. */
function tidy(svg: string, name: string, decimals: number): string {
  const ids = new Map<string, string>();
  return svg
    .replace(NO_XML, "�")
    .replace(/\b(plot-clip-\d+)\b/g, (id) => ids.get(id) ?? (ids.set(id, `${name}-clip-${ids.size + 1}`), ids.get(id)!))
    .replace(/ (d|x|y|cx|cy|x1|x2|y1|y2|width|height|points|transform|r)="([^"]*)"/g, (_, key: string, value: string) => ` ${key}="${shorten(value, decimals)}"`)
    .replace(/ (class|xmlns)=""/g, "");
}

function shorten(value: string, decimals: number): string {
  return value.replace(/-?\d+\.\d+(e-?\d+)?/g, (number) => String(Number(Number(number).toFixed(decimals))));
}

/**
 * Rasterises an SVG with the bundled font; `scale` 3 is 300 dpi at 16 cm.
 * @throws WorkbookError MissingPart where the font package is not installed
 * @example toPng(renderFigure(figure))
 */
export function toPng(svg: string, scale = 2): Uint8Array {
  const { Resvg } = require("@resvg/resvg-js") as typeof ResvgModule;
  const font = { fontFiles: fontFiles(), loadSystemFonts: false, defaultFontFamily: FONT };
  return new Resvg(svg, { font, fitTo: { mode: "zoom", value: scale }, background: "#ffffff" }).render().asPng();
}

function fontFiles(): string[] {
  try {
    return ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf"].map((file) => require.resolve(`dejavu-fonts-ttf/ttf/${file}`));
  } catch (cause) {
    throw new WorkbookError("MissingPart", "toPng: the package dejavu-fonts-ttf is required, found none; run npm run setup", { cause });
  }
}

/**
 * Writes `name.svg`, `name.png`, `name.csv` (the figure's data) and, last, `name.meta.json`. Everything is drawn before
 * the first byte is written, and each file appears whole or not at all. Returns the four paths.
 * @example await saveFigure(figure, "out/figures", figure.name, { run: "data/runs/a", commit })
 */
export async function saveFigure(figure: Figure, dir: string, name: string, provenance: Provenance): Promise<string[]> {
  const svg = renderFigure(figure);
  const meta = {
    name, title: figure.title, caption: figure.caption, alt: figure.alt,
    n: figure.n, n_of: figure.nOf, period: formatPeriod(figure.period),
    simulated: figure.simulated, data: figure.simulated ? "simulated" : "measured",
    notes: figure.notes, rows: figure.data.length, units: figure.units, provenance,
  };
  const contents: [ending: string, content: string | Uint8Array][] = [
    ["svg", svg], ["png", toPng(svg, 3)], ["csv", toCsv(figure.data)], ["meta.json", `${JSON.stringify(meta, null, 2)}\n`],
  ];
  removeLeftovers(dir);
  return contents.map(([ending, content]) => {
    const file = path.join(dir, `${name}.${ending}`);
    writeAtomic(file, content);
    return file;
  });
}
