import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { DEFAULT_CONFIG } from "../../src/run/config";
import { comparison, comparisonBrief, writeComparison } from "../../src/evaluate/comparison";
import { groupNames } from "../../src/evaluate/comparison-groups";
import { gainRows, mainRows, paperShape, publishedRows, shortGains, type ModelGroup } from "../../src/evaluate/comparison-table";
import { numbers } from "../../src/data/daily-table";
import { compare } from "../../src/evaluate/evaluate";
import { scratch } from "../helpers/cli";
import { planned, predicted } from "./network";

const table = planned(Array.from({ length: 8 }, (_, i) => ({ id: `S${i}`, days: 120 })));
const contenders = [
  { model: "lstm", predictions: predicted(table, { sd: 2, seed: 1 }) },
  { model: "lstm", predictions: predicted(table, { sd: 2, seed: 2 }) },
  { model: "tamrl", predictions: predicted(table, { sd: 1, seed: 3 }) },
  { model: "far", predictions: predicted(table, { scale: 0, seed: 3 }) },
];
const metrics = compare(table, contenders, { tableName: "t" });
const groups = ["lstm", "tamrl", "far"].map((model): ModelGroup => ({ model, seeds: metrics.filter((_, i) => contenders[i]!.model === model) }));
const clusters = table.sites.map((s) => ({ id: s.site, sites: [s.site], withoutPosition: [] }));
const near = (a: unknown, b: number, within = 1e-9): void => assert.ok(typeof a === "number" && Math.abs(a - b) < within, `${String(a)} ${b}`);
const mean = (values: readonly number[]): number => values.reduce((s, v) => s + v, 0) / values.length;

test("seeds of a model are averaged at each site before sites are summarised", () => {
  const lstm = mainRows(groups).find((r) => r["model"] === "lstm" && r["flux"] === "nee")!;
  const at = (k: number, what: "rmse" | "r2"): number[] => metrics[k]!.sites.filter((s) => s.flux === "nee").map((s) => s[what]!);
  assert.deepEqual([lstm["seeds"], lstm["n_sites"], lstm["n_days"]], [2, 8, 960]);
  near(lstm["rmse_mean"], mean([...at(0, "rmse"), ...at(1, "rmse")]));
  const averaged = at(0, "r2").map((v, i) => (v + at(1, "r2")[i]!) / 2).sort((a, b) => a - b);
  near(lstm["r2_median"], (averaged[3]! + averaged[4]!) / 2);
  near(lstm["r2_mean_clipped"], mean(averaged.map((v) => Math.max(0, v))));
});

test("sites that a summary leaves out are in no average", () => {
  const seen = compare(table, contenders.map((c, i) => (i === 3 ? { ...c, seen: new Set(["S0", "S1"]) } : c)), { tableName: "t" });
  const row = mainRows([{ model: "lstm", seeds: seen.slice(0, 1) }])[0]!;
  assert.equal(row["n_sites"], 6);
  near(row["rmse_mean"], seen[0]!.summary.gpp.rmse.mean!);
  near(row["r2_median"], seen[0]!.summary.gpp.r2.median!);
});

test("gains are relative to the reference, positive where the model is better, and absent where the reference is next to the mean", () => {
  const rows = gainRows(groups, "tamrl", clusters, { seed: 1, draws: 100 });
  assert.deepEqual(rows.map((r) => `${r["flux"]} ${r["reference"]}`), ["gpp lstm", "gpp far", "reco lstm", "reco far", "nee lstm", "nee far"]);
  const main = mainRows(groups);
  const value = (model: string, key: string): number => main.find((r) => r["model"] === model && r["flux"] === "gpp")![key] as number;
  const [lstm, far] = rows as [(typeof rows)[number], (typeof rows)[number]];
  near(lstm["gain_rmse_mean_pct"], (100 * (value("lstm", "rmse_mean") - value("tamrl", "rmse_mean"))) / value("lstm", "rmse_mean"));
  assert.ok((lstm["gain_rmse_mean_pct"] as number) > 30 && (lstm["d_rmse_mean_high"] as number) < 0 && lstm["win_rate"] === 1);
  near(lstm["gain_r2_median_pct"], (100 * (value("tamrl", "r2_median") - value("lstm", "r2_median"))) / value("lstm", "r2_median"));
  assert.ok(value("far", "r2_median") < 0.1 && far["gain_r2_median_pct"] === null && typeof far["d_r2_median"] === "number");
  const flat = { model: "flat", seeds: groups[0]!.seeds.map((m) => ({ ...m, sites: m.sites.map((r) => ({ ...r, r2: 0.09 })) })) };
  assert.equal(gainRows([groups[1]!, flat], "tamrl", clusters, { seed: 1, draws: 10 })[0]!["gain_r2_median_pct"], null, "0.09 is above 0 and next to the mean");
  assert.deepEqual(gainRows(groups, "nobody", clusters, { seed: 1 }), []);
  const short = shortGains(rows);
  assert.match(String(short[0]!["RMSE gain"]), /^\+\d+\.\d %$/);
  assert.equal(short[1]!["R² gain"], "–");
});

test("the paper's shape has a row a model and RMSE and R² of each flux, by median or by mean", () => {
  const main = mainRows(groups);
  const rows = paperShape(main, "median");
  assert.deepEqual(Object.keys(rows[0]!), ["model", "data", "seeds", "sites", "GPP RMSE", "GPP R²", "RECO RMSE", "RECO R²", "NEE RMSE", "NEE R²"]);
  assert.deepEqual(rows.map((r) => r["model"]), ["lstm", "tamrl", "far"]);
  assert.equal(rows[1]!["NEE R²"], main.find((r) => r["model"] === "tamrl" && r["flux"] === "nee")!["r2_median"]);
  assert.equal(paperShape(main, "mean")[2]!["GPP R²"], main.find((r) => r["model"] === "far" && r["flux"] === "gpp")!["r2_mean_clipped"]);
  assert.ok(publishedRows().every((r) => /^not the same sites: /.test(String(r["sites"]))));
});

test("runs that differ in seed and split only are seeds of one model; other differences are told by the folder", () => {
  const run = (dir: string, more: object = {}): { config: typeof DEFAULT_CONFIG; dir: string } => ({ config: { ...DEFAULT_CONFIG, ...more }, dir });
  assert.deepEqual(groupNames([run("a/tamrl"), run("a/tamrl-2", { seed: 2, split: { train: ["A"], test: ["B"] } }), run("a/lstm", { model: "lstm" })]), ["tamrl", "tamrl", "lstm"]);
  assert.deepEqual(groupNames([run("a/one"), run("a/one-2", { seed: 2 }), run("a/hard", { balance: "hard" })]), ["tamrl (one)", "tamrl (one)", "tamrl (hard)"]);
});

test("a comparison is written as CSV and one page of Markdown; without intervals there is no coverage", () => {
  const out = path.join(scratch("comparison"), "out");
  const all = comparison({ table, contenders, metrics, sites: table.sites.map((s) => s.site), draws: 50 });
  writeComparison(out, all, metrics, table);
  assert.deepEqual(fs.readdirSync(out).sort(), ["closure.csv", "error-parts.csv", "gains.csv", "seed-mean-gains.csv", "seed-means.csv", "strata.csv", "table.csv", "table.md", "time-scales.csv"]);
  const page = fs.readFileSync(path.join(out, "table.md"), "utf8");
  for (const said of [/Against each reference: tamrl/, /not the same sites/, /By time scale/, /Medians over sites/]) assert.match(page, said);
  assert.doesNotMatch(page, /Simulated|Coverage/);
  assert.equal(page.match(/\n\n8 clusters: fewer than 10, an interval of so few says little\n/g)!.length, 2, "gains of seeds and of their mean");
  assert.match(comparisonBrief(all, false), /\n8 clusters: fewer than 10/);
  const many = all.gains.map((r) => ({ ...r, n_clusters: 10 }));
  assert.doesNotMatch(comparisonBrief({ ...all, gains: many }, false), /fewer than/);
  const one = comparison({ table, contenders: contenders.slice(0, 1), metrics: metrics.slice(0, 1), sites: ["S0"] });
  assert.deepEqual([one.gains.length, one.main.length], [0, 3]);
  assert.deepEqual(one.seedMeans, { main: [], gains: [] });
});

test("a model of several seeds is scored by their mean prediction too, against others' means, and the table says of how many", () => {
  const { main, gains } = comparison({ table, contenders, metrics, sites: table.sites.map((s) => s.site), draws: 50 }).seedMeans;
  const nee = main.filter((r) => r["flux"] === "nee");
  assert.deepEqual(nee.map((r) => [r["model"], r["seeds"], r["n_days"]]), [["lstm", 2, 960], ["tamrl", 1, 960], ["far", 1, 960]]);
  const [a, b] = [contenders[0]!.predictions, contenders[1]!.predictions];
  const truth = numbers(table, "nee");
  const rmse = (site: string): number => Math.sqrt(mean(a.site.flatMap((s, i) => (s === site ? [((a.nee[i]! + b.nee[i]!) / 2 - truth[i]!) ** 2] : []))));
  near(nee[0]!["rmse_mean"], mean(table.sites.map((s) => rmse(s.site))), 1e-5);
  assert.ok((nee[0]!["rmse_mean"] as number) < 0.8 * (mainRows(groups).find((r) => r["model"] === "lstm" && r["flux"] === "nee")!["rmse_mean"] as number), "independent errors of sd 2 leave one of 1.4");
  const lstm = gains.find((r) => r["flux"] === "nee" && r["reference"] === "lstm")!;
  near(lstm["d_rmse_mean"], (nee[1]!["rmse_mean"] as number) - (nee[0]!["rmse_mean"] as number));
  assert.equal(lstm["seeds"], 1);
});
