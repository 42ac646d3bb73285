/**
 * Spearman's rank correlation, ties at their mean rank; null below 4 pairs or where either side is constant.
 * @source Spearman 1904, doi:10.2307/1412159
 * @example rankCorrelation([1, 2, 3, 4], [10, 20, 30, 40]) // 1
 */
export function rankCorrelation(x: readonly number[], y: readonly number[]): number | null {
  const n = x.length;
  if (n < 4) return null;
  const [a, b] = [ranks(x), ranks(y)];
  const middle = (n + 1) / 2;
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    ab += (a[i]! - middle) * (b[i]! - middle);
    aa += (a[i]! - middle) ** 2;
    bb += (b[i]! - middle) ** 2;
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : null;
}

function ranks(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((i, j) => values[i]! - values[j]!);
  const out = new Array<number>(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++;
    for (let k = from; k < to; k++) out[order[k]!] = (from + to + 1) / 2;
    from = to;
  }
  return out;
}
