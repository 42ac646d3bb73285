import * as fs from "node:fs";
import { WorkbookError } from "../../core/errors";
import { readJson } from "../../core/json";
import type { SiteId } from "../../core/sites";
import type { TowerTruth } from "./simulate";
import type { Trait } from "./traits";
import { simulationFiles } from "./write";

/** The true traits of virtual towers. */
export interface TrueTraits {
  readonly traits: Readonly<Record<Trait, { readonly unit: string; readonly meaning: string }>>;
  readonly sites: ReadonlyMap<SiteId, TowerTruth>;
}

/**
 * Reads what `writeSimulation` put beside a table: the traits that made its fluxes. For tests and teaching; no model may see them.
 * @throws WorkbookError BadFile where the table has no truth beside it: it is measured, or was moved alone
 * @example readTruth("T.parquet").sites.get("SIM-001")!.traits.lightUse.identifiable
 */
export function readTruth(table: string): TrueTraits {
  const { about } = simulationFiles(table);
  if (!fs.existsSync(about)) throw new WorkbookError("BadFile", `readTruth: ${table}: the truth of a simulated table is required beside it, found no ${about}; simulate again, or move both files`, { file: about });
  const { traits, sites } = readJson<{ traits: TrueTraits["traits"]; sites: readonly TowerTruth[] }>(about, "readTruth");
  return { traits, sites: new Map(sites.map((s) => [s.site, s])) };
}
