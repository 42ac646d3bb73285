import * as crypto from "node:crypto";
import { encodeSafetensors, type NamedArrays } from "../model/safetensors";

/** What stands before the checksum: the first of the metadata, which are the first of the header. */
const BEFORE = '{"__metadata__":{"sha256":"';
/** Eight bytes say how long the header is. */
const PLACE = 8 + BEFORE.length;
const BLANK = "0".repeat(64);

/**
 * The bytes of a safetensors file that carries the SHA-256 of all its own bytes (with 64 zeros where it stands itself), so that a change of
 * any bit is seen and file and checksum cannot come apart.
 * @example writeAtomic("weights.safetensors", encodeSealed(tensors, { model: "tamrl" }))
 */
export function encodeSealed(tensors: NamedArrays, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const bytes = Buffer.from(encodeSafetensors(tensors, { sha256: BLANK, ...metadata }));
  bytes.write(digest(bytes), PLACE, "latin1");
  return bytes;
}

/** Whether sealed bytes are as they were written; `unsealed` where they carry no checksum (written by another program). */
export function sealOf(bytes: Uint8Array): "whole" | "broken" | "unsealed" {
  const copy = Buffer.from(bytes);
  if (copy.subarray(8, PLACE).toString("latin1") !== BEFORE) return "unsealed";
  const found = copy.subarray(PLACE, PLACE + BLANK.length).toString("latin1");
  copy.write(BLANK, PLACE, "latin1");
  return digest(copy) === found ? "whole" : "broken";
}

function digest(bytes: Uint8Array): string {
  return crypto.createHash("sha256").update(bytes).digest("hex");
}
