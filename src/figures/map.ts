import { count } from "../core/count";
import type { MapFrame } from "../upscale/monthly-fields";
import { requireSome, type Figure, type FigureContext, type Period, type Row } from "./figure";
import { fixed } from "./fixed";
import { cellsMark, extentOf } from "./map-cells";
import { beyond, classOf, hatchFill, hatchMark, scaleBar, type MapScale } from "./map-scale";
import { baseMap } from "./projection";
import { MUTED, WIDTH } from "./style";

/** Land without a value: lighter than every class of a scale, in grey too. */
export const BARE = "#ffffff";

/** Land with a value in part of the year alone: no mean of a year is drawn of it. */
const PART = "#c9c9c9";
const PARTIAL = "not in every month";

/** Cells to draw, and what is said of them. */
export interface CellMap {
  readonly name: string;
  readonly title: string;
  readonly caption: string;
  readonly frame: MapFrame;
  /** NaN = none `[cell]` */
  readonly values: Float64Array;
  /** m² of land; a cell without any is not drawn `[cell]` */
  readonly land: Float64Array;
  readonly scale: MapScale;
  /** whether a cell is hatched, by its value and index; drawn only where the scale has words for it */
  hatched(value: number, cell: number): boolean;
  readonly column: string;
  readonly unit: string;
  readonly period: Period | null;
  /** what a land cell without a value is */
  readonly missing: string;
  /** 1 where a cell without a value has one in part of the year `[cell]` */
  readonly partial?: Uint8Array;
  readonly notes: readonly string[];
}

/**
 * A map of cells in an equal-area projection, coloured by class. Cells beyond the scale take its end colour and are counted; land without a
 * value is drawn as such and counted.
 * @throws WorkbookError EmptyTable where no cell has a value
 * @example cellMap({ name: "map-gpp", … }, { simulated: true })
 */
export function cellMap(map: CellMap, context: FigureContext): Figure {
  const { frame, values, land, scale } = map;
  const cells = [...land.keys()].filter((i) => land[i]! > 0);
  const drawn = cells.filter((i) => !Number.isNaN(values[i]!));
  requireSome(map.name, drawn.length, "at least one land cell with a value", `none of ${cells.length}`, "upscale drivers that reach the cells");
  const outside = beyond(scale, drawn.map((i) => values[i]!));
  const isPartial = (i: number): boolean => Number.isNaN(values[i]!) && map.partial?.[i] === 1;
  const partial = cells.filter(isPartial).length;
  const lacking = cells.length - drawn.length - partial;
  const keys = [...(lacking > 0 ? [{ words: map.missing, fill: BARE }] : []), ...(partial > 0 ? [{ words: PARTIAL, fill: PART }] : [])];
  const sum = (of: (i: number) => number): number => drawn.reduce((total, i) => total + of(i), 0);
  const mean = sum((i) => values[i]! * land[i]!) / sum((i) => land[i]!);
  const [low, high] = drawn.reduce(([a, b], i) => [Math.min(a, values[i]!), Math.max(b, values[i]!)], [Infinity, -Infinity]) as [number, number];
  const says = `mean over land ${shown(mean)}, from ${shown(low)} to ${shown(high)}${map.unit === "1" ? "" : ` ${map.unit}`}`;
  const columns = frame.columns.length;
  return {
    name: map.name, title: `${map.title}${context.suffix ?? ""}`, caption: `${map.caption} Equal-earth projection.`,
    alt: `Map of ${map.title}: ${says}.`,
    n: drawn.length, nOf: `land cells of ${cellSize(frame)}${partial > 0 ? " with a flux in every month" : ""}`, period: map.period, simulated: context.simulated, legend: [], decimals: 1,
    notes: [
      `${says[0]!.toUpperCase()}${says.slice(1)}.`,
      ...(lacking > 0 ? [`${count(lacking, "land cell")} drawn as ${map.missing}.`] : []),
      ...(partial > 0 ? [`${count(partial, "land cell")} without a mean: there is a flux, but not in every month (in polar night a satellite sees nothing).`] : []),
      ...(outside > 0 ? [`${count(outside, "cell")} beyond the scale, in its end colours.`] : []),
      ...map.notes,
    ],
    data: cells.map((i): Row => {
      const [row, column] = [frame.rows[Math.floor(i / columns)]!, frame.columns[i % columns]!];
      return { lat: (row[0] + row[1]) / 2, lon: (column[0] + column[1]) / 2, [map.column]: values[i]!, land_km2: land[i]! / 1e6 };
    }),
    units: { lat: "degrees north", lon: "degrees east", [map.column]: map.unit, land_km2: "km²" },
    draw: (stage) => {
      const base = baseMap(stage.Plot, extentOf(frame));
      const classes = Int16Array.from(values, (v, i) => (land[i]! > 0 ? classOf(scale, v) : -2));
      const layers = [
        { fill: BARE, has: (i: number) => classes[i] === -1 && !isPartial(i) },
        { fill: PART, has: (i: number) => classes[i] === -1 && isPartial(i) },
        ...scale.colors.map((fill, k) => ({ fill, has: (i: number) => classes[i] === k })),
        ...(scale.hatched === null ? [] : [{ fill: hatchFill(map.name), has: (i: number) => classes[i]! >= 0 && map.hatched(values[i]!, i) }]),
      ];
      return [
        [scaleBar(stage, scale, { name: map.name, missing: keys, width: WIDTH })],
        [stage.plot({ ...base.options, marks: [hatchMark(map.name), ...base.below(BARE), cellsMark(frame, layers), base.coast(MUTED)] })],
      ];
    },
  };
}

/** e.g. `4° × 4°`. */
export function cellSize({ rows, columns }: MapFrame): string {
  const size = ([low, high]: readonly [number, number]): string => `${Number((high - low).toFixed(3))}°`;
  return `${size(rows[Math.floor(rows.length / 2)]!)} × ${size(columns[Math.floor(columns.length / 2)]!)}`;
}

const shown = (x: number): string => fixed(x, 2);
