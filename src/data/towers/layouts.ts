import type { Progress } from "../../core/progress";
import type { Site } from "../../core/sites";
import { detectCarbonSenseDatabase, readCarbonSenseDatabase } from "../carbonsense/database";
import { detectCarbonSenseFolder, readCarbonSenseFolder } from "../carbonsense/folder";
import type { Variables } from "../columns";
import type { Detected } from "./detect";
import { badmBlocks, detectBadm } from "../half-hourly/badm";
import type { HalfHourly } from "../half-hourly/half-hourly-table";
import { detectBase, readBase } from "../half-hourly/read-base";
import { detectFluxnet, readFluxnet } from "../half-hourly/read-fluxnet";
import { detectIcos, readIcos } from "../half-hourly/read-icos";
import type { MemoryPool } from "../half-hourly/row-room";
import type { ScanCrew } from "../half-hourly/scan-crew";
import { detectQcInput, readQcInput } from "../half-hourly/read-qc-input";
import type { InputFile } from "../files/input";
import type { Mapping } from "./mapping";
import { detectOzfluxDaily, readOzfluxDaily } from "./ozflux-daily";
import { detectPlumber2, readPlumber2 } from "../plumber2/read";
import type { RawTable } from "./raw-table";
import { detectJapanFlux, readJapanFlux } from "./read-japanflux";
import type { FileBlocks } from "../ingest/site-block";

/** What a reader is told besides its file. */
export interface ReadContext {
  readonly variables: Variables;
  /** what is known of sites: the user's list, and what files read before told */
  readonly sites: readonly (Site & { readonly utcOffset?: number | null })[];
  /** take fluxes of this target variant alone */
  readonly variant?: string;
  /** how to read a table of one's own: all files are such tables then */
  readonly mapping?: Mapping;
  /** threads that help with large half-hourly files */
  readonly crew?: ScanCrew;
  /** where rows of half-hourly files are kept; absent where half-hours live on after their file is read */
  readonly memory?: MemoryPool;
  readonly progress?: Progress;
}

/** One kind of file that `ingest` reads. */
export interface Layout {
  /** as the report calls it; what `detect` answers carries the same */
  readonly kind: string;
  /** whether a file is of this kind: asked with no names before the file is opened (formats that are no text, names that say all), then with those of its header */
  readonly detect: (names: readonly string[], input: InputFile) => Detected | boolean | null;
  readonly read: (input: InputFile, context: ReadContext) => Promise<HalfHourly | RawTable | FileBlocks>;
  /** read before the others, as it tells of their sites, or after them, as it needs to know their sites */
  readonly when?: "first" | "last";
  /** what it reads depends on its file alone, not on what is known of sites: it may be read before its turn */
  readonly alone?: true;
}

/** Layouts beside the original daily files and tidy tables; the first that knows a file reads it. A new one is a line here. */
export const LAYOUTS: readonly Layout[] = [
  { kind: "plumber2", detect: detectPlumber2, read: readPlumber2 },
  { kind: "carbonsense-v1", detect: detectCarbonSenseFolder, read: readCarbonSenseFolder },
  { kind: "carbonsense-v2", detect: detectCarbonSenseDatabase, read: readCarbonSenseDatabase },
  { kind: "japanflux-daily", detect: detectJapanFlux, read: readJapanFlux },
  { kind: "ozflux-l6-daily", detect: detectOzfluxDaily, read: readOzfluxDaily },
  { kind: "badm", detect: detectBadm, read: badmBlocks, when: "first" },
  { kind: "fluxnet-half-hourly", detect: detectFluxnet, read: readFluxnet, alone: true },
  { kind: "ameriflux-base", detect: detectBase, read: readBase, alone: true },
  { kind: "oneflux-qc-input", detect: detectQcInput, read: readQcInput, alone: true },
  { kind: "icos-half-hourly", detect: detectIcos, read: readIcos, alone: true },
];

/**
 * What the first layout that knows the file says of it; null where none does.
 * @example layoutOf(["TIMESTAMP_START", "FC"], input)?.kind // "ameriflux-base"
 */
export function layoutOf(names: readonly string[], input: InputFile, site: string | null): Detected | null {
  for (const { kind, detect } of LAYOUTS) {
    const found = detect(names, input);
    if (found === true) return { status: "read", kind, site };
    if (found !== false && found !== null) return found;
  }
  return null;
}

/** Whether a table holds half-hours, not days. */
export function isHalfHourly(table: HalfHourly | RawTable | FileBlocks): table is HalfHourly {
  return "stepMinutes" in table;
}
