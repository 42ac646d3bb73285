import type { Markish } from "@observablehq/plot";
import type { Stage } from "./figure";
import { quantile } from "./quantile";
import { GRID, INK, RAMP, textWidth } from "./style";

/**
 * Diverging colours, negative blue to positive red: both sides fall in lightness from 0, and the positive one is hatched, so that the sign
 * reads in grey too.
 * @source ColorBrewer RdBu without its middle, Harrower & Brewer 2003 (doi:10.1179/000870403235002042)
 */
export const DIVERGING: readonly string[] = ["#053061", "#2166ac", "#4393c3", "#92c5de", "#d1e5f0", "#fddbc7", "#f4a582", "#d6604d", "#b2182b", "#67001f"];

/** Classes of a value, each with a colour. */
export interface MapScale {
  /** what is drawn and its unit */
  readonly label: string;
  /** ends of the classes, one more than colours */
  readonly edges: readonly number[];
  readonly colors: readonly string[];
  /** words of the hatch, where a part of the map is hatched */
  readonly hatched: string | null;
}

/** Values beyond this share of all lie in the end classes, so that a few do not rule the scale. */
const SHARE = 0.98;

/**
 * Classes from 0 upwards, light to dark.
 * @example sequentialScale("GPP (g C m⁻² d⁻¹)", values)
 */
export function sequentialScale(label: string, values: ArrayLike<number>, hatched: string | null = null): MapScale {
  const top = quantile(values, SHARE);
  const step = niceStep((top > 0 ? top : 1) / 10);
  const n = Math.max(2, Math.ceil((top > 0 ? top : 1) / step - 1e-9));
  return { label, hatched, edges: Array.from({ length: n + 1 }, (_, i) => round(i * step)), colors: Array.from({ length: n }, (_, i) => RAMP[Math.round((i * (RAMP.length - 1)) / (n - 1))]!) };
}

/**
 * As many classes below 0 as above, of one width.
 * @param hatched what a positive value is, e.g. "source"
 * @example divergingScale("NEE (g C m⁻² d⁻¹)", values, "source to the atmosphere")
 */
export function divergingScale(label: string, values: ArrayLike<number>, hatched: string): MapScale {
  const top = quantile(Float64Array.from(values, Math.abs), SHARE);
  const half = DIVERGING.length / 2;
  const step = niceStep((top > 0 ? top : 1) / half);
  return { label, hatched, colors: DIVERGING, edges: Array.from({ length: 2 * half + 1 }, (_, i) => round((i - half) * step)) };
}

/** The least of 1, 2, 2.5, 5 and their tenfolds that is not below `x`. */
function niceStep(x: number): number {
  const power = 10 ** Math.floor(Math.log10(x));
  return [1, 2, 2.5, 5, 10].map((m) => m * power).find((step) => step >= x * (1 - 1e-9))!;
}

const round = (x: number): number => Number(x.toPrecision(6)) + 0;

/** Class of a value, −1 for NaN; values beyond the ends count with the last class. @example classOf(scale, -0.1) */
export function classOf({ edges, colors }: MapScale, value: number): number {
  if (Number.isNaN(value)) return -1;
  const i = edges.findIndex((edge, k) => k > 0 && value < edge);
  return i < 0 ? colors.length - 1 : i - 1;
}

/** How many values lie beyond the ends. @example beyond(scale, values) */
export function beyond({ edges }: MapScale, values: ArrayLike<number>): number {
  return Array.from(values).filter((v) => v < edges[0]! || v > edges[edges.length - 1]!).length;
}

/** A fill and what it means. */
export interface Key {
  readonly words: string;
  readonly fill: string;
}

const BAR = { width: 300, height: 10, top: 4 };

/**
 * The scale as a bar with the ends of its classes, the hatch, and the colour of what has no value.
 * @param name of the figure: its hatch is found by it
 * @example scaleBar(stage, scale, { name: figure.name, missing: [], width: 640 })
 */
export function scaleBar(stage: Stage, scale: MapScale, { name, missing, width }: { readonly name: string; readonly missing: readonly Key[]; readonly width: number }): SVGSVGElement {
  const { Plot } = stage;
  const labelWidth = textWidth(scale.label, 10);
  const bar = Math.min(BAR.width, width - labelWidth - 30);
  const [x0, step] = [labelWidth + 18, bar / scale.colors.length];
  const every = Math.max(1, Math.ceil((scale.edges.length * 24) / bar));
  const text = (x: number, y: number, words: string, textAnchor: "start" | "middle"): Markish => Plot.text([0], { x, y, text: () => words, textAnchor, fontSize: 10, fill: INK });
  const ticks = scale.edges.flatMap((edge, i) => (fromZero(scale, i) % every === 0 ? [text(x0 + i * step, BAR.top + BAR.height + 9, String(edge).replace("-", "−"), "middle")] : []));
  const positive = scale.edges.flatMap((edge, i) => (i < scale.colors.length && edge >= 0 && scale.edges[0]! < 0 ? [i] : []));
  const rect = (x: number, w: number, fill: string, stroke?: string): Markish => Plot.rect([0], { x1: x, x2: x + w, y1: BAR.top, y2: BAR.top + BAR.height, fill, stroke });
  let x = x0 + bar + 22;
  const keys = [...(scale.hatched === null ? [] : [{ words: scale.hatched, fill: hatchFill(name) }]), ...missing];
  const wraps = x + keys.reduce((sum, k) => sum + 34 + textWidth(k.words, 10), 0) > width;
  if (wraps) x = 10;
  const y = wraps ? BAR.top + BAR.height + 27 : BAR.top + BAR.height / 2;
  const legend = keys.flatMap(({ words, fill }) => {
    const at = x;
    x += 34 + textWidth(words, 10);
    return [Plot.rect([0], { x1: at, x2: at + 14, y1: y - 5, y2: y + 5, fill, stroke: INK, strokeWidth: 0.5 }), text(at + 18, y, words, "start")];
  });
  const identity = { type: "identity", axis: null } as const;
  return stage.plot({
    width, height: wraps ? 52 : 32, margin: 0, x: identity, y: identity,
    marks: [
      hatchMark(name),
      text(10, BAR.top + BAR.height / 2, scale.label, "start"),
      ...scale.colors.map((color, i) => rect(x0 + i * step, step + 0.3, color)),
      ...(scale.hatched === null || positive.length === 0 ? [] : [rect(x0 + positive[0]! * step, positive.length * step, hatchFill(name))]),
      rect(x0, bar, "none", GRID), ...ticks, ...legend,
    ],
  });
}

/** Steps between an edge and the one at 0 or at the low end: ticks are set from there. */
function fromZero({ edges }: MapScale, i: number): number {
  return Math.abs(i - Math.max(0, edges.indexOf(0)));
}

/** Fill that hatches what lies under it. */
export function hatchFill(name: string): string {
  return `url(#hatch-${name})`;
}

/** Puts the hatch of a figure into its definitions; ids carry the figure's name, since many figures may share a page. */
export function hatchMark(name: string): Markish {
  return (_index, _scales, _values, _dimensions, context) => {
    const make = (tag: string, attributes: Readonly<Record<string, string>>, ...children: Element[]): SVGElement => {
      const element = context.document.createElementNS("http://www.w3.org/2000/svg", tag) as SVGElement;
      for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
      element.append(...children);
      return element;
    };
    // a dark and a light line: one of them shows on any colour
    const line = (x: string, stroke: string): Element => make("line", { x1: x, y1: "0", x2: x, y2: "4", stroke, "stroke-width": "0.9", "stroke-opacity": "0.65" });
    return make("defs", {}, make("pattern", { id: `hatch-${name}`, width: "4", height: "4", patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, line("1", INK), line("1.9", "#ffffff")));
  };
}
