import * as fs from "node:fs";
import * as path from "node:path";

/** One GeoTIFF, as GDAL writes them: separate bands, one strip each, little-endian, uncompressed. */
export interface SmallTiff {
  readonly rows: number;
  readonly columns: number;
  /** values of each band, row by row from the first */
  readonly bands: readonly (Float32Array | Int16Array | Uint8Array)[];
  /** the corner of the first cell, degrees, and the way to the next; `dy` is negative when rows go south */
  readonly x: number;
  readonly y: number;
  readonly dx: number;
  readonly dy: number;
  readonly names?: readonly string[];
  readonly unit?: string;
  readonly scale?: number;
  readonly offset?: number;
  readonly noData?: number;
  /** 2 geographic, 1 projected */
  readonly model?: 1 | 2;
}

type Tag = readonly [id: number, type: 2 | 3 | 4 | 12, values: readonly number[] | string];
const SIZE = { 2: 1, 3: 2, 4: 4, 12: 8 } as const;

/** Writes the file. @source TIFF 6.0; OGC GeoTIFF 1.1; GDAL's tags 42112 and 42113 */
export function writeTiff(file: string, tiff: SmallTiff): void {
  const { bands, rows, columns } = tiff;
  const item = (name: string, role: string, text: string | number | undefined, sample: number): string => (text === undefined ? "" : `<Item name="${name}" sample="${sample}" role="${role}">${text}</Item>`);
  const metadata = bands.map((_, i) => item("DESCRIPTION", "description", tiff.names?.[i], i) + item("UNITTYPE", "unittype", tiff.unit, i) + item("SCALE", "scale", tiff.scale, i) + item("OFFSET", "offset", tiff.offset, i)).join("");
  const first = bands[0]!;
  const same = (value: number): number[] => bands.map(() => value);
  const tags = (offsets: readonly number[]): Tag[] => [
    [256, 4, [columns]], [257, 4, [rows]], [258, 3, same(first.BYTES_PER_ELEMENT * 8)], [259, 3, [1]], [262, 3, [1]], [273, 4, offsets], [277, 3, [bands.length]], [278, 4, [rows]],
    [279, 4, bands.map((band) => band.byteLength)], [284, 3, [2]], [339, 3, same(first instanceof Float32Array ? 3 : first instanceof Int16Array ? 2 : 1)],
    [34264, 12, [tiff.dx, 0, 0, tiff.x, 0, tiff.dy, 0, tiff.y, 0, 0, 0, 0, 0, 0, 0, 1]], [34735, 3, [1, 1, 0, 2, 1024, 0, 1, tiff.model ?? 2, 1025, 0, 1, 1]],
    ...(metadata === "" ? [] : [[42112, 2, `<GDALMetadata>${metadata}</GDALMetadata>\0`] as Tag]), ...(tiff.noData === undefined ? [] : [[42113, 2, `${tiff.noData}\0`] as Tag]),
  ];
  const length = layout(tags(same(0)), 8).length;
  let at = 8 + length;
  const offsets = bands.map((band) => (at += band.byteLength) - band.byteLength);
  const head = Buffer.from([0x49, 0x49, 42, 0, 8, 0, 0, 0]);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, Buffer.concat([head, layout(tags(offsets), 8), ...bands.map((band) => Buffer.from(band.buffer, band.byteOffset, band.byteLength))]));
}

/** A directory of tags and, behind it, the values that do not fit in. */
function layout(tags: readonly Tag[], begin: number): Buffer {
  const directory = Buffer.alloc(2 + tags.length * 12 + 4);
  directory.writeUInt16LE(tags.length, 0);
  const behind: Buffer[] = [];
  let end = begin + directory.length;
  tags.forEach(([id, type, values], i) => {
    const bytes = encode(type, values);
    const at = 2 + i * 12;
    directory.writeUInt16LE(id, at);
    directory.writeUInt16LE(type, at + 2);
    directory.writeUInt32LE(bytes.length / SIZE[type], at + 4);
    if (bytes.length <= 4) bytes.copy(directory, at + 8);
    else {
      directory.writeUInt32LE(end, at + 8);
      const padded = Buffer.concat([bytes, Buffer.alloc(bytes.length % 2)]);
      behind.push(padded);
      end += padded.length;
    }
  });
  return Buffer.concat([directory, ...behind]);
}

function encode(type: Tag[1], values: Tag[2]): Buffer {
  if (typeof values === "string") return Buffer.from(values, "latin1");
  const out = Buffer.alloc(values.length * SIZE[type]);
  values.forEach((value, i) => {
    if (type === 3) out.writeUInt16LE(value, i * 2);
    else if (type === 4) out.writeUInt32LE(value, i * 4);
    else out.writeDoubleLE(value, i * 8);
  });
  return out;
}
