import assert from "node:assert/strict";
import * as path from "node:path";
import { after, before, test } from "node:test";
import { pooledDifference, runTold, runWorld, type WorldResult } from "../../src/bench/worlds";
import { projectRoot } from "../../src/core/files";
import { FLUXES } from "../../src/core/quantities";
import type { World } from "../../src/data/simulate/options";
import { stderrProgress } from "../../src/workbook/stderr-progress";

// What the virtual network must teach before anything measured on it means something: three seeds, three worlds, and no demand that
// TAM-RL rank first. Trained runs are kept under data/runs/worlds and taken up again.

const SEEDS = [1, 2, 3];
const WORLDS: readonly World[] = ["default", "hidden=0", "hidden=unidentifiable"];
const CONFIG = { hidden: 64, epochs: 15, validate_every: 3, patience: 6 };
const results: WorldResult[] = [];
const told: Awaited<ReturnType<typeof runTold>>[] = [];
const lines: string[] = [];
const of = (world: World): WorldResult[] => results.filter((r) => r.world === world);

before(async () => {
  const dir = path.join(projectRoot(), "data", "runs", "worlds");
  for (const world of WORLDS) for (const seed of SEEDS) results.push(await runWorld({ world, seed, dir, config: CONFIG, progress: stderrProgress() }));
  for (const seed of SEEDS) told.push(await runTold({ seed, dir, sites: 320, config: CONFIG, progress: stderrProgress() }));
  for (const flux of FLUXES) {
    const d = pooledDifference(told, "lstm+traits", "lstm", flux);
    lines.push(`told ${flux} lstm+traits − lstm, 3 seeds pooled, 320 sites each, ${d.n_clusters} clusters: ΔRMSE ${d.rmse_mean.value?.toFixed(3)} (${d.rmse_mean.low?.toFixed(3)} … ${d.rmse_mean.high?.toFixed(3)})`);
  }
  for (const r of results) {
    for (const m of r.metrics) for (const flux of FLUXES) {
      const s = m.summary[flux];
      lines.push(`${r.world} seed ${r.seed} ${flux} ${m.model}: ${s.n_sites} sites, mean RMSE ${s.rmse.mean?.toFixed(3)}, median R² ${s.r2.median?.toFixed(3)}`);
    }
    lines.push(`${r.world} seed ${r.seed} z: within a site ${r.spread.within.toFixed(3)}, between sites ${r.spread.between.toFixed(3)}`);
    if (r.probe) lines.push(`${r.world} seed ${r.seed} probe: own ${r.probe.own.toFixed(3)}, permuted ${r.probe.permuted.toFixed(3)}`);
  }
  for (const world of WORLDS) for (const other of ["lstm", "ctlstm"]) for (const flux of FLUXES) {
    const d = pooledDifference(of(world), "tamrl", other, flux);
    lines.push(`${world} ${flux} tamrl − ${other}, 3 seeds pooled, ${d.n_clusters} clusters: ΔRMSE ${d.rmse_mean.value?.toFixed(3)} (${d.rmse_mean.low?.toFixed(3)} … ${d.rmse_mean.high?.toFixed(3)}), wins ${d.win_rate.value?.toFixed(2)}`);
  }
});
after(() => process.stderr.write(`\n${lines.join("\n")}\n`));

const rmse = (r: WorldResult, model: string, flux: (typeof FLUXES)[number]): number => r.metrics.find((m) => m.model === model)!.summary[flux].rmse.mean!;

test("an LSTM beats the climatology on mean RMSE for all three fluxes, in every world and seed", () => {
  for (const r of results) for (const flux of FLUXES) assert.ok(rmse(r, "lstm", flux) < rmse(r, "climatology", flux), `${r.world} seed ${r.seed} ${flux}: ${rmse(r, "lstm", flux)} against ${rmse(r, "climatology", flux)}`);
});

test("an LSTM told the identifiable light use and respiration of its sites beats one that is not, in GPP and RECO by a clear margin: the simulator teaches something", () => {
  const difference = (flux: (typeof FLUXES)[number]): ReturnType<typeof pooledDifference>["rmse_mean"] => pooledDifference(told, "lstm+traits", "lstm", flux).rmse_mean;
  for (const flux of ["gpp", "reco"] as const) {
    const { value, low, high } = difference(flux);
    assert.ok(high! < 0, `${flux}: ΔRMSE ${value} (${low} … ${high})`);
  }
  // Both traits raise uptake and respiration together, so that less of them is left in the net flux.
  assert.ok(difference("nee").value! < 0, `nee: ΔRMSE ${difference("nee").value}`);
});

test("the embedding of a site's own support set tells its identifiable traits better than one of another site's", () => {
  const mean = (pick: (p: { own: number; permuted: number }) => number): number => of("default").reduce((s, r) => s + pick(r.probe!), 0) / SEEDS.length;
  assert.ok(mean((p) => p.own) > mean((p) => p.permuted) + 0.05, `own ${mean((p) => p.own)}, permuted ${mean((p) => p.permuted)}`);
});

test("z differs less between the two halves of a site's record than between sites", () => {
  for (const r of results) assert.ok(r.spread.within < r.spread.between, `${r.world} seed ${r.seed}: ${r.spread.within} against ${r.spread.between}`);
});
