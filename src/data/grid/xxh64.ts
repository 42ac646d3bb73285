/** A number of 64 bits as two of 32. */
interface Wide {
  high: number;
  low: number;
}

const PRIMES: readonly Wide[] = [[0x9e3779b1, 0x85ebca87], [0xc2b2ae3d, 0x27d4eb4f], [0x165667b1, 0x9e3779f9], [0x85ebca77, 0xc2b2ae63], [0x27d4eb2f, 0x165667c5]].map(([high, low]) => ({ high: high! | 0, low: low! | 0 }));
const [P1, P2, P3, P4, P5] = PRIMES as [Wide, Wide, Wide, Wide, Wide];
const STRIPE = 32;
const PIECE = 2 ** -16;

/**
 * xxHash of 64 bits with seed 0: what Zstandard ends its frames with. In halves of 32 bits, for BigInt takes many times as long.
 * @source xxHash fast digest algorithm, specification 0.1.1, §XXH64; RFC 8878, §3.1.1
 * @example xxh64(new Uint8Array()).low >>> 0 // 0x51d8e999
 */
export function xxh64(bytes: Uint8Array): { readonly high: number; readonly low: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const n = bytes.length;
  const striped = n - (n % STRIPE);
  const hash: Wide = { ...P5 };
  if (striped > 0) {
    const lanes = [plus(P1, P2), P2, { high: 0, low: 0 }, plus({ high: ~P1.high, low: ~P1.low }, { high: 0, low: 1 })].map((start, k) => laneOf(view, 8 * k, striped, start));
    Object.assign(hash, [1, 7, 12, 18].map((by, k) => rotated({ ...lanes[k]! }, by)).reduce(plus));
    for (const { high, low } of lanes) {
      join(hash, high, low);
      multiply(hash, P1);
      add(hash, P4);
    }
  }
  add(hash, { high: Math.floor(n / 2 ** 32), low: n | 0 });
  let at = striped;
  for (; at + 8 <= n; at += 8) {
    join(hash, view.getInt32(at + 4, true), view.getInt32(at, true));
    multiply(rotated(hash, 27), P1);
    add(hash, P4);
  }
  if (at + 4 <= n) {
    exclude(hash, product({ high: 0, low: view.getInt32(at, true) }, P1));
    multiply(rotated(hash, 23), P2);
    add(hash, P3);
    at += 4;
  }
  for (; at < n; at++) {
    exclude(hash, product({ high: 0, low: bytes[at]! }, P5));
    multiply(rotated(hash, 11), P1);
  }
  exclude(hash, { high: 0, low: hash.high >>> 1 });
  multiply(hash, P2);
  exclude(hash, { high: hash.high >>> 29, low: (hash.low >>> 29) | (hash.high << 3) });
  multiply(hash, P3);
  exclude(hash, { high: 0, low: hash.high });
  return hash;
}

/** What a lane comes to, which takes in eight bytes of every 32: lane = rotate(lane + word · P2, 31) · P1. Written out, for all the time goes by here. */
function laneOf(view: DataView, from: number, end: number, start: Wide): Wide {
  const [p1, p2] = [P1.low, P2.low];
  const [p1a, p1b, p2a, p2b] = [p1 & 0xffff, p1 >>> 16, p2 & 0xffff, p2 >>> 16];
  const [p1h, p2h] = [P1.high, P2.high];
  let { high, low } = start;
  for (let at = from; at < end; at += STRIPE) {
    const word = view.getInt32(at, true);
    const wide = word >>> 0;
    const carried = Math.floor((wide * p2b + Math.floor(wide * p2a * PIECE)) * PIECE);
    const sum = (low >>> 0) + (Math.imul(word, p2) >>> 0);
    const sumHigh = (high + carried + Math.imul(view.getInt32(at + 4, true), p2) + Math.imul(word, p2h) + (sum > 0xffffffff ? 1 : 0)) | 0;
    const sumLow = sum | 0;
    const turnedHigh = (sumHigh << 31) | (sumLow >>> 1);
    const turned = (sumLow << 31) | (sumHigh >>> 1);
    const unsigned = turned >>> 0;
    high = (Math.floor((unsigned * p1b + Math.floor(unsigned * p1a * PIECE)) * PIECE) + Math.imul(turnedHigh, p1) + Math.imul(turned, p1h)) | 0;
    low = Math.imul(turned, p1);
  }
  return { high, low };
}

/** The hash takes in eight bytes, or a lane. */
function join(hash: Wide, high: number, low: number): void {
  exclude(hash, product(rotated(product({ high, low }, P2), 31), P1));
}

function add(to: Wide, { high, low }: Wide): void {
  const sum = (to.low >>> 0) + (low >>> 0);
  to.low = sum | 0;
  to.high = (to.high + high + (sum > 0xffffffff ? 1 : 0)) | 0;
}

function plus(a: Wide, b: Wide): Wide {
  const out = { ...a };
  add(out, b);
  return out;
}

/** The lower 64 bits of a product, in place; that of the lower halves in two pieces that a double holds. */
function multiply(a: Wide, b: Wide): void {
  const low = a.low >>> 0;
  const carried = Math.floor((low * (b.low >>> 16) + Math.floor(low * (b.low & 0xffff) * PIECE)) * PIECE);
  a.high = (carried + Math.imul(a.high, b.low) + Math.imul(a.low, b.high)) | 0;
  a.low = Math.imul(a.low, b.low);
}

function product(a: Wide, b: Wide): Wide {
  multiply(a, b);
  return a;
}

/** Turns to the left by 1 to 31 bits, in place. */
function rotated(a: Wide, by: number): Wide {
  const { high, low } = a;
  a.high = (high << by) | (low >>> (32 - by));
  a.low = (low << by) | (high >>> (32 - by));
  return a;
}

function exclude(a: Wide, b: Wide): void {
  a.high ^= b.high;
  a.low ^= b.low;
}
