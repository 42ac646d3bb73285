import * as path from "node:path";
import { writeJson } from "../../core/json";
import { dailyTable } from "../daily-table";
import { writeTable } from "../store";
import type { SimulatedNetwork } from "./simulate";
import { TRAIT_SPECS } from "./traits";

/** The files of one simulated network. */
export interface SimulationFiles {
  readonly table: string;
  /** noise-free fluxes on the same days, as a daily table */
  readonly truth: string;
  /** true traits of the sites, units of the traits, and how the network was made */
  readonly about: string;
}

/**
 * Where `writeSimulation` puts what lies beside the table.
 * @example simulationFiles("out/T.parquet").truth // "out/T.truth.parquet"
 */
export function simulationFiles(table: string): SimulationFiles {
  const { dir, name } = path.parse(table);
  const stem = path.join(dir, name);
  return { table, truth: `${stem}.truth.parquet`, about: `${stem}.truth.json` };
}

/**
 * Writes the network: `T.parquet` (what a model may see), and beside it `T.truth.parquet` and `T.truth.json` (what it may not). Each file
 * whole or not at all, the table last, so that a table never lacks its truth.
 * @example await writeSimulation(simulate(), "T.parquet")
 */
export async function writeSimulation(network: SimulatedNetwork, table: string): Promise<SimulationFiles> {
  const files = simulationFiles(table);
  const { truth, meta } = network;
  const { site, day, gpp, reco, nee } = truth.noiseFree;
  const constant = (value: string): string[] => new Array<string>(site.length).fill(value);
  const noiseFree = dailyTable({ site, day, text: { source: constant("simulated"), target_variant: constant("noise-free") }, numbers: { gpp, reco, nee } }, network.table.sites);
  const traits = Object.fromEntries(Object.entries(TRAIT_SPECS).map(([name, { unit, meaning }]) => [name, { unit, meaning }]));
  await writeTable(noiseFree, files.truth);
  writeJson(files.about, { ...meta, traits, sites: truth.sites });
  await writeTable(network.table, files.table);
  return files;
}
