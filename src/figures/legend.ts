import type { Markish } from "@observablehq/plot";
import type { LegendEntry, Ramp, Stage } from "./figure";
import { GRID, INK, textWidth, WIDTH } from "./style";

const ROW = 17;
const SWATCH = 26;
const RAMP = { width: 140, height: 9 };

interface Placed extends LegendEntry {
  readonly x: number;
  readonly y: number;
}

function entryWidth(entry: LegendEntry): number {
  return (entry.kind === "line" || entry.kind === "band" ? SWATCH : 12) + 4 + textWidth(entry.label, 10) + 16;
}

/** Sets entries side by side, wrapping at the figure's width. */
function place(entries: readonly LegendEntry[]): Placed[] {
  let [x, y] = [10, ROW / 2];
  return entries.map((entry) => {
    const width = entryWidth(entry);
    if (x + width > WIDTH && x > 10) [x, y] = [10, y + ROW];
    const placed = { ...entry, x, y };
    x += width;
    return placed;
  });
}

/**
 * Draws a legend as one SVG of the figure's width: each entry in the colour, dash and symbol it has in the figure; then, on the last line, the ramp.
 * @example drawLegend(stage, [{ label: "observed", kind: "line", color: "#222222" }])
 */
export function drawLegend(stage: Stage, entries: readonly LegendEntry[], ramp?: Ramp): SVGSVGElement | null {
  if (entries.length === 0 && ramp === undefined) return null;
  const placed = place(entries);
  const last = placed[placed.length - 1];
  const marks = [
    ...placed.flatMap((entry) => [swatchMark(stage, entry), labelMark(stage, entry)]),
    ...(ramp === undefined ? [] : rampMarks(stage, ramp, last === undefined ? 10 : last.x + entryWidth(last), (last?.y ?? ROW / 2) - RAMP.height / 2)),
  ];
  const height = (last?.y ?? ROW / 2) + ROW / 2 + 4;
  const identity = { type: "identity", axis: null } as const;
  return stage.plot({ height: Math.ceil(height), margin: 0, x: identity, y: identity, marks });
}

function swatchMark({ Plot }: Stage, e: Placed): Markish {
  const at = [e];
  if (e.kind === "dot") {
    return Plot.dot(at, { x: e.x + 6, y: e.y, r: 4.2, symbol: e.symbol ?? "circle", fill: e.hollow ? "white" : e.color, stroke: e.hollow ? e.color : INK, strokeWidth: e.hollow ? 1.4 : 0.5 });
  }
  if (e.kind === "box" || e.kind === "band") {
    const width = e.kind === "band" ? SWATCH - 6 : 11;
    return Plot.rect(at, {
      x1: e.x, x2: e.x + width, y1: e.y - 5, y2: e.y + 5, fill: e.hollow ? "white" : e.color, fillOpacity: e.kind === "band" ? 0.3 : 1,
      stroke: e.kind === "band" ? undefined : e.hollow ? e.color : INK, strokeWidth: e.hollow ? 1.4 : 0.5, strokeDasharray: e.dash,
    });
  }
  const line = Plot.link(at, { x1: e.x, x2: e.x + SWATCH - 4, y1: e.y, y2: e.y, stroke: e.color, strokeWidth: 1.8, strokeDasharray: e.dash === "none" ? undefined : e.dash });
  if (e.symbol === undefined) return line;
  return Plot.marks(line, Plot.dot(at, { x: e.x + (SWATCH - 4) / 2, y: e.y, r: 3.2, symbol: e.symbol, fill: e.hollow ? "white" : e.color, stroke: e.color }));
}

function labelMark({ Plot }: Stage, e: Placed): Markish {
  const swatch = e.kind === "line" || e.kind === "band" ? SWATCH : 12;
  return Plot.text([e], { x: e.x + swatch + 4, y: e.y, text: () => e.label, textAnchor: "start", fontSize: 10, fill: INK });
}

function rampMarks({ Plot }: Stage, ramp: Ramp, x: number, y: number): Markish[] {
  const x0 = x + 6 + textWidth(`${ramp.label}  ${ramp.low}`, 10);
  const step = RAMP.width / ramp.colors.length;
  const text = (at: number, words: string, textAnchor: "start" | "end"): Markish => Plot.text([0], { x: at, y: y + RAMP.height / 2, text: () => words, textAnchor, fontSize: 10, fill: INK });
  return [
    text(x0 - 6, `${ramp.label}   ${ramp.low}`, "end"),
    Plot.rect(ramp.colors, { x1: (_: unknown, i: number) => x0 + i * step, x2: (_: unknown, i: number) => x0 + (i + 1) * step + 0.3, y1: y, y2: y + RAMP.height, fill: (c: string) => c }),
    Plot.rect([0], { x1: x0, x2: x0 + RAMP.width, y1: y, y2: y + RAMP.height, fill: "none", stroke: GRID }),
    text(x0 + RAMP.width + 6, ramp.high, "start"),
  ];
}
