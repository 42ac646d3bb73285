import assert from "node:assert/strict";
import { test } from "node:test";
import { compare } from "../../src/evaluate/evaluate";
import { PUBLISHED } from "../../src/evaluate/reference";
import { toCsv } from "../../src/core/csv";
import { balanceRows, comparisonRows, siteTable, toMarkdown } from "../../src/evaluate/table";
import { planned, predicted } from "./network";

test("CSV quotes what needs it and leaves null empty", () => {
  assert.equal(toCsv([{ a: 1, b: null, c: 'say "x", y' }, { a: 0.1, b: true, c: "" }]), 'a,b,c\n1,,"say ""x"", y"\n0.1,true,\n');
});

test("Markdown shows decimals by column and a dash for null", () => {
  assert.equal(toMarkdown([{ model: "a|b", n: 3, r2: 1 }, { model: "c", n: 10, r2: 0.51239 }, { model: "d", n: 2, r2: null }]),
    "| model | n | r2 |\n| --- | ---: | ---: |\n| a\\|b | 3 | 1.000 |\n| c | 10 | 0.512 |\n| d | 2 | – |\n");
});

test("the comparison has one row a flux and model, with the counts beside the scores", () => {
  const table = planned([{ id: "A", days: 120 }]);
  const all = compare(table, ["x", "y"].map((model, i) => ({ model, predictions: predicted(table, { sd: i }) })), { tableName: "t" });
  const rows = comparisonRows(all);
  assert.deepEqual(rows.map((r) => `${r["flux"]} ${r["model"]} ${r["n_days"]} ${r["n_lost"]}`), ["gpp x 120 0", "gpp y 120 0", "reco x 120 0", "reco y 120 0", "nee x 120 0", "nee y 120 0"]);
  assert.equal(rows[1]!["rmse_mean"], all[1]!.summary.gpp.rmse.mean);
  assert.equal(siteTable(all).length, 6);
  assert.equal(balanceRows(all)[1]!["mean_abs"], all[1]!.balance.mean_abs);
});

test("the published numbers give the abstract's four gains over X-BASE, and none is of the same sites", () => {
  const of = (model: string, flux: string, metric: string): number => PUBLISHED.find((p) => p.model === model && p.flux === flux && p.metric === metric)!.value;
  const gain = (flux: string, metric: string): string => ((100 * of("TAM-RL", flux, metric)) / of("FLUXCOM-X-BASE", flux, metric) - 100).toFixed(1);
  assert.deepEqual([gain("gpp", "rmse"), gain("nee", "rmse"), gain("gpp", "r2"), gain("nee", "r2")], ["-9.6", "-8.0", "19.4", "43.8"]);
  assert.ok(PUBLISHED.every((p) => !p.same_sites && p.source.includes("arXiv")));
});
