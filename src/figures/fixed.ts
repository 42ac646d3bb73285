/** A number as a figure writes it: a true minus sign, and none before a zero. @example fixed(-1.234, 2) // "−1.23" */
export function fixed(value: number, digits: number): string {
  const text = value.toFixed(digits);
  return /^-[0.]*$/.test(text) ? text.slice(1) : text.replace("-", "−");
}
