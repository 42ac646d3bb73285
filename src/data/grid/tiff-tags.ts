import * as fs from "node:fs";

/** Bytes of one value by TIFF's type; types that no reader knows count as one. @source TIFF 6.0, §2; BigTIFF */
const BYTES: Readonly<Record<number, number>> = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8 };
const MOST_TAGS = 4096;

/**
 * Looks at the first image's tags: none may claim more values than the file has bytes, for the package would go through all of them.
 * @throws Error saying which tag claims what
 * @source TIFF 6.0, §2; BigTIFF
 * @example checkTags("temperature_2m_2019.tif")
 */
export function checkTags(file: string): void {
  const fd = fs.openSync(file, "r");
  try {
    const { size } = fs.fstatSync(fd);
    const bytes = (at: number, length: number): DataView => {
      const held = Buffer.alloc(length);
      if (!Number.isSafeInteger(at) || at < 0 || at + length > size || fs.readSync(fd, held, 0, length, at) !== length) throw new Error("a directory of tags beyond the end of the file");
      return new DataView(held.buffer, held.byteOffset, length);
    };
    const head = bytes(0, 8);
    const little = head.getUint8(0) === 0x49;
    const big = head.getUint16(2, little) === 43;
    const from = big ? Number(bytes(8, 8).getBigUint64(0, little)) : head.getUint32(4, little);
    const tags = big ? Number(bytes(from, 8).getBigUint64(0, little)) : bytes(from, 2).getUint16(0, little);
    if (tags > MOST_TAGS) throw new Error(`${tags} tags`);
    const [first, width] = big ? [8, 20] : [2, 12];
    const list = bytes(from + first, tags * width);
    for (let at = 0; at < tags * width; at += width) {
      const count = big ? Number(list.getBigUint64(at + 4, little)) : list.getUint32(at + 4, little);
      if (count * (BYTES[list.getUint16(at + 2, little)] ?? 1) > size) throw new Error(`a tag ${list.getUint16(at, little)} of ${count} values in a file of ${size} bytes`);
    }
  } finally {
    fs.closeSync(fd);
  }
}
