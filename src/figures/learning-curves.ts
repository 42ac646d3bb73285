import { count } from "../core/count";
import { requireSome, type Figure, type FigureContext, type Period, type Stage } from "./figure";
import { GRID, INK, lineStyles, MUTED, WIDTH, type LineStyle } from "./style";

/** Losses of one epoch; `validation` is null or NaN where the epoch was not validated. No unit: z-scored fluxes. */
export interface EpochLoss {
  readonly model: string;
  /** 1 = plain LSTM, 2 = encoder and decoder; or a name */
  readonly stage: string | number;
  readonly epoch: number;
  readonly train: number | null;
  readonly validation: number | null;
}

export interface LearningCurvesOptions extends FigureContext {
  /** days the models were trained on */
  readonly period: Period | null;
}

interface Curve {
  readonly model: string;
  readonly stage: string;
  readonly train: readonly Point[];
  readonly validation: readonly Point[];
  readonly best: Point | null;
}

interface Point {
  readonly epoch: number;
  readonly loss: number;
}

const TRAIN_DASH = "2 2";

/**
 * Training (dotted) and validation loss (solid, dots) by epoch, a panel a stage, a colour a model; a ring marks the epoch that was
 * kept. Losses that are not finite are counted under the figure.
 * @throws WorkbookError EmptyTable where no epoch has a loss
 * @example learningCurves(log, { period, simulated: true })
 */
export function learningCurves(rows: readonly EpochLoss[], options: LearningCurvesOptions): Figure {
  const finite = rows.filter((row) => Number.isFinite(row.train) || Number.isFinite(row.validation));
  requireSome("learningCurves", finite.length, "at least one epoch with a loss", `none in ${count(rows.length, "epoch")}`, "check the run's log");
  const models = [...new Set(rows.map((row) => row.model))];
  const stages = [...new Set(rows.map((row) => String(row.stage)))];
  const styles = lineStyles(models);
  const curves = stages.flatMap((stage) => models.map((model) => curve(rows, model, stage))).filter((c) => c.train.length + c.validation.length > 0);
  const broken = rows.filter((row) => isBroken(row.train) || isBroken(row.validation)).length;

  return {
    name: "learning-curves",
    title: `Training and validation loss by epoch${options.suffix ?? ""}`,
    caption: "Loss of the training part (dotted) and of the validation part (solid) by epoch and stage; ring: the epoch of least validation loss, whose weights are kept. The loss is that of z-scored fluxes with weights and balance term, without unit.",
    alt: curves.map((c) => `${styles.get(c.model)!.label}, stage ${c.stage}: ${count(c.train.length, "epoch")}${c.best === null ? "" : `, least validation loss ${c.best.loss.toFixed(3)} in epoch ${c.best.epoch}`}`).join("; "),
    n: finite.length,
    nOf: `epochs of ${count(models.length, "model")}`,
    period: options.period,
    simulated: options.simulated,
    legend: [
      ...models.map((model) => ({ label: styles.get(model)!.label, kind: "dot" as const, color: styles.get(model)!.color, symbol: styles.get(model)!.symbol })),
      { label: "training", kind: "line", color: MUTED, dash: TRAIN_DASH },
      { label: "validation", kind: "line", color: MUTED, symbol: "circle" },
      { label: "epoch kept", kind: "dot", color: INK, hollow: true },
    ],
    notes: broken > 0 ? [`${count(broken, "epoch")} with a loss that is not finite, not drawn.`] : [],
    data: rows.map((row) => ({ model: row.model, stage: row.stage, epoch: row.epoch, train: row.train, validation: row.validation })),
    units: { epoch: "epochs", train: "1", validation: "1" },
    draw: (stage) => [stages.map((name, i) => drawPanel(stage, name, i === 0, Math.floor(WIDTH / stages.length), curves, styles))],
  };
}

function isBroken(loss: number | null): boolean {
  return loss === Infinity || loss === -Infinity;
}

function curve(rows: readonly EpochLoss[], model: string, stage: string): Curve {
  const own = rows.filter((row) => row.model === model && String(row.stage) === stage).sort((a, b) => a.epoch - b.epoch);
  const points = (key: "train" | "validation"): Point[] => own.filter((row) => Number.isFinite(row[key])).map((row) => ({ epoch: row.epoch, loss: row[key]! }));
  const validation = points("validation");
  return { model, stage, train: points("train"), validation, best: validation.length === 0 ? null : validation.reduce((a, b) => (b.loss < a.loss ? b : a)) };
}

function drawPanel({ Plot, plot }: Stage, name: string, first: boolean, width: number, curves: readonly Curve[], styles: ReadonlyMap<string, LineStyle>): SVGSVGElement {
  const own = curves.filter((c) => c.stage === name);
  const losses = curves.flatMap((c) => [...c.train, ...c.validation].map((p) => p.loss));
  const title = /^\d+$/.test(name) ? `stage ${name}` : name;
  return plot({
    width, height: 250, marginLeft: 44, marginRight: 10, marginTop: 26, marginBottom: 34,
    x: { label: "epoch", labelAnchor: "center", labelArrow: "none", ticks: 6, tickFormat: (d: number) => (Number.isInteger(d) ? String(d) : ""), domain: [0, Math.max(...own.flatMap((c) => [...c.train, ...c.validation].map((p) => p.epoch)))] },
    y: { domain: [0, 1.05 * Math.max(...losses)], label: first ? "loss (no unit)" : null, labelArrow: "none", ticks: 5 },
    marks: [
      Plot.gridY({ ticks: 5, stroke: GRID, strokeOpacity: 1 }),
      ...own.map((c) => Plot.line(c.train, { x: "epoch", y: "loss", stroke: styles.get(c.model)!.color, strokeWidth: 1.4, strokeDasharray: TRAIN_DASH })),
      ...own.map((c) => Plot.line(c.validation, { x: "epoch", y: "loss", stroke: styles.get(c.model)!.color, strokeWidth: 1.4 })),
      ...own.map((c) => Plot.dot(c.validation, { x: "epoch", y: "loss", r: 2.4, symbol: styles.get(c.model)!.symbol, fill: styles.get(c.model)!.color })),
      Plot.dot(own.flatMap((c) => (c.best === null ? [] : [c.best])), { x: "epoch", y: "loss", r: 5.5, stroke: INK, strokeWidth: 1.3 }),
      Plot.text([title], { frameAnchor: "top", dy: -14, text: (t: string) => t, fontWeight: "bold" }),
    ],
  });
}
