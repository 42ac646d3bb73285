import { WorkbookError } from "../core/errors";
import { parseJson } from "../core/json";

/** Named float arrays, as a weights file holds them. */
export type NamedArrays = ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array }>;

const MAX_HEADER = 100_000_000;

/**
 * The bytes of a safetensors file: all tensors float32, in order of their names; metadata are texts.
 * @source safetensors format, github.com/huggingface/safetensors
 * @example writeAtomic("weights/model.safetensors", encodeSafetensors(tensors, { model: "tamrl" }))
 */
export function encodeSafetensors(tensors: NamedArrays, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const header: Record<string, unknown> = Object.keys(metadata).length > 0 ? { __metadata__: metadata } : {};
  const names = [...tensors.keys()].sort();
  let end = 0;
  for (const name of names) {
    const { shape, data } = tensors.get(name)!;
    if (name === "__metadata__" || sizeOf(shape) !== data.length) {
      throw new WorkbookError("BadArgument", `encodeSafetensors: ${name} must hold ${sizeOf(shape)} numbers for shape [${shape.join(", ")}], got ${data.length}; check the caller`);
    }
    header[name] = { dtype: "F32", shape, data_offsets: [end, (end += 4 * data.length)] };
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const padded = Math.ceil(text.length / 8) * 8; // the data start on a multiple of 8
  const bytes = new Uint8Array(8 + padded + end).fill(0x20, 8, 8 + padded);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(padded), true);
  bytes.set(text, 8);
  let at = 8 + padded;
  for (const name of names) for (const value of tensors.get(name)!.data) view.setFloat32((at += 4) - 4, value, true);
  return bytes;
}

/**
 * Reads a safetensors file that may come from anywhere: lengths, offsets, shapes and types are checked before use. Float32 only, besides
 * PyTorch's int64 counters, which must be exact in float32.
 * @throws WorkbookError BadFile, naming `where` and the tensor
 * @source safetensors format, github.com/huggingface/safetensors
 * @example decodeSafetensors(fs.readFileSync(file), file).tensors.get("out.bias")
 */
export function decodeSafetensors(bytes: Uint8Array, where: string): { tensors: NamedArrays; metadata: Record<string, string> } {
  const fail = (found: string): never => {
    throw new WorkbookError("BadFile", `decodeSafetensors: ${where}: a safetensors file of float32 tensors is required, ${found}; copy or write the file again`, { file: where });
  };
  if (bytes.length < 8) fail(`got ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getBigUint64(0, true);
  if (length > BigInt(Math.min(MAX_HEADER, bytes.length - 8))) fail(`its header claims ${length} bytes of ${bytes.length}`);
  const start = 8 + Number(length);
  const header = parseHeader(bytes.subarray(8, start)) ?? fail("its header is not a JSON object");
  const metadata = metadataOf(header["__metadata__"]) ?? fail("its metadata are not texts");
  const entries = Object.entries(header).filter(([name]) => name !== "__metadata__")
    .map(([name, value]) => ({ name, ...(entryOf(value) ?? fail(`the entry of ${name} is not {dtype, shape, data_offsets}`)) }))
    .sort((a, b) => a.begin - b.begin || a.end - b.end);
  const tensors = new Map<string, { shape: number[]; data: Float32Array }>();
  let at = 0;
  for (const { name, dtype, shape, begin, end } of entries) {
    const width = dtype === "F32" ? 4 : dtype === "I64" ? 8 : fail(`${name} is of type ${dtype}`);
    if (begin !== at) fail(`${name} begins at byte ${begin} of the data where ${at} is expected`);
    if (end - begin !== width * sizeOf(shape)) fail(`${name} of shape [${shape.join(", ")}] has ${end - begin} bytes`);
    if (start + end > bytes.length) fail(`${name} ends beyond the file (${start + end} of ${bytes.length} bytes)`);
    const data = Float32Array.from({ length: sizeOf(shape) }, (_, k) =>
      width === 4 ? view.getFloat32(start + begin + 4 * k, true) : Number(view.getBigInt64(start + begin + 8 * k, true)));
    if (dtype === "I64" && data.some((n) => Math.abs(n) > 2 ** 24)) fail(`${name} holds whole numbers beyond 2^24`);
    tensors.set(name, { shape, data });
    at = end;
  }
  if (start + at !== bytes.length) fail(`${bytes.length - start - at} bytes follow the last tensor`);
  return { tensors, metadata };
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> | null {
  try {
    const value: unknown = parseJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function metadataOf(value: unknown): Record<string, string> | null {
  if (value === undefined) return {};
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  return Object.values(value).every((v) => typeof v === "string") ? (value as Record<string, string>) : null;
}

function entryOf(value: unknown): { dtype: string; shape: number[]; begin: number; end: number } | null {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as { dtype?: unknown; shape?: unknown; data_offsets?: unknown };
  const counts = (list: unknown): list is number[] => Array.isArray(list) && list.every((n) => Number.isSafeInteger(n) && n >= 0);
  if (typeof dtype !== "string" || !counts(shape) || !counts(offsets) || offsets.length !== 2 || offsets[1]! < offsets[0]!) return null;
  return { dtype, shape, begin: offsets[0]!, end: offsets[1]! };
}
