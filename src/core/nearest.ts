/** Names are compared by their beginnings: comparing two long ones takes the product of their lengths. */
const COMPARED = 64;

/**
 * The `count` candidates nearest to `word` by edit distance, nearest first: the "did you mean" of every message.
 * @example nearest("epocs", ["epochs", "batch"], 1) // ["epochs"]
 */
export function nearest(word: string, candidates: readonly string[], count = 1): string[] {
  const scored = candidates.map((candidate) => ({ candidate, d: editDistance(beginning(word), beginning(candidate)) }));
  scored.sort((a, b) => a.d - b.d || (a.candidate < b.candidate ? -1 : 1));
  return scored.slice(0, count).map((s) => s.candidate);
}

/** Share of the longer name's letters that may differ for two names to be near. */
const NEAR = 0.4;

/**
 * Those of `nearest` that are near: few letters differ, or one name begins with the other.
 * @example near("GPP", ["Day", "Rain"]) // []
 */
export function near(word: string, candidates: readonly string[], count = 1): string[] {
  const own = beginning(word);
  return nearest(word, candidates, count).filter((candidate) => {
    const other = beginning(candidate);
    const [short, long] = own.length < other.length ? [own, other] : [other, own];
    return editDistance(own, other) <= Math.max(1, Math.floor(NEAR * long.length)) || (short.length > 1 && long.startsWith(short));
  });
}

/**
 * The "did you mean" at the end of a message, where there is something near.
 * @example didYouMean("epocs", ["epochs", "batch"]) // "; nearest epochs"
 */
export function didYouMean(word: string, candidates: readonly string[], count = 1): string {
  const found = near(word, candidates, count);
  return found.length === 0 ? "" : `; nearest ${found.join(", ")}`;
}

const beginning = (name: string): string => name.slice(0, COMPARED).toLowerCase();

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      current[j] = Math.min(previous[j]! + 1, current[j - 1]! + 1, previous[j - 1]! + change);
    }
    previous = current;
  }
  return previous[b.length]!;
}
