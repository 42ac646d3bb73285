import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import type { HalfHourly } from "../../../src/data/half-hourly/half-hourly-table";
import { listInputs, type InputFile } from "../../../src/data/files/input";

/** What a made-up half-hourly file should look like. */
export interface StepFile {
  readonly days?: number;
  readonly first?: string;
  readonly step?: 30 | 60;
  /** columns after the stamps: the value of step `i`, which is `hour` of its day */
  readonly columns: Readonly<Record<string, (i: number, hour: number) => string | number>>;
  /** lines above the header */
  readonly above?: readonly string[];
  /** changes the lines of data, in place or not */
  readonly change?: (lines: string[]) => string[];
}

/** `YYYYMMDDHHMM` of minutes since 1970. */
export function compact(minutes: number): string {
  return new Date(minutes * 60_000).toISOString().slice(0, 16).replace(/[-T:]/g, "");
}

/** The text of a file stamped as the networks do: TIMESTAMP_START, TIMESTAMP_END, then `columns`. */
export function stepFile({ days = 2, first = "2012-06-01", step = 30, columns, above = [], change = (lines) => lines }: StepFile): string {
  const from = Date.parse(`${first}T00:00Z`) / 60_000;
  const lines = Array.from({ length: (days * 1440) / step }, (_, i) => {
    const values = Object.values(columns).map((of) => of(i, ((i * step) / 60) % 24));
    return [compact(from + i * step), compact(from + (i + 1) * step), ...values].join(",");
  });
  return `${[...above, ["TIMESTAMP_START", "TIMESTAMP_END", ...Object.keys(columns)].join(","), ...change(lines)].join("\n")}\n`;
}

/** Light of a day, W m⁻², 0 at night. */
export const light = (_: number, hour: number): number => Math.max(0, Math.round(600 * Math.sin(((hour - 6) / 12) * Math.PI)));

/** Columns of a plausible FLUXNET half-hourly file; NEE = RECO − GPP for each variant. */
export function fluxnetColumns(variants: readonly string[] = ["VUT_REF"]): Record<string, (i: number, hour: number) => string | number> {
  const gpp = (i: number, hour: number): number => light(i, hour) / 40;
  return {
    TA_F: (_, hour) => 10 + hour / 4, TA_F_QC: () => 0, SW_IN_F: light, VPD_F: (_, hour) => 3 + hour / 4, PA_F: (i) => 98 + (i % 7) / 10, P_F: (i) => (i % 12 === 0 ? 0.5 : 0), WS_F: (i) => 2 + (i % 5) / 10, USTAR: () => 0.3,
    ...Object.assign({}, ...variants.map((v) => ({
      [`NEE_${v}`]: (i: number, hour: number) => 4 - gpp(i, hour), [`NEE_${v}_QC`]: (i: number) => [0, 0, 1, 3][i % 4]!, [`GPP_NT_${v}`]: gpp, [`RECO_NT_${v}`]: () => 4,
    }))),
  };
}

/** Columns of a plausible AmeriFlux BASE file. */
export const baseColumns: Readonly<Record<string, (i: number, hour: number) => string | number>> = {
  FC: (i, hour) => 2 - light(i, hour) / 60, TA: (_, hour) => 10 + hour / 4, RH: () => 60, SW_IN: light, P: () => 0, USTAR: () => 0.3,
};

/** Writes `content` to a folder of its own; its path. */
export function put(name: string, content: string | Buffer): string {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), "half-hourly-")), name);
  fs.writeFileSync(file, content);
  return file;
}

/** As `put`, as `ingest` sees the file. */
export async function written(name: string, content: string | Buffer): Promise<InputFile> {
  return (await listInputs([put(name, content)]))[0] as InputFile;
}

/** A table of half-hours with the given columns, from midnight of 2012-06-01. */
export function tableOf(columns: Readonly<Record<string, readonly number[]>>, more: Partial<HalfHourly> = {}): HalfHourly {
  const from = Date.parse("2012-06-01T00:00Z") / 60_000;
  const n = Object.values(columns)[0]!.length;
  const step = more.stepMinutes ?? 30;
  return {
    file: "made.csv", site: "AA-One", kind: "test", source: "test", stepMinutes: step, start: Float64Array.from({ length: n }, (_, i) => from + i * step), utcOffset: null,
    columns: new Map(Object.entries(columns).map(([base, values]) => [base, Float32Array.from(values)])), quality: new Map(), lat: null, lon: null, igbp: null, warnings: [], ...more,
  };
}
