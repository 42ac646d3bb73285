import assert from "node:assert/strict";
import { test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { random } from "../../src/core/random";
import { decodeSafetensors, encodeSafetensors, type NamedArrays } from "../../src/model/safetensors";
import { bytesOf, floats, readGolden, type Stored } from "./golden";

const python = readGolden<{ float32: string; withCounter: string; tensors: Record<string, Stored> }>("safetensors");
const tensors: NamedArrays = new Map(Object.entries(python.tensors).map(([name, s]) => [name, { shape: s.shape, data: floats(s) }]));
const bad = (pattern: RegExp) => (error: unknown): boolean => isWorkbookError(error, "BadFile") && pattern.test(error.message) && error.message.includes("w.safetensors");
const refused = (bytes: Uint8Array, pattern: RegExp): void => assert.throws(() => decodeSafetensors(bytes, "w.safetensors"), bad(pattern));

/** A file with this header and `data` bytes of zeros. */
const file = (header: string, data: number, claimed = header.length): Uint8Array => {
  const bytes = new Uint8Array(8 + header.length + data);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(claimed), true);
  bytes.set(new TextEncoder().encode(header), 8);
  return bytes;
};
const entry = (shape: unknown, offsets: unknown, dtype: unknown = "F32"): string => JSON.stringify({ dtype, shape, data_offsets: offsets });

test("a file is byte for byte the one that Python's safetensors writes", () => {
  assert.deepEqual(encodeSafetensors(tensors, { model: "tamrl" }), bytesOf(python.float32));
});

test("Python's file is read back, with its metadata and PyTorch's int64 counter", () => {
  const read = decodeSafetensors(bytesOf(python.float32), "w.safetensors");
  assert.deepEqual(read.tensors, new Map([...tensors].sort(([a], [b]) => (a < b ? -1 : 1))));
  assert.deepEqual(read.metadata, { model: "tamrl" });
  assert.deepEqual(decodeSafetensors(bytesOf(python.withCounter), "w.safetensors").tensors.get("bn.num_batches_tracked"), { shape: [], data: Float32Array.of(7) });
});

test("what is written is read back, bit for bit, from an unaligned view too", () => {
  const stream = random(1, "safetensors");
  for (let k = 0; k < 20; k++) {
    const arrays = new Map(Array.from({ length: stream.int(5) }, (_, i) => {
      const shape = Array.from({ length: stream.int(4) }, () => stream.int(4));
      return [`layer.${i}.ü`, { shape, data: Float32Array.from({ length: shape.reduce((p, n) => p * n, 1) }, () => stream.normal() * 10 ** stream.int(30)) }] as const;
    }));
    const bytes = encodeSafetensors(arrays, { note: `n ${k}` });
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    assert.deepEqual(decodeSafetensors(shifted.subarray(1), "w.safetensors").tensors, arrays);
  }
});

test("every truncation and every overlong file is refused", () => {
  const whole = bytesOf(python.float32);
  for (let n = 0; n < whole.length; n++) refused(whole.subarray(0, n), /safetensors file/);
  refused(new Uint8Array([...whole, 0]), /1 bytes follow/);
});

test("a hostile header is refused before anything is allocated for it", () => {
  refused(file("{}", 0, 2 ** 50), /header claims/);
  refused(file("[]", 0), /not a JSON object/);
  refused(file("{", 0), /not a JSON object/);
  refused(file(`{"__metadata__":{"a":1}}`, 0), /metadata/);
  refused(file(`{"a":5}`, 0), /entry of a/);
  refused(file(`{"a":null}`, 0), /entry of a/);
  refused(file(`{"a":${entry([1], [0, 4], "F64")}}`, 4), /type F64/);
  refused(file(`{"a":${entry([1e9, 1e9, 1e9], [0, 4])}}`, 4), /has 4 bytes/);
  refused(file(`{"a":${entry([2 ** 40], [0, 2 ** 42])}}`, 4), /beyond the file/);
  refused(file(`{"a":${entry([-1], [0, 4])}}`, 4), /entry of a/);
  refused(file(`{"a":${entry([1.5], [0, 6])}}`, 6), /entry of a/);
  refused(file(`{"a":${entry([1], [4, 0])}}`, 4), /entry of a/);
  refused(file(`{"a":${entry([1], [0, 4])},"b":${entry([1], [0, 4])}}`, 4), /b begins at byte 0/);
  refused(file(`{"a":${entry([1], [4, 8])}}`, 8), /a begins at byte 4/);
  refused(file(`{"a":${entry([1], [0, 4])},"a":${entry([1], [4, 8])}}`, 8), /a begins at byte 4/);
});

test("random damage gives the one kind of error or a well-formed result, never another exception", () => {
  const whole = bytesOf(python.float32);
  const stream = random(2, "damage");
  for (let k = 0; k < 500; k++) {
    const damaged = Uint8Array.from(whole);
    for (let j = 0; j <= stream.int(3); j++) damaged[stream.int(whole.length)] = stream.int(256);
    try {
      for (const { shape, data } of decodeSafetensors(damaged, "w").tensors.values()) assert.equal(shape.reduce((p, n) => p * n, 1), data.length);
    } catch (error) {
      assert.ok(isWorkbookError(error, "BadFile"), String(error));
    }
  }
});

test("a shape that does not fit its data is not written", () => {
  assert.throws(() => encodeSafetensors(new Map([["a", { shape: [2], data: new Float32Array(3) }]])), (e) => isWorkbookError(e, "BadArgument"));
});
