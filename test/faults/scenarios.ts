import * as fs from "node:fs";
import * as path from "node:path";
import { simulate } from "../../src/data/simulate/simulate";
import { writeSimulation } from "../../src/data/simulate/write";
import { train } from "../../src/run/train";
import { towerFile } from "../data/towers/tower-file";
import { scratch } from "../helpers/cli";
import { towerGrid, towerRun } from "../upscale/tower-grid";
import type { Scenario } from "./killing";

const TINY = ["epochs=2", "hidden=8", "latent=4", "batch=64", "validate_every=1"];

/** A small simulated table, the same for the same call. */
export async function smallTable(sites = 12): Promise<string> {
  const table = path.join(scratch("table"), "T.parquet");
  await writeSimulation(simulate({ sites, years: 1, seed: 1 }), table);
  return table;
}

/** `train` where nothing is yet, else `resume`. */
function trainOrResume(out: string, table: string, sets: readonly string[], more: readonly string[] = []): string[] {
  return fs.existsSync(path.join(out, "config.json")) ? ["resume", out, ...more] : ["train", "--table", table, "--out", out, "--set", ...sets, ...more];
}

/** Training in two stages. */
export function training(table: string): Scenario {
  return { name: "training", command: (out) => trainOrResume(out, table, ["model=tamrl", ...TINY]) };
}

/** An ensemble, its members in worker processes, calibrated at the end. */
export function ensemble(table: string): Scenario {
  return { name: "ensemble", workers: true, command: (out) => trainOrResume(out, table, ["model=lstm", "ensemble=2", ...TINY], ["--workers", "1"]) };
}

/** Folds of two models, scored together. */
export function foldsOf(table: string): Scenario {
  const sets = TINY.flatMap((set) => ["--set", set]);
  return { name: "experiment", workers: true, command: (out) => ["experiment", "--table", table, "--out", out, "--protocol", "folds:2", "--models", "lstm,climatology", "--seeds", "1", "--workers", "1", ...sets] };
}

/** Tower files to one table. */
export function ingestion(): Scenario {
  const folder = scratch("towers");
  for (const site of ["AA-One", "BB-Two", "CC-Tri"]) fs.writeFileSync(path.join(folder, `FLX_${site}_FLUXNET2015_SUBSET_DD_2012-2012_1-4.csv`), towerFile({ days: 366 }));
  return { name: "ingestion", command: (out) => ["ingest", folder, "--out", `${out}.parquet`] };
}

/** The page of one run with its tables. */
export async function reporting(table: string): Promise<Scenario> {
  const run = path.join(scratch("run"), "run");
  await train({ table, out: run, config: { model: "climatology" } });
  return { name: "report", command: (out) => ["report", run, "--table", table, "--out", out] };
}

/** A run on a grid of four tiles. */
export async function upscaling(): Promise<Scenario> {
  const run = await towerRun();
  const grid = await towerGrid({ rows: 8, columns: 8, chunk: 4, days: 60 });
  return { name: "upscaling", workers: true, command: (out) => ["upscale", run, "--grid", grid, "--out", `${out}.zarr`, "--workers", "1", "--threads", "1", "--tile-cells", "16"] };
}
