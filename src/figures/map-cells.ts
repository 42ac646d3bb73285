import type { Markish } from "@observablehq/plot";
import type { MapFrame } from "../upscale/monthly-fields";
import type { Extent } from "./projection";

type Corner = readonly [number, number];
type Project = (lon: number, lat: number) => Corner | null;
interface Streams {
  stream(sink: { point(x: number, y: number): void }): { point(lon: number, lat: number): void };
}

/** Cells of one look: a colour, or the hatch over colours. */
export interface CellLayer {
  readonly fill: string;
  /** whether a cell is of this layer, by its index */
  has(cell: number): boolean;
}

/**
 * The part of the globe that a map of these cells shows; undefined for all of it.
 * @example extentOf(fields.frame)
 */
export function extentOf({ rows, columns }: MapFrame): Extent | undefined {
  const [west, east] = [Math.min(...columns.map((c) => c[0])), Math.max(...columns.map((c) => c[1]))];
  return east - west > 350 ? undefined : [west, Math.min(...rows.map((r) => r[0])), east, Math.max(...rows.map((r) => r[1]))];
}

/**
 * Draws cells in their true shape, one path a layer. Neighbours of a row that share a layer are one piece: in an equal-earth map parallels
 * are straight, so its corners say all of it.
 * @source Šavrič, Patterson & Jenny 2019, doi:10.1080/13658816.2018.1504949
 * @example stage.plot({ ...base.options, marks: [...base.below("#fff"), cellsMark(frame, layers)] })
 */
export function cellsMark(frame: MapFrame, layers: readonly CellLayer[]): Markish {
  return (_index, _scales, _values, _dimensions, context) => {
    const make = (tag: string): SVGElement => context.document.createElementNS("http://www.w3.org/2000/svg", tag) as SVGElement;
    const project = projector((context as unknown as { projection: Streams }).projection);
    const group = make("g");
    for (const { fill, has } of layers) {
      const d = frame.rows.flatMap((row, r) => runs(frame.columns, (c) => has(r * frame.columns.length + c)).flatMap((span) => shape(project, row, span)));
      if (d.length === 0) continue;
      const path = make("path");
      path.setAttribute("d", d.join(""));
      path.setAttribute("fill", fill);
      // of the cells' own colour: edges that meet leave no seam
      if (fill.startsWith("#")) {
        path.setAttribute("stroke", fill);
        path.setAttribute("stroke-width", "0.4");
      }
      group.append(path);
    }
    return group;
  };
}

function projector(projection: Streams): Project {
  let at: Corner | null = null;
  const sink = projection.stream({ point: (x, y) => { at = [x, y]; } });
  return (lon, lat) => {
    at = null;
    sink.point(lon, lat);
    return at;
  };
}

/** Stretches of columns that are of one layer, degrees; cut at the date line. */
function runs(columns: MapFrame["columns"], has: (column: number) => boolean): [number, number][] {
  const spans: [number, number][] = [];
  columns.forEach((column, c) => {
    if (!has(c)) return;
    for (const [west, east] of cut(column)) {
      const last = spans[spans.length - 1];
      if (last !== undefined && Math.abs(last[1] - west) < 1e-9) last[1] = east;
      else spans.push([west, east]);
    }
  });
  return spans;
}

function cut([west, east]: readonly [number, number]): [number, number][] {
  if (west >= 180) return [[west - 360, east - 360]];
  return east > 180 + 1e-9 ? [[west, 180], [-180, east - 360]] : [[west, east]];
}

function shape(project: Project, [south, north]: readonly [number, number], [west, east]: readonly [number, number]): string[] {
  const corners = [project(west, north), project(east, north), project(east, south), project(west, south)];
  if (corners.some((c) => c === null)) return [];
  return [`M${corners.map((c) => `${c![0].toFixed(1)},${c![1].toFixed(1)}`).join("L")}Z`];
}
