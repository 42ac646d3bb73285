import type { Key } from "../columns";
import type { Exclusion } from "../ingest/exclusion";
import type { HeaderMap } from "./header";

/** Stands for a day that could not be read; whoever finds it names the row. */
export const BAD_DAY = -(2 ** 31);

/** What kind of file was read. */
export type TableKind = "oneflux-daily" | "tidy-csv" | "tidy-parquet" | "half-hourly" | "japanflux-daily" | "ozflux-l6-daily";

/** One file's rows as they stand in it: source columns and units, NaN = missing, in the file's order. */
export interface RawTable {
  readonly file: string;
  readonly kind: TableKind;
  readonly header: HeaderMap;
  /** `[row]` */
  readonly site: readonly string[];
  /** days since 1970-01-01 `[row]` */
  readonly day: Int32Array;
  /** how the user finds a row, e.g. "line 7" */
  readonly place: (row: number) => string;
  /** by position in the header `[row]` */
  readonly numbers: ReadonlyMap<number, Float32Array | Float64Array>;
  readonly texts: ReadonlyMap<Key, readonly (string | null)[]>;
  /** `source` of rows that do not say it themselves */
  readonly source: string;
  readonly dayConvention: string | null;
  /** days that the reader could not make, with the reason */
  readonly excluded?: readonly Exclusion[];
  readonly warnings?: readonly string[];
}
