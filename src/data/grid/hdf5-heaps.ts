import * as fs from "node:fs";

/** So much of a file is looked at: what HDF5 keeps beside numbers lies near the beginning, and files are opened again and again. */
const LOOKED_AT = 1 << 26;
const PIECE = 1 << 22;
/** "GCOL", version 1, three zeros; then the size of the collection. */
const SIGNATURE = Buffer.from([0x47, 0x43, 0x4f, 0x4c, 1, 0, 0, 0]);
const HEAD = 16;

/**
 * What is wrong with the global heaps of an HDF5 file, where texts of attributes lie; null where nothing is. The library goes on by the size that each
 * object tells, and where that is 0 (in wasm: a multiple of 4 GiB) it goes on for ever.
 * @source HDF5 File Format Specification 3.0, III.E Disk Format: Level 1E - Global Heap
 * @example brokenHeap("tower.nc") // "object 0 of the global heap at byte 2048 of 10995116277760 bytes"
 */
export function brokenHeap(file: string): string | null {
  const fd = fs.openSync(file, "r");
  try {
    const { size } = fs.fstatSync(fd);
    const piece = Buffer.alloc(Math.min(size, PIECE + SIGNATURE.length));
    for (let from = 0; from < Math.min(size, LOOKED_AT); from += PIECE) {
      const held = piece.subarray(0, fs.readSync(fd, piece, 0, piece.length, from));
      for (let at = held.indexOf(SIGNATURE); at >= 0 && at < PIECE; at = held.indexOf(SIGNATURE, at + 1)) {
        const broken = walk(fd, from + at);
        if (broken !== null) return broken;
      }
    }
    return null;
  } finally {
    fs.closeSync(fd);
  }
}

/** Goes through the objects of the collection at `start` as the library does. */
function walk(fd: number, start: number): string | null {
  const head = Buffer.alloc(HEAD);
  const read = (at: number): boolean => fs.readSync(fd, head, 0, HEAD, at) === HEAD;
  if (!read(start)) return null;
  const end = start + Number(head.readBigUInt64LE(8));
  for (let at = start + HEAD; at + HEAD <= end && read(at); ) {
    const [index, size] = [head.readUInt16LE(0), Number(head.readBigUInt64LE(8))];
    // the free space at the end counts its own head
    const step = index === 0 ? size : HEAD + 8 * Math.ceil(size / 8);
    if (step < HEAD || at + step > end) return `object ${index} of the global heap at byte ${start} of ${size} bytes`;
    at += step;
  }
  return null;
}
