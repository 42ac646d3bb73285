import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { evaluatePredictions, type Metrics } from "../../src/evaluate/evaluate";
import { quantile } from "../../src/evaluate/metrics";
import { besidePublished, readPublishedSites } from "../../src/evaluate/published-sites";
import { numbers, texts } from "../../src/data/daily-table";
import { scratch } from "../helpers/cli";
import { needsShared, sharedPath } from "../helpers/shared";
import { aSite, towerTable } from "../helpers/tables";

const HEAD = "site,IGBP,Koppen,R2,RMSE,nMAE,RAE,target,model,split_type,n_seeds,file\n";
const line = (site: string, r2: number, model = "tam-rl", split = "Koppen"): string => `${site},ENF,D,${r2},1.5,0.3,0.4,GPP_NT_VUT_USTAR50,${model},${split},10.0,${model}_${split}_minimal_ensemble\n`;

function written(text: string): string {
  const file = path.join(scratch("published"), "results.csv");
  fs.writeFileSync(file, text);
  return file;
}

/** Perfect predictions of a small table of these sites. */
function ours(ids: readonly string[]): Metrics {
  const table = towerTable(ids.map((id, k) => aSite(id, { lat: 40 + k })), 120);
  const [gpp, reco, nee] = (["gpp", "reco", "nee"] as const).map((f) => numbers(table, f)) as [Float32Array, Float32Array, Float32Array];
  const day = Int32Array.from({ length: gpp.length }, (_, i) => i % 120);
  return evaluatePredictions(table, { site: texts(table, "site") as string[], day, gpp, reco, nee, raw: { gpp, reco } }, { model: "ours", tableName: "T" });
}

test("published results of the same held-out sites are marked so, others are not, and common sites stand side by side", () => {
  const published = readPublishedSites(written(HEAD + line("A", 0.5) + line("B", 0.7) + line("A", 0.1, "lstm") + line("B", 0.2, "lstm") + line("C", 0.9, "tam-rl", "IGBP")));
  const same = besidePublished([ours(["A", "B"])], published, "Koppen").filter((r) => r["flux"] === "gpp");
  assert.deepEqual([...new Set(same.map((r) => r["same_sites"]))], ["same sites"]);
  const rows = besidePublished([ours(["A", "X"])], published, "Koppen").filter((r) => r["flux"] === "gpp");
  const told = rows.map((r) => [r["model"], r["source"], r["sites"], r["same_sites"], r["n_sites"], r["r2_median"] === null ? null : Number((r["r2_median"] as number).toFixed(3))]);
  assert.deepEqual(told, [
    ["ours", "ours", "common", "same sites", 1, 1], ["lstm", "published", "common", "same sites", 1, 0.1], ["tam-rl", "published", "common", "same sites", 1, 0.5],
    ["ours", "ours", "all of ours", "not the same sites", 2, 1], ["lstm", "published", "all of theirs", "not the same sites", 2, 0.15], ["tam-rl", "published", "all of theirs", "not the same sites", 2, 0.6],
  ]);
});

test("a file of another kind says what is missing", () => {
  assert.throws(() => readPublishedSites(written("site,value\nA,1\n")), (e) => isWorkbookError(e, "MissingColumn") && /column R2 required, found site, value/.test(e.message));
  assert.throws(() => readPublishedSites("nowhere.csv"), (e) => isWorkbookError(e, "BadFile"));
});

test("the benchmark's own file gives its published medians", needsShared("data/carbonfluxbench-results/eval_results_per_site.csv.gz"), () => {
  const published = readPublishedSites(sharedPath("data/carbonfluxbench-results/eval_results_per_site.csv.gz")!);
  const median = (model: string, flux: string): string => quantile(published.filter((p) => p.model === model && p.flux === flux && p.split === "Koppen" && p.features === "minimal").map((p) => p.r2), 0.5)!.toFixed(3);
  assert.deepEqual(["gpp", "reco", "nee"].map((f) => median("tam-rl", f)), ["0.644", "0.593", "0.270"]);
  assert.deepEqual(["gpp", "reco", "nee"].map((f) => median("XGBoost", f)), ["0.469", "0.426", "0.162"]);
});
