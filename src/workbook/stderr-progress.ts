import { printable } from "../core/printable";
import { duration, type Progress } from "../core/progress";

/**
 * Progress on stderr: one line rewritten in place on a terminal, else a line at most every five seconds and at each end.
 * @example const progress = stderrProgress()
 */
export function stderrProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  let last = -Infinity;
  return ({ what, done, total, secondsLeft, note }) => {
    const now = performance.now();
    const ended = done >= total;
    if (!ended && now - last < (stream.isTTY ? 100 : 5000)) return;
    last = now;
    const left = secondsLeft === null || ended ? "" : `, ${duration(secondsLeft)} left`;
    const line = `${what} ${done}${total === Infinity ? "" : `/${total}`}${left}${note ? ` · ${note}` : ""}`;
    stream.write(stream.isTTY ? `\r\u001b[K${printable(line)}${ended ? "\n" : ""}` : `${printable(line)}\n`);
  };
}
