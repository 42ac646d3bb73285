import * as zlib from "node:zlib";
import { asDay, formatDay, parseDay } from "../../../src/core/days";

/** What a small tower file should look like; `row` may change or drop what stands in a line. */
export interface TowerFile {
  readonly days?: number;
  readonly first?: string;
  readonly variants?: readonly string[];
  readonly drop?: readonly string[];
  readonly rename?: Readonly<Record<string, string>>;
  readonly change?: (row: Record<string, string | number>, index: number) => Record<string, string | number>;
}

/** The text of an original ONEFlux daily file: a plausible year of weather and fluxes that close exactly for USTAR50 and not for REF. */
export function towerFile(options: TowerFile = {}): string {
  const first = parseDay(options.first ?? "2012-01-01");
  const variants = options.variants ?? ["VUT_REF"];
  const lines: string[] = [];
  for (let i = 0; i < (options.days ?? 3); i++) {
    const season = -Math.cos((2 * Math.PI * i) / 365);
    const [gpp, reco] = [5 + 4 * season, 3 + 2 * season];
    const row: Record<string, string | number> = {
      TIMESTAMP: formatDay(asDay(first + i)).replace(/-/g, ""),
      TA_F: 10 + 8 * season + (i % 5) * 0.1, SW_IN_F: 150 + 120 * season, VPD_F: 5 + 4 * season, PA_F: 99 + (i % 7) * 0.1, P_F: i % 3 === 0 ? 4 : 0, WS_F: 2 + (i % 4) * 0.5,
    };
    for (const v of variants) {
      const miss = v === "VUT_USTAR50" ? 0 : 0.1;
      Object.assign(row, { [`NEE_${v}`]: reco - gpp + miss, [`NEE_${v}_QC`]: 0.9, [`RECO_NT_${v}`]: reco, [`GPP_NT_${v}`]: gpp });
    }
    const changed = options.change?.(row, i) ?? row;
    for (const name of options.drop ?? []) delete changed[name];
    const names = Object.keys(changed);
    if (i === 0) lines.push(names.map((n) => options.rename?.[n] ?? n).join(","));
    lines.push(names.map((n) => String(changed[n])).join(","));
  }
  return `${lines.join("\n")}\n`;
}

/** A zip archive holding `entries`, deflated. */
export function zipOf(entries: Readonly<Record<string, string | Buffer>>): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(entries)) {
    const raw = Buffer.from(content as string);
    const packed = zlib.deflateRawSync(raw);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE((zlib as unknown as { crc32(b: Buffer): number }).crc32(raw), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(raw.length, 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), common, Buffer.from(name), packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from("PK\x01\x02"), Buffer.from([20, 0]), common, tail, Buffer.from(name)]));
    files.push(local);
    offset += local.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...files, central, end]);
}
