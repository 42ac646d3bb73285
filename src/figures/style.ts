import type { Flux, Igbp, Koppen } from "../core/quantities";

/** Width of a figure, px: a double journal column. */
export const WIDTH = 640;
/** Font family; the same file is given to the PNG renderer, so text is identical everywhere. */
export const FONT = "DejaVu Sans";
export const INK = "#222222";
export const MUTED = "#555555";
export const GRID = "#dddddd";
/** Fill of what is missing. */
export const MISSING = "#ececec";
/** Sequential colours, falling in lightness, so that they read in grey. @source ColorBrewer YlGnBu, Harrower & Brewer 2003 (doi:10.1179/000870403235002042) */
export const RAMP: readonly string[] = ["#dff2b2", "#c7e9b4", "#a3dab7", "#7fcdbb", "#5fc1c0", "#41b6c4", "#2fa4c2", "#1d91c0", "#2078b4", "#225ea8", "#24489d", "#253494", "#182878", "#081d58"];

/** Filled symbols that stay apart at 6 px. */
export type SymbolName = "circle" | "square" | "diamond" | "triangle" | "star" | "cross" | "wye" | "hexagon";

/** Colour and symbol of a category: either alone tells classes of one figure apart. */
export interface DotStyle {
  readonly color: string;
  readonly symbol: SymbolName;
}

/** Colour, dash and symbol of a line. */
export interface LineStyle extends DotStyle {
  readonly label: string;
  /** SVG dash array; "none" is solid */
  readonly dash: string;
}

const dot = (color: string, symbol: SymbolName): DotStyle => ({ color, symbol });

/**
 * One hue a land-cover group (forest green, shrub purple, savanna ochre, grass yellow, crop vermilion, wet blue, other grey);
 * within a group, lightness and symbol differ;
 * classes that share a symbol differ in lightness.
 * @source hues after Okabe & Ito, Color Universal Design (2008)
 */
export const IGBP_STYLE: Readonly<Record<Igbp, DotStyle>> = {
  ENF: dot("#004d3a", "circle"), EBF: dot("#007a59", "square"), DNF: dot("#2aa583", "diamond"), DBF: dot("#6cc6a9", "triangle"), MF: dot("#b5e3d3", "star"),
  CSH: dot("#7b2a5b", "cross"), OSH: dot("#cc79a7", "wye"),
  WSA: dot("#8a5a00", "diamond"), SAV: dot("#e69f00", "cross"),
  GRA: dot("#f0e442", "circle"),
  CRO: dot("#d55e00", "triangle"), CVM: dot("#f7b58a", "square"),
  WET: dot("#0072b2", "hexagon"),
  URB: dot("#6e6e6e", "star"), SNO: dot("#d9eefb", "wye"), WAT: dot("#56b4e9", "hexagon"),
};

/** Köppen main classes: A tropical, B arid, C temperate, D continental, E polar. */
export const KOPPEN_STYLE: Readonly<Record<Koppen, DotStyle>> = {
  A: dot("#009e73", "circle"), B: dot("#e69f00", "triangle"), C: dot("#cc79a7", "square"), D: dot("#0072b2", "diamond"), E: dot("#999999", "star"),
};

/** Which side of a split a site is on. */
export type SplitSide = "train" | "validation" | "test" | "unused";
export const SPLIT_SIDES: readonly SplitSide[] = ["train", "validation", "test", "unused"];
export const SPLIT_STYLE: Readonly<Record<SplitSide, DotStyle>> = {
  train: dot("#56b4e9", "circle"), validation: dot("#f0e442", "square"), test: dot("#b03a00", "triangle"), unused: dot("#bbbbbb", "cross"),
};

/** Folds in their order; more than ten repeat styles in turn. */
export const FOLD_STYLES: readonly DotStyle[] = [
  dot("#0072b2", "circle"), dot("#e69f00", "square"), dot("#004d3a", "triangle"), dot("#cc79a7", "diamond"), dot("#f0e442", "star"),
  dot("#56b4e9", "cross"), dot("#7b2a5b", "wye"), dot("#d55e00", "hexagon"), dot("#d9eefb", "circle"), dot("#6e6e6e", "square"),
];

/** A category that is not known. */
export const UNKNOWN_STYLE: DotStyle = dot("#ffffff", "circle");

/** Fluxes: GPP green, RECO vermilion, NEE blue. */
export const FLUX_STYLE: Readonly<Record<Flux, LineStyle>> = {
  gpp: { label: "GPP", color: "#009e73", symbol: "circle", dash: "none" },
  reco: { label: "RECO", color: "#d55e00", symbol: "square", dash: "6 3" },
  nee: { label: "NEE", color: "#0072b2", symbol: "triangle", dash: "2 2" },
};

/** The towers, and every model of the design by its configuration name. */
export const MODEL_STYLE: Readonly<Record<string, LineStyle>> = {
  observed: { label: "observed", color: INK, symbol: "circle", dash: "none" },
  tamrl: { label: "TAM-RL", color: "#d55e00", symbol: "square", dash: "none" },
  tamlstm: { label: "TAMLSTM", color: "#cc79a7", symbol: "star", dash: "8 3 2 3" },
  ctlstm: { label: "CT-LSTM", color: "#0072b2", symbol: "triangle", dash: "7 3" },
  lstm: { label: "LSTM", color: "#56b4e9", symbol: "diamond", dash: "3 2" },
  xgboost: { label: "XGBoost", color: "#009e73", symbol: "cross", dash: "5 2 1 2 1 2" },
  ridge: { label: "ridge", color: "#e69f00", symbol: "wye", dash: "1 3" },
  climatology: { label: "climatology", color: "#8c8c8c", symbol: "hexagon", dash: "12 4" },
  xbase: { label: "X-BASE", color: "#6b4c9a", symbol: "circle", dash: "4 3 1 3" },
};

/**
 * A style for each name: the model's own where the name is a model's, else the next that no other name takes.
 * More than nine names repeat styles in turn.
 * @example lineStyles(["observed", "tamrl", "my run"]).get("my run")
 */
export function lineStyles(names: readonly string[]): Map<string, LineStyle> {
  const free = Object.keys(MODEL_STYLE).filter((key) => key !== "observed" && !names.includes(key));
  const spare = free.length > 0 ? free : Object.keys(MODEL_STYLE);
  let next = 0;
  return new Map(names.map((name) => {
    const own = Object.hasOwn(MODEL_STYLE, name) ? MODEL_STYLE[name] : undefined;
    return [name, own ?? { ...MODEL_STYLE[spare[next++ % spare.length]!]!, label: name }];
  }));
}

/** Advance of DejaVu Sans glyphs in ems, by class of character; whatever is in no class is 0.61. */
const ADVANCES: readonly (readonly [characters: string, advance: number])[] = [
  ["iljI|'", 0.29], [" .,:;ft()[]-/⁻¹²³·", 0.36], ["rs?_z", 0.48], ["mwMW%@—", 0.9], ["ABCDGHKNOQRUVXYZ&+=<>≤≥−–~", 0.72],
];

/** Width of a text in px in the house font, to about 3 %. @example textWidth("GPP", 10) */
export function textWidth(text: string, fontSize: number, bold = false): number {
  const ems = [...text].reduce((sum, c) => sum + (ADVANCES.find(([characters]) => characters.includes(c))?.[1] ?? 0.61), 0);
  return ems * fontSize * (bold ? 1.12 : 1);
}
