/** One step of long work: what, how far, and how long still. */
export interface ProgressEvent {
  readonly what: string;
  readonly done: number;
  /** Infinity where nobody knows */
  readonly total: number;
  /** seconds still to go at the pace so far; null before the first step */
  readonly secondsLeft: number | null;
  /** a short note, e.g. the loss */
  readonly note?: string;
}

/** Where progress goes: a line on stderr, a display in the notebook, or nowhere. */
export type Progress = (event: ProgressEvent) => void;

/** Seconds as a person says them. @example duration(125) // "2 min 5 s" */
export function duration(seconds: number): string {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  return s < 3600 ? `${Math.floor(s / 60)} min ${s % 60} s` : `${Math.floor(s / 3600)} h ${Math.floor((s % 3600) / 60)} min`;
}

/** Shows nothing. @example await train(config, { progress: silent }) */
export const silent: Progress = () => undefined;

/** Milliseconds of a clock that nobody sets back. */
const monotonic = (): number => performance.now();

/** Share done before which the time left is not told: the little that is done first is seldom like the rest. */
const TELLING = 0.01;

/**
 * A counter that reports to `progress` with the time left; `now` is passed so that a test need not wait.
 * @example const step = counter("epoch", 100, progress); step(1, "loss 0.31")
 */
export function counter(what: string, total: number, progress: Progress, now: () => number = monotonic): (done: number, note?: string) => void {
  const start = now();
  return (done, note) => {
    const secondsLeft = done >= TELLING * total && done > 0 ? (((now() - start) / done) * (total - done)) / 1000 : null;
    progress({ what, done, total, secondsLeft, ...(note === undefined ? {} : { note }) });
  };
}
