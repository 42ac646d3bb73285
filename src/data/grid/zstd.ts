/** What numcodecs packs and unpacks with. It writes no checksum, and looks at one that is there. */
interface Packer {
  encode(bytes: Uint8Array): Promise<Uint8Array>;
  decode(bytes: Uint8Array): Promise<Uint8Array>;
}

/** numcodecs' own codec. */
export interface PlainZstd {
  fromConfig(configuration: { readonly level: number }): Packer;
}

/** xxHash of 64 bits. */
export type Hash64 = (bytes: Uint8Array) => bigint;

/** Where a frame says what it holds: behind its four magic bytes. */
const DESCRIPTOR = 4;
const HAS_CHECKSUM = 1 << 2;

/**
 * Zarr's codec zstd, which also writes the checksum that its configuration may ask for: without one a flipped bit unpacks to other
 * numbers, and nobody knows. Every reader of Zstandard looks at it.
 * @source zarr-extensions, codec zstd; RFC 8878, §3.1.1 (Content_Checksum_flag and Content_Checksum)
 * @example zarr.registry.set("zstd", async () => checkedZstd(Zstd, h64Raw))
 */
export function checkedZstd(plain: PlainZstd, hash: Hash64): { readonly kind: string; fromConfig(configuration: { readonly level: number; readonly checksum?: boolean }): Packer & { readonly kind: string } } {
  const kind = "bytes_to_bytes";
  return {
    kind,
    fromConfig(configuration) {
      const packer = plain.fromConfig(configuration);
      const encode = async (bytes: Uint8Array): Promise<Uint8Array> => {
        const frame = await packer.encode(bytes);
        return configuration.checksum === true ? withChecksum(frame, hash(bytes)) : frame;
      };
      return { kind, encode, decode: (bytes) => packer.decode(bytes) };
    },
  };
}

/** A frame with the checksum behind it: the lower half of the hash of what it holds. */
function withChecksum(frame: Uint8Array, hash: bigint): Uint8Array {
  const out = new Uint8Array(frame.length + 4);
  out.set(frame);
  out[DESCRIPTOR]! |= HAS_CHECKSUM;
  new DataView(out.buffer).setUint32(frame.length, Number(BigInt.asUintN(32, hash)), true);
  return out;
}
