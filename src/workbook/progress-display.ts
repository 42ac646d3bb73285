import { duration, type Progress, type ProgressEvent } from "../core/progress";
import type { LiveOutput } from "./output";

const PAUSE_MS = 250;

/**
 * Progress in one place of the notebook, written again at most four times a second. A finished step leaves a line without
 * times, so that a saved notebook does not change from run to run. `now` is passed so that a test need not wait.
 * @example await train(config, { progress: progressDisplay(output().live(), true) })
 */
export function progressDisplay(place: LiveOutput, moving: boolean, now: () => number = () => performance.now()): Progress {
  const finished: string[] = [];
  let shownAt = -Infinity;
  return (event) => {
    const complete = event.done >= event.total;
    if (complete) finished.push(`${event.what}: ${event.total} of ${event.total} done`);
    if (!complete && (!moving || now() - shownAt < PAUSE_MS)) return;
    shownAt = now();
    place.text((complete ? finished : [...finished, describe(event)]).join("\n"));
  };
}

/** One line: what, how far, the note, and how long still. @example describe(event) // "epoch: 3 of 100 · loss 0.31 · 12 s left" */
export function describe(event: ProgressEvent): string {
  const left = event.secondsLeft === null ? "" : ` · ${duration(event.secondsLeft)} left`;
  return `${event.what}: ${event.done}${event.total === Infinity ? "" : ` of ${event.total}`}${event.note === undefined ? "" : ` · ${event.note}`}${left}`;
}
