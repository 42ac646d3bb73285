import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { train } from "../../src/run/train";
import { scratch, tamrl } from "../helpers/cli";
import type { Scenario } from "./killing";
import { smallTable } from "./scenarios";

const TINY = { epochs: 2, hidden: 8, latent: 4, batch: 64, validate_every: 1 };
const SETS = Object.entries(TINY).flatMap(([key, value]) => ["--set", `${key}=${value}`]);
/** A corner of the globe, of cells that a year of a small model is soon predicted for. */
const GRID = ["--grid", "5", "--years", "1", "--box=-20,30,20,60"];

/** What the verbs work on: made once, and read by all. */
interface Base {
  readonly table: string;
  readonly run: string;
  readonly climatology: string;
  readonly grid: string;
  readonly truth: string;
  readonly store: string;
}

function made(...argv: string[]): void {
  const { code, stderr } = tamrl(...argv);
  assert.equal(code, 0, stderr);
}

async function base(): Promise<Base> {
  const dir = scratch("base");
  const at = (name: string): string => path.join(dir, name);
  const [table, run, climatology, grid, store] = [await smallTable(), at("run"), at("climatology"), at("G.zarr"), at("O.zarr")];
  await train({ table, out: run, config: { model: "tamrl", ...TINY } });
  await train({ table, out: climatology, config: { model: "climatology" } });
  made("simulate", ...GRID, "--out", grid);
  made("upscale", run, "--grid", grid, "--out", store, "--workers", "1", "--store-only");
  return { table, run, climatology, grid, truth: at("G.truth.zarr"), store };
}

/** A copy beside `out`, for verbs that write into what they work on: an undisturbed run must find it as it was. */
function beside(out: string, from: string): string {
  const to = path.join(path.dirname(out), path.basename(from));
  if (!fs.existsSync(to)) fs.cpSync(from, to, { recursive: true });
  return to;
}

/** Verbs that write and are no training, ingestion, experiment of folds, or report, each on something small. */
export async function verbs(): Promise<Scenario[]> {
  const { table, run, climatology, grid, truth, store } = await base();
  const experiment = (out: string, ...more: string[]): string[] => ["experiment", "--table", table, "--out", out, "--folds", "1", "--workers", "1", ...more, ...SETS];
  return [
    { name: "simulate", command: (out) => ["simulate", "--out", `${out}.parquet`, "--sites", "10", "--years", "1"] },
    { name: "virtual globe", workers: true, command: (out) => ["simulate", ...GRID, "--workers", "1", "--out", `${out}.zarr`] },
    { name: "predict", command: (out) => ["predict", run, "--table", table, "--out", `${out}.parquet`] },
    { name: "sites", command: (out) => ["sites", table, "--out", out] },
    { name: "evaluate", command: (out) => ["evaluate", beside(out, run), beside(out, climatology), "--table", table, "--out", out] },
    { name: "few-shot", command: (out) => ["few-shot", "--table", table, "--out", out, "--months", "1,3", ...SETS] },
    { name: "search", workers: true, command: (out) => experiment(out, "--protocol", "folds:2", "--models", "lstm", "--search", "--grid", "lr=0.001,0.003", "--inner", "2") },
    { name: "ablations", workers: true, command: (out) => experiment(out, "--ablations", "--factors", "balance", "--seeds", "1") },
    { name: "upscale to totals and maps", workers: true, command: (out) => ["upscale", run, "--grid", grid, "--truth", truth, "--out", `${out}.zarr`, "--workers", "1"] },
    { name: "totals", command: (out) => ["totals", store, "--truth", truth, "--out", out] },
    { name: "maps", command: (out) => ["maps", store, "--out", out] },
    { name: "monthly NetCDF", command: (out) => ["monthly", store, "--out", out] },
    { name: "monthly Zarr", command: (out) => ["monthly", store, "--zarr", `${out}.zarr`] },
  ];
}
