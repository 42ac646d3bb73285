/**
 * Divides `total` places in proportion to `weights` (largest remainder), each getting at least `floor` where there is room.
 * Ties go to the earlier entry, so the same weights always give the same counts.
 * @source Hamilton's method of apportionment; Balinski & Young 1982, Fair Representation
 * @example allocate(5, [3, 1, 1]) // [3, 1, 1]
 */
export function allocate(total: number, weights: readonly number[], floor = 0): number[] {
  const base = floor * weights.length <= total ? floor : 0;
  const sum = weights.reduce((a, b) => a + b, 0);
  const ideal = weights.map((w) => (w / sum) * total);
  const counts = ideal.map((x) => Math.max(base, Math.floor(x)));
  let left = total - counts.reduce((a, b) => a + b, 0);
  while (left !== 0) {
    const step = Math.sign(left);
    let best = -1;
    for (let i = 0; i < counts.length; i++) {
      if (step < 0 && counts[i]! <= base) continue;
      const gap = step * (ideal[i]! - counts[i]!);
      if (best < 0 || gap > step * (ideal[best]! - counts[best]!) + 1e-12) best = i;
    }
    counts[best]! += step;
    left -= step;
  }
  return counts;
}
