import type { Day } from "../core/days";
import { requireSome, type Figure, type FigureContext, type Stage } from "./figure";
import { GRID, INK, WIDTH } from "./style";

/** Mean over hidden units of one LSTM gate on one day, with and without the task's modulation. */
export interface GateDay {
  readonly gate: string;
  readonly day: Day;
  readonly modulated: number;
  readonly plain: number;
}

export interface GatesOptions extends FigureContext {
  readonly site: string;
  readonly hidden: number;
}

const LINES = [
  { key: "modulated", label: "with the site's z", color: "#d55e00", dash: "none" },
  { key: "plain", label: "without modulation", color: "#0072b2", dash: "5 3" },
] as const;

/**
 * What modulation does to the gates of the LSTM over one window: a panel a gate, the mean over hidden units by day, with the site's embedding
 * and without.
 * @throws WorkbookError EmptyTable without a day
 * @example gates(gateDays(trace, plain), { site: "SIM-001", hidden: 32, simulated: true })
 */
export function gates(days: readonly GateDay[], options: GatesOptions): Figure {
  requireSome("gates", days.length, "at least one day of a gate", "none", "trace a window first");
  const names = [...new Set(days.map((d) => d.gate))];
  const times = days.map((d) => d.day);
  return {
    name: "gates",
    title: `Gates of the LSTM at ${options.site}, with and without its task embedding${options.suffix ?? ""}`,
    caption: `Mean over ${options.hidden} hidden units of each gate of the LSTM by day of one window at ${options.site}: with the input modulated by the site's task embedding, and without modulation. Input, forget and output gates lie in 0…1, the cell's candidate in −1…1.`,
    alt: names.map((gate) => `${gate}: ${LINES.map(({ key, label }) => `${mean(days.filter((d) => d.gate === gate).map((d) => d[key])).toFixed(2)} ${label}`).join(", ")}`).join("; "),
    n: days.length / names.length,
    nOf: "days",
    period: { first: Math.min(...times) as Day, last: Math.max(...times) as Day },
    simulated: options.simulated,
    legend: LINES.map(({ label, color, dash }) => ({ label, kind: "line", color, dash })),
    notes: [],
    data: days.map(({ gate, day, modulated, plain }) => ({ gate, day, modulated, plain })),
    units: { day: "days since 1970-01-01", modulated: "1", plain: "1" },
    draw: (stage) => [names.map((gate, i) => panel(stage, gate, days.filter((d) => d.gate === gate), Math.floor(WIDTH / names.length), i === 0))],
  };
}

function panel({ Plot, plot }: Stage, gate: string, days: readonly GateDay[], width: number, first: boolean): SVGSVGElement {
  const from = days[0]!.day;
  const x = (d: GateDay): number => d.day - from + 1;
  return plot({
    width, height: 210, marginLeft: first ? 50 : 36, marginRight: 6, marginTop: 26, marginBottom: 34,
    x: { label: "day of the window", labelAnchor: "center", labelArrow: "none", ticks: 4 },
    y: { label: first ? "mean over units (no unit)" : null, labelAnchor: "center", labelArrow: "none", domain: gate === "cell" ? [-1, 1] : [0, 1], ticks: 5 },
    marks: [
      Plot.gridY({ ticks: 5, stroke: GRID, strokeOpacity: 1 }),
      ...LINES.map(({ key, color, dash }) => Plot.line([...days], { x, y: key, stroke: color, strokeWidth: 1.6, strokeDasharray: dash })),
      Plot.text([`${gate} ${gate === "cell" ? "candidate" : "gate"}`], { frameAnchor: "top", dy: -14, text: (t: string) => t, fontWeight: "bold", fill: INK }),
    ],
  });
}

const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
