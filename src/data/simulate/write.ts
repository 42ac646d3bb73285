import * as path from "node:path";
import { writeJson } from "../../core/json";
import { dailyTable } from "../daily-table";
import { writeTable } from "../store";
import type { SimulatedNetwork } from "./simulate";

/** Files of a simulation beside its table. @example truthFiles("T.parquet").fluxes // "T.truth.parquet" */
export function truthFiles(table: string): { readonly fluxes: string; readonly sites: string } {
  const base = path.join(path.dirname(table), path.basename(table, ".parquet"));
  return { fluxes: `${base}.truth.parquet`, sites: `${base}.truth.json` };
}

/**
 * Writes a simulated network: the table, the noise-free fluxes as a table of the same rows, and the true traits as JSON. Each file is
 * whole or absent; the table comes last, so that a table is never there without its truth. Returns the paths.
 * @example await writeSimulation(simulate({ sites: 20 }), "T.parquet")
 */
export async function writeSimulation(network: SimulatedNetwork, file: string): Promise<string[]> {
  const { noiseFree, sites } = network.truth;
  const truth = truthFiles(file);
  const source = new Array<string>(noiseFree.day.length).fill("simulated, noise-free");
  const clean = dailyTable({ site: noiseFree.site, day: noiseFree.day, text: { source }, numbers: { gpp: noiseFree.gpp, reco: noiseFree.reco, nee: noiseFree.nee } }, network.table.sites);
  await writeTable(clean, truth.fluxes);
  writeJson(truth.sites, { ...network.meta, sites });
  await writeTable(network.table, file);
  return [file, truth.fluxes, truth.sites];
}
