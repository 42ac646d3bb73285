/** Whether any value of a column, or of its rows from `from` to one before `to`, is known (NaN = missing). @example anyKnown(Float32Array.of(NaN, 1)) // true */
export function anyKnown(values: Float32Array, from = 0, to = values.length): boolean {
  for (let i = from; i < to; i++) if (values[i] === values[i]) return true;
  return false;
}
