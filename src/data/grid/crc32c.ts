/** What every byte does to the remainder. @source RFC 3720, appendix B.4: Castagnoli's polynomial, reflected */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc >>> 0;
});

/** The CRC-32C of bytes. @source RFC 3720, appendix B.4 @example crc32c(Buffer.from("123456789")).toString(16) // "e3069283" */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (let i = 0; i < bytes.length; i++) crc = TABLE[(crc ^ bytes[i]!) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}

/**
 * Zarr's codec crc32c, which looks at the checksum: the one zarrita comes with takes it off unseen, so a damaged index of a shard would read as
 * other values.
 * @source zarr-specs, codec crc32c v1
 */
export class Crc32c {
  readonly kind = "bytes_to_bytes";

  static fromConfig(): Crc32c {
    return new Crc32c();
  }

  encode(): never {
    throw new Error("crc32c is read, not written");
  }

  decode(bytes: Uint8Array): Uint8Array {
    const body = bytes.subarray(0, -4);
    const told = new DataView(bytes.buffer, bytes.byteOffset + body.length, 4).getUint32(0, true);
    if (crc32c(body) !== told) throw new Error("a checksum that does not match");
    // a copy of its own, so that numbers of any width begin on their boundary
    return body.slice();
  }

  computeEncodedSize(size: number): number {
    return size + 4;
  }
}
