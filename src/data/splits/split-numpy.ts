/** numpy's legacy random state, as far as scikit-learn's splitters draw from it. */
export interface NumpyRandom {
  /** uniform whole number in 0..max, both ends included */
  interval(max: number): number;
  /** shuffles in place, as `RandomState.shuffle` does an array of one axis */
  shuffle(items: number[]): void;
  /** 0..n-1 in random order */
  permutation(n: number): number[];
  /** `count` of the items without replacement, as `RandomState.choice(items, count, replace=False)` */
  choice(items: readonly number[], count: number): number[];
}

const WORDS = 624;
const SHIFT = 397;

/**
 * numpy's `RandomState(seed)`, to the bit: MT19937 seeded by Knuth's multiplier, bounded numbers by masked rejection.
 * @source Matsumoto & Nishimura 1998, doi:10.1145/272991.272995; NEP 19 freezes the legacy streams
 * @example numpyRandom(56).permutation(5)
 */
export function numpyRandom(seed: number): NumpyRandom {
  const next = mersenneTwister(seed);
  const interval = (max: number): number => {
    if (max === 0) return 0;
    const mask = 0xffffffff >>> Math.clz32(max);
    for (;;) {
      const value = (next() & mask) >>> 0;
      if (value <= max) return value;
    }
  };
  const shuffle = (items: number[]): void => {
    for (let i = items.length - 1; i >= 1; i--) {
      const j = interval(i);
      [items[i], items[j]] = [items[j]!, items[i]!];
    }
  };
  const permutation = (n: number): number[] => {
    const out = Array.from({ length: n }, (_, i) => i);
    shuffle(out);
    return out;
  };
  const choice = (items: readonly number[], count: number): number[] => permutation(items.length).slice(0, count).map((i) => items[i]!);
  return { interval, shuffle, permutation, choice };
}

/** 32-bit outputs of MT19937. */
function mersenneTwister(seed: number): () => number {
  const key = new Uint32Array(WORDS);
  key[0] = seed;
  for (let i = 1; i < WORDS; i++) key[i] = Math.imul(1812433253, key[i - 1]! ^ (key[i - 1]! >>> 30)) + i;
  let at = WORDS;
  const refill = (): void => {
    for (let i = 0; i < WORDS; i++) {
      const y = (key[i]! & 0x80000000) | (key[(i + 1) % WORDS]! & 0x7fffffff);
      key[i] = key[(i + SHIFT) % WORDS]! ^ (y >>> 1) ^ ((y & 1) === 0 ? 0 : 0x9908b0df);
    }
    at = 0;
  };
  return () => {
    if (at === WORDS) refill();
    let y = key[at++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  };
}
