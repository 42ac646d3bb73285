import * as fc from "fast-check";
import { share } from "./share";

/** What is done to the bytes of a good file. Positions are shares of its length, so that one mutation fits every file. */
export type ByteMutation =
  | { readonly do: "flip"; readonly at: number; readonly bit: number }
  | { readonly do: "set"; readonly at: number; readonly byte: number }
  | { readonly do: "word"; readonly at: number; readonly word: number }
  | { readonly do: "cut"; readonly at: number }
  | { readonly do: "drop"; readonly at: number; readonly length: number }
  | { readonly do: "repeat"; readonly at: number; readonly length: number }
  | { readonly do: "insert"; readonly at: number; readonly bytes: Uint8Array };

/** Lengths, counts and offsets that readers trip over: none, the sign bit, the largest of each width. */
const WORDS = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, 0x10000000, 0x00ffffff];

const mutation: fc.Arbitrary<ByteMutation> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("flip" as const), at: share, bit: fc.nat(7) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("set" as const), at: share, byte: fc.nat(255) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("word" as const), at: share, word: fc.constantFrom(...WORDS) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("cut" as const), at: share }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("drop" as const), at: share, length: fc.integer({ min: 1, max: 64 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("repeat" as const), at: share, length: fc.integer({ min: 1, max: 64 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("insert" as const), at: share, bytes: fc.uint8Array({ minLength: 1, maxLength: 16 }) }) },
);

/** One to six mutations; half of them near the beginning, where formats keep what they are. */
export const byteMutations: fc.Arbitrary<readonly ByteMutation[]> = fc.array(
  fc.tuple(mutation, fc.boolean()).map(([m, early]) => (early ? { ...m, at: m.at * 0.05 } : m)), { minLength: 1, maxLength: 6 });

/** The bytes after the mutations, the given ones untouched. @example mutateBytes(Buffer.from("PAR1"), [{ do: "cut", at: 0.5 }]) // "PA" */
export function mutateBytes(bytes: Uint8Array, mutations: readonly ByteMutation[]): Buffer {
  let out = Buffer.from(bytes);
  for (const m of mutations) {
    const at = Math.floor(m.at * out.length);
    if (m.do === "cut") out = out.subarray(0, at);
    else if (m.do === "drop") out = Buffer.concat([out.subarray(0, at), out.subarray(at + m.length)]);
    else if (m.do === "repeat") out = Buffer.concat([out.subarray(0, at + m.length), out.subarray(at)]);
    else if (m.do === "insert") out = Buffer.concat([out.subarray(0, at), m.bytes, out.subarray(at)]);
    else if (out.length === 0) continue;
    else if (m.do === "flip") out[at]! ^= 1 << m.bit;
    else if (m.do === "set") out[at] = m.byte;
    else if (out.length >= at + 4) out.writeUInt32LE(m.word, at);
  }
  return Buffer.from(out);
}

