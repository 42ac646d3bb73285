import type { BenchReport } from "./bench";
import type { BenchRow } from "./rows";

const HEAD = ["", "min ms", "median ms", "ratio of min", "of median", "per second", "memory MB", "loss off by"];

/**
 * The report for a person: one block a case, ratios to the peer of the same run (below 1 is faster).
 * @example process.stdout.write(benchText(await bench()))
 */
export function benchText({ machine, rows, failed, notes, loss_tolerance }: BenchReport): string {
  const names = [...new Set([...rows, ...failed].map((r) => r.name))];
  const blocks = names.flatMap((name) => {
    const cells = [[name, ...HEAD.slice(1)], ...rows.filter((r) => r.name === name).map(cellsOf)];
    const lost = failed.filter((f) => f.name === name).map((f) => `  ${f.contender}: no time: ${f.reason}`);
    return ["", ...aligned(cells), ...lost];
  });
  return [
    `${machine.cpu}, ${machine.cores} cores, ${machine.instructions.join(" ")}, ${machine.memory_gb} GB; ${machine.threads} threads; Node.js ${machine.node}${machine.versions["torch"] ? `, PyTorch ${machine.versions["torch"]}` : ""}; commit ${machine.commit ?? "unknown"}`,
    `ratios to the peer of each block (1.00), below 1 is faster; losses on the same weights and data held to ${loss_tolerance} relative`,
    ...notes, ...blocks, "",
  ].join("\n");
}

function cellsOf(row: BenchRow): string[] {
  const ratio = (value: number | null): string => (value === null ? "–" : value.toFixed(2));
  const rate = row.per_s === null ? "–" : `${Math.round(row.per_s)} ${row.unit}`;
  return [`  ${row.contender}`, row.ms_min.toFixed(1), row.ms_median.toFixed(1), ratio(row.ratio_min), ratio(row.ratio_median), rate, String(row.rss_mb), row.loss_difference.toExponential(1)];
}

/** First column to the left, the others to the right. */
function aligned(cells: readonly (readonly string[])[]): string[] {
  const width = HEAD.map((_, k) => Math.max(...cells.map((row) => row[k]!.length)));
  return cells.map((row) => row.map((cell, k) => (k === 0 ? cell.padEnd(width[k]!) : cell.padStart(width[k]! + 2))).join("").trimEnd());
}
