/** A count with thousands marked, and its noun in the right number. @example count(2, "site") // "2 sites" */
export function count(n: number, noun: string): string {
  return `${n.toLocaleString("en-US")} ${noun}${n === 1 ? "" : "s"}`;
}
