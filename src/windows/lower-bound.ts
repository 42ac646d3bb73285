/** Index of the first entry of an ascending list that is at least `value`; the list's length where none is. @example lowerBound(Int32Array.of(2, 5, 9), 5) // 1 */
export function lowerBound(list: Int32Array, value: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (list[mid]! < value) low = mid + 1;
    else high = mid;
  }
  return low;
}
