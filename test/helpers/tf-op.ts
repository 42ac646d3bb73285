import * as path from "node:path";

/** An operation as libtensorflow defines it: names in order; of an attribute its type and the strings it allows. */
export interface OpDefinition {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, { readonly type: string; readonly allowed: readonly string[] }>;
}

interface Koffi {
  load(file: string): { func(name: string, result: unknown, parameters: unknown[]): () => unknown };
  struct(fields: object): unknown;
  pointer(type: unknown): unknown;
  array(type: string, length: number, hint: string): unknown;
  decode(from: unknown, type: unknown): unknown;
}

/**
 * Reads the registry of operations of the libtensorflow that set-up placed, GPU operations included.
 * @source TensorFlow, c_api.h (TF_GetAllOpList) and op_def.proto
 */
export function opDefinitions(names: readonly string[]): Map<string, OpDefinition> {
  const koffi = require("koffi") as Koffi;
  const addon = path.dirname(require.resolve("@tensorflow/tfjs-node-gpu/package.json"));
  const library = koffi.load(path.join(addon, "deps", "lib", "libtensorflow_cc.so.2"));
  const buffer = koffi.struct({ data: "void *", length: "size_t", free: "void *" });
  const { data, length } = koffi.decode(library.func("TF_GetAllOpList", koffi.pointer(buffer), [])(), buffer) as { data: unknown; length: number };
  const bytes = koffi.decode(data, koffi.array("uint8_t", length, "Typed")) as Uint8Array;
  const found = new Map<string, OpDefinition>();
  for (const op of fields(bytes, 1)) {
    const name = text(fields(op, 1)[0]);
    if (!names.includes(name)) continue;
    const named = (field: number): string[] => fields(op, field).map((part) => text(fields(part, 1)[0]));
    const attributes = fields(op, 4).map((part) => [text(fields(part, 1)[0]), {
      type: text(fields(part, 2)[0]),
      allowed: fields(part, 7).flatMap((value) => fields(value, 1)).flatMap((list) => fields(list, 2)).map(text),
    }] as const);
    found.set(name, { inputs: named(2), outputs: named(3), attributes: new Map(attributes) });
  }
  return found;
}

const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);

/** The values of a field of a protocol buffer that has a length. */
function fields(message: Uint8Array, wanted: number): Uint8Array[] {
  const out: Uint8Array[] = [];
  let at = 0;
  const varint = (): number => {
    let [value, scale, byte] = [0, 1, 0];
    do {
      byte = message[at++]!;
      value += (byte & 127) * scale;
      scale *= 128;
    } while (byte > 127);
    return value;
  };
  while (at < message.length) {
    const key = varint();
    const kind = key & 7;
    if (kind === 0) varint();
    else if (kind === 1) at += 8;
    else if (kind === 5) at += 4;
    else {
      const length = varint();
      if (key >>> 3 === wanted) out.push(message.subarray(at, at + length));
      at += length;
    }
  }
  return out;
}
