import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { isWorkbookError } from "../../../src/core/errors";
import { random } from "../../../src/core/random";
import { openGrid } from "../../../src/data/grid/open";
import { createZarr } from "../../../src/data/grid/write-zarr";
import { xxh64 } from "../../../src/data/grid/xxh64";
import { scratch } from "../../helpers/cli";

const [P1, P2, P3, P4, P5] = [0x9e3779b185ebca87n, 0xc2b2ae3d27d4eb4fn, 0x165667b19e3779f9n, 0x85ebca77c2b2ae63n, 0x27d4eb2f165667c5n] as const;
const wide = (v: bigint): bigint => BigInt.asUintN(64, v);
const turned = (v: bigint, by: bigint): bigint => wide(v << by) | (wide(v) >> (64n - by));
const mixed = (lane: bigint, word: bigint): bigint => wide(turned(wide(lane + word * P2), 31n) * P1);

/** The specification word for word, in numbers of 64 bits. */
function asSpecified(bytes: Buffer): bigint {
  const n = bytes.length;
  let at = 0;
  let hash: bigint = P5;
  if (n >= 32) {
    const lanes: bigint[] = [wide(P1 + P2), P2, 0n, wide(-P1)];
    for (; at + 32 <= n; at += 32) lanes.forEach((lane, k) => (lanes[k] = mixed(lane, bytes.readBigUInt64LE(at + 8 * k))));
    hash = wide(lanes.reduce((sum, lane, k) => sum + turned(lane, [1n, 7n, 12n, 18n][k]!), 0n));
    for (const lane of lanes) hash = wide((hash ^ mixed(0n, lane)) * P1 + P4);
  }
  hash = wide(hash + BigInt(n));
  for (; at + 8 <= n; at += 8) hash = wide(turned(hash ^ mixed(0n, bytes.readBigUInt64LE(at)), 27n) * P1 + P4);
  for (; at + 4 <= n; at += 4) hash = wide(turned(hash ^ wide(BigInt(bytes.readUInt32LE(at)) * P1), 23n) * P2 + P3);
  for (; at < n; at++) hash = wide(turned(hash ^ wide(BigInt(bytes[at]!) * P5), 11n) * P1);
  hash = wide((hash ^ (hash >> 33n)) * P2);
  hash = wide((hash ^ (hash >> 29n)) * P3);
  return hash ^ (hash >> 32n);
}

test("xxHash of 64 bits is the published one, at every length of its parts", () => {
  const hex = (bytes: Uint8Array): string => [xxh64(bytes).high, xxh64(bytes).low].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
  for (const [text, hash] of [["", "ef46db3751d8e999"], ["a", "d24ec4f1a98c6e5b"], ["abc", "44bc2cf5ad770999"], ["Nobody inspects the spammish repetition", "fbcea83c8a378bf1"]] as const) assert.equal(hex(Buffer.from(text)), hash);
  const r = random(1, "xxh64");
  for (const n of [...Array.from({ length: 100 }, (_, i) => i), 1000, 4095]) {
    // from an odd place, as a part of something larger
    const bytes = Buffer.from(Uint8Array.from({ length: n + 3 }, () => r.int(256))).subarray(3);
    assert.equal(hex(bytes), asSpecified(bytes).toString(16).padStart(16, "0"), String(n));
  }
});

test("a bit flipped in any stored piece is told: without their checksum nearly all pieces unpacked to other numbers", async () => {
  const store = path.join(scratch("flipped"), "S.zarr");
  const r = random(1, "flips");
  const values = Float32Array.from({ length: 4000 }, (_, i) => Math.sin(i / 40) + r.normal() / 100);
  const out = await createZarr(store, {}, [{ name: "GPP", dims: ["time"], shape: [4000], chunks: [2000], type: "float32", fill: NaN, attributes: {} }]);
  await out.write("GPP", [[0, 4000]], values);
  const read = async (): Promise<Float64Array> => (await (await openGrid(store)).variable("GPP")).read([[0, 4000]]);
  assert.deepEqual(Float32Array.from(await read()), values);
  const piece = path.join(store, "GPP", "c", "1");
  const whole = fs.readFileSync(piece);
  let told = 0;
  for (let k = 0; k < 60; k++) {
    const [at, bit] = [r.int(whole.length), r.int(8)];
    fs.writeFileSync(piece, whole.map((byte, i) => (i === at ? byte ^ (1 << bit) : byte)));
    const found = await read().catch((error: unknown) => error);
    if (found instanceof Float64Array) assert.deepEqual(Float32Array.from(found), values, `bit ${bit} of byte ${at}`);
    else assert.ok(++told && isWorkbookError(found, "BadFile") && /S\.zarr.GPP: chunk 1: a whole Zarr array required.*copy it again/.test(found.message), String(found));
  }
  assert.ok(told > 50, String(told));
});
