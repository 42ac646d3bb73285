import { FLUX_LABEL, type Flux } from "../core/quantities";
import type { MapFields } from "../upscale/monthly-fields";
import { requireSome, type Figure, type Stage } from "./figure";
import { fixed } from "./fixed";
import { MONTH_NAMES, type FieldContext } from "./map-fields";
import { cellSize } from "./map";
import { classOf, divergingScale, hatchFill, hatchMark, scaleBar, sequentialScale, type MapScale } from "./map-scale";
import { MISSING, MUTED, WIDTH } from "./style";

interface Band {
  readonly flux: Flux;
  readonly south: number;
  readonly north: number;
  /** 1…12 */
  readonly month: number;
  readonly value: number;
}

/**
 * Mean seasonal cycle by latitude: month against latitude, a panel a flux, means over land. GPP and RECO share a scale, NEE has one
 * centred on 0 with sources hatched.
 * @throws WorkbookError EmptyTable where no band has a flux
 * @source Hovmöller 1949, doi:10.1111/j.2153-3490.1949.tb01260.x
 * @example hovmoller(await mapFields("O.zarr"))
 */
export function hovmoller(fields: MapFields, context: FieldContext = {}): Figure {
  const bands = fields.fluxes.flatMap((flux): Band[] => Array.from(fields.cycle[flux]!, (value, i) => {
    const [south, north] = fields.frame.rows[Math.floor(i / 12)]!;
    return { flux, south, north, month: (i % 12) + 1, value };
  }));
  const some = bands.filter((b) => !Number.isNaN(b.value));
  requireSome("hovmoller", some.length, "at least one latitude with a flux", "none", "upscale drivers that reach the land");
  const valuesOf = (wanted: (flux: Flux) => boolean): number[] => some.filter((b) => wanted(b.flux)).map((b) => b.value);
  const gross = sequentialScale("GPP, RECO (g C m⁻² d⁻¹)", valuesOf((f) => f !== "nee"));
  const net = divergingScale(FLUX_LABEL.nee, valuesOf((f) => f === "nee"), "source to the atmosphere");
  const extreme = (flux: Flux, of: (...v: number[]) => number): Band => some.filter((b) => b.flux === flux).reduce((a, b) => (of(a.value, b.value) === a.value ? a : b));
  const peak = (flux: Flux): string => {
    const b = flux === "nee" ? extreme(flux, Math.min) : extreme(flux, Math.max);
    return `${flux === "nee" ? "lowest NEE" : `highest ${flux.toUpperCase()}`} ${fixed(b.value, 2)} in ${MONTH_NAMES[b.month - 1]} at ${latitude((b.south + b.north) / 2)}`;
  };
  const peaks = fields.fluxes.filter((f) => some.some((b) => b.flux === f)).map(peak).join("; ");
  const land = some.map((b) => b.south);
  const holes = some.length < 12 * fields.fluxes.length * new Set(land).size;
  const range = [Math.min(...land), Math.max(...some.map((b) => b.north))] as const;
  return {
    name: "hovmoller", title: `Mean seasonal cycle by latitude${context.suffix ?? ""}`,
    caption: "Mean over land and years of each calendar month by latitude. Negative NEE is uptake; where the land releases carbon it is hatched.",
    alt: `Month against latitude: ${peaks} (g C m⁻² d⁻¹).`,
    n: new Set(land).size, nOf: `latitudes of ${cellSize(fields.frame).split(" ")[0]} with land`, period: fields.period, simulated: fields.simulated, legend: [],
    notes: [`${peaks[0]!.toUpperCase()}${peaks.slice(1)} (g C m⁻² d⁻¹).`],
    data: bands.filter((b) => b.north > range[0] && b.south < range[1]).map((b) => ({ flux: b.flux, lat_south: b.south, lat_north: b.north, month: b.month, value: b.value })),
    units: { lat_south: "degrees north", lat_north: "degrees north", month: "calendar month", value: "g C m⁻² d⁻¹" },
    draw: (stage) => {
      const width = Math.floor((WIDTH - 24) / fields.fluxes.length);
      const bars = [...(fields.fluxes.some((f) => f !== "nee") ? [gross] : []), ...(fields.fluxes.includes("nee") ? [net] : [])];
      return [
        ...bars.map((scale, k) => [scaleBar(stage, scale, { name: "hovmoller", missing: k === 0 && holes ? [{ words: "no flux", fill: MISSING }] : [], width: WIDTH })]),
        fields.fluxes.map((flux, k) => panel(stage, flux, some.filter((b) => b.flux === flux), flux === "nee" ? net : gross, range, width + (k === 0 ? 24 : 0), k === 0)),
      ];
    },
  };
}

function panel({ Plot, plot }: Stage, flux: Flux, bands: readonly Band[], scale: MapScale, range: readonly [number, number], width: number, axis: boolean): SVGSVGElement {
  const box = { x1: (b: Band) => b.month - 0.5, x2: (b: Band) => b.month + 0.5, y1: "south", y2: "north" } as const;
  return plot({
    width, height: 260, marginLeft: axis ? 40 : 14, marginRight: 6, marginTop: 24, marginBottom: 24,
    x: { domain: [0.5, 12.5], label: null }, y: { domain: [...range], label: null, axis: null },
    marks: [
      hatchMark("hovmoller"),
      Plot.frame({ fill: MISSING, stroke: "none" }),
      Plot.rect(bands, { ...box, fill: (b: Band) => scale.colors[classOf(scale, b.value)]!, stroke: (b: Band) => scale.colors[classOf(scale, b.value)]!, strokeWidth: 0.4 }),
      ...(scale.hatched === null ? [] : [Plot.rect(bands.filter((b) => b.value >= 0), { ...box, fill: hatchFill("hovmoller") })]),
      ...(range[0] < 0 && range[1] > 0 ? [Plot.ruleY([0], { stroke: MUTED, strokeWidth: 0.8, strokeDasharray: "3 2" })] : []),
      Plot.axisX([1, 3, 5, 7, 9, 11], { tickFormat: (m: number) => MONTH_NAMES[m - 1]!, tickSize: 3 }),
      ...(axis ? [Plot.axisY({ ticks: 6, tickSize: 3, tickFormat: latitude })] : []),
      Plot.text([FLUX_LABEL[flux].split(" ")[0]!], { frameAnchor: "top-left", dy: -14, textAnchor: "start", text: (t: string) => t, fontWeight: "bold" }),
    ],
  });
}

const latitude = (lat: number): string => (lat === 0 ? "0°" : `${Math.abs(lat)}° ${lat < 0 ? "S" : "N"}`);
