import type { Markish } from "@observablehq/plot";
import { IGBP_ORDER, type Igbp } from "../core/quantities";
import type { Stage } from "./figure";
import { GRID, IGBP_STYLE, UNKNOWN_STYLE } from "./style";

/** Neighbours in a list that share a class. */
export interface ClassBlock {
  readonly key: string;
  readonly from: number;
  to: number;
}

/** Position of a class from forest to wet; unknown comes last. @example igbpRank("ENF") // 0 */
export function igbpRank(igbp: Igbp | null): number {
  return igbp === null ? IGBP_ORDER.length : IGBP_ORDER.indexOf(igbp);
}

/** Runs of the same class in a list of sites. @example classBlocks(["ENF", "ENF", "GRA"]).length // 2 */
export function classBlocks(classes: readonly (Igbp | null)[]): ClassBlock[] {
  const out: ClassBlock[] = [];
  classes.forEach((igbp, i) => {
    const key = igbp ?? "unknown";
    const last = out[out.length - 1];
    if (last?.key === key) last.to = i + 1;
    else out.push({ key, from: i, to: i + 1 });
  });
  return out;
}

/** Colour bars of the classes at the left edge with their names, which move down where classes are too thin for them. `x` is where the cells begin. */
export function classMarks({ Plot }: Stage, classes: readonly ClassBlock[], x: number, left: number, step: number): Markish[] {
  let lowest = -Infinity;
  return classes.flatMap((c) => {
    const style = c.key === "unknown" ? UNKNOWN_STYLE : IGBP_STYLE[c.key as Igbp];
    const middle = (step * (c.from + c.to)) / 2;
    lowest = Math.max(middle, lowest + 10);
    return [
      Plot.ruleX([0], { x, y1: c.from, y2: c.to, dx: 40 - left, insetTop: 0.8, insetBottom: 0.8, stroke: style === UNKNOWN_STYLE ? GRID : style.color, strokeWidth: 6 }),
      Plot.text([0], { x, y: (c.from + c.to) / 2, dx: 32 - left, dy: lowest - middle, textAnchor: "end", text: () => (c.key === "unknown" ? "?" : c.key), fontSize: 9 }),
    ];
  });
}
