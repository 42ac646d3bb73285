import { channelsOf } from "../core/columns";
import { WorkbookError } from "../core/errors";

/** What the benchmark can measure alone. */
export const PARTS = ["lstm", "step", "epoch", "inference", "upscale", "ingest"] as const;
export type Part = (typeof PARTS)[number];

/** Sizes of one measured case. */
export interface BenchCase {
  readonly part: Part;
  readonly name: string;
  readonly batch: number;
  /** days of a window */
  readonly time: number;
  readonly hidden: number;
  /** support windows of a query */
  readonly windows: number;
  /** drivers; 0 where the table says */
  readonly channels: number;
  /** files are packed */
  readonly gzip?: true;
}

/** Width of the task embedding, as in the paper's model. */
export const LATENT = 32;
/** Days at the end of a window on which the loss is taken. */
export const LOSS_DAYS = 15;
const LSTM_CHANNELS = 24;

const lstm = (hidden: number): BenchCase =>
  ({ part: "lstm", name: `lstm B128 T365 ${LSTM_CHANNELS}→${hidden}`, batch: 128, time: 365, hidden, windows: 0, channels: LSTM_CHANNELS });
const step = (batch: number, time: number, hidden: number, windows: number): BenchCase =>
  ({ part: "step", name: `step B${batch} T${time} H${hidden} W${windows}`, batch, time, hidden, windows, channels: channelsOf("minimal").length });
const network = { batch: 128, time: 45, hidden: 128, channels: 0 };
const epoch: BenchCase = { part: "epoch", name: "epoch W4, batches included", ...network, windows: 4 };
const inference: BenchCase = { part: "inference", name: "inference, last day at stride 1", ...network, windows: 12 };
const upscale: BenchCase = { part: "upscale", name: "upscale", ...network, windows: 12 };
const ingest: BenchCase = { part: "ingest", name: "ingest 1e6 half-hours", batch: 0, time: 0, hidden: 0, windows: 0, channels: 0 };
const packed: BenchCase = { ...ingest, name: "ingest 1e6 half-hours, gzip", gzip: true };

/** The steps shown without `--full`: the paper's shape with one and four support windows, a wider one, a longer one, a large batch. */
const STEPS: readonly BenchCase[] = [step(128, 45, 128, 1), step(128, 45, 128, 4), step(128, 45, 256, 1), step(128, 365, 256, 1), step(1024, 45, 128, 4)];

/**
 * The cases of a run of the benchmark: by default about ten minutes on two cores, with `full` every combination of sizes. `only` keeps
 * those of a part, or those whose name begins so.
 * @throws WorkbookError BadArgument where a word of `only` fits none
 * @example benchCases(false, ["lstm"]).length // 2
 */
export function benchCases(full: boolean, only: readonly string[] = PARTS): BenchCase[] {
  const steps = full ? [128, 1024].flatMap((b) => [45, 365].flatMap((t) => [128, 256].flatMap((h) => [1, 4].map((w) => step(b, t, h, w))))) : STEPS;
  const cases = [lstm(128), lstm(256), ...steps, epoch, inference, upscale, ingest, packed];
  const fits = (c: BenchCase, word: string): boolean => c.part === word || c.name.startsWith(word);
  const idle = only.find((word) => word === "" || !cases.some((c) => fits(c, word)));
  if (idle !== undefined) throw new WorkbookError("BadArgument", `bench: --only: parts among ${PARTS.join(", ")} or the beginning of a case's name required, got "${idle}"; the cases are ${cases.map((c) => c.name).join("; ")}`);
  return cases.filter((c) => only.some((word) => fits(c, word)));
}
