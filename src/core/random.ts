/** A stream of random numbers that depends on nothing but its seed and name. */
export interface Random {
  /** uniform in [0, 1) */
  uniform(): number;
  /** standard normal */
  normal(): number;
  /** whole number in 0..n-1 */
  int(n: number): number;
  /** a new array, shuffled (Fisher–Yates) */
  shuffle<T>(items: readonly T[]): T[];
  /** an independent stream; the parent is not advanced */
  split(name: string): Random;
  /** the state, for a checkpoint */
  state(): RandomState;
}

/** Position of a stream: four 32-bit words, the spare normal deviate, and the key it was split by. */
export interface RandomState {
  readonly words: readonly [number, number, number, number];
  readonly spare: number | null;
  readonly key: string;
}

/**
 * A seeded stream (sfc32, seeded through a string hash). Same seed and name, same numbers, on every machine.
 * @source Chris Doty-Humphrey, PractRand sfc32; string hash cyrb128 (public domain)
 * @example const r = random(1, "support"); r.int(4)
 */
export function random(seed: number, name = ""): Random {
  const key = `${seed}/${name}`;
  return fromWords(hash128(key), null, key, 12);
}

/** Continues a stream where `state()` left it. @example fromState(r.state()) */
export function fromState(state: RandomState): Random {
  return fromWords([...state.words], state.spare, state.key, 0);
}

function fromWords(words: [number, number, number, number], spareAtStart: number | null, key: string, warmUp: number): Random {
  let [a, b, c, d] = words;
  let spare = spareAtStart;
  const next = (): number => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return (t >>> 0) / 4294967296;
  };
  for (let i = 0; i < warmUp; i++) next();
  const normal = (): number => {
    if (spare !== null) {
      const s = spare;
      spare = null;
      return s;
    }
    const r = Math.sqrt(-2 * Math.log(1 - next()));
    const phi = 2 * Math.PI * next();
    spare = r * Math.sin(phi);
    return r * Math.cos(phi);
  };
  const int = (n: number): number => Math.floor(next() * n);
  return {
    uniform: next,
    normal,
    int,
    shuffle(items) {
      const out = [...items];
      for (let i = out.length - 1; i > 0; i--) {
        const j = int(i + 1);
        [out[i], out[j]] = [out[j]!, out[i]!];
      }
      return out;
    },
    split: (name) => fromWords(hash128(`${key}/${name}`), null, `${key}/${name}`, 12),
    state: () => ({ words: [a, b, c, d], spare, key }),
  };
}

function hash128(text: string): [number, number, number, number] {
  let [h1, h2, h3, h4] = [1779033703, 3144134277, 1013904242, 2773480762];
  for (let i = 0; i < text.length; i++) {
    const k = text.charCodeAt(i);
    h1 = h2 ^ Math.imul(h1 ^ k, 597399067);
    h2 = h3 ^ Math.imul(h2 ^ k, 2869860233);
    h3 = h4 ^ Math.imul(h3 ^ k, 951274213);
    h4 = h1 ^ Math.imul(h4 ^ k, 2716044179);
  }
  h1 = Math.imul(h3 ^ (h1 >>> 18), 597399067);
  h2 = Math.imul(h4 ^ (h2 >>> 22), 2869860233);
  h3 = Math.imul(h1 ^ (h3 >>> 17), 951274213);
  h4 = Math.imul(h2 ^ (h4 >>> 19), 2716044179);
  return [h1 ^ h2 ^ h3 ^ h4, h2 ^ h1, h3 ^ h1, h4 ^ h1];
}
