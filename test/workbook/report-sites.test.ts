import assert from "node:assert/strict";
import { test } from "node:test";
import { reportHtml } from "../../src/workbook/report";
import { siteDetails, siteDetailsToHtml } from "../../src/workbook/report-sites";
import { planned, predicted } from "../evaluate/network";
import { evaluationOf } from "../helpers/evaluation";

test("a site's cycle is the mean of its scored days by month, the same days for the tower and every model", () => {
  const table = planned([{ id: "A", days: 100, qc: (day) => (day < 31 ? 0 : 1) }, { id: "B", days: 100 }]);
  // from day 40 on only: February has 19 days, though the tower has 28
  const late = predicted(table, { scale: 1, keep: (_, day) => day >= 40 });
  const { sites, models } = siteDetails(table, evaluationOf(table, { lstm: predicted(table, { scale: 2 }), tamrl: late }), "tamrl");
  assert.deepEqual(models.map((m) => m.label), ["observed", "LSTM", "TAM-RL"]);
  const [observed, lstm, tamrl] = sites[0]!.cycles[0]!;
  assert.equal(observed![0], null, "January has no day of QC 1");
  assert.deepEqual(tamrl, observed, "a model that predicts what was observed, on the same days");
  for (const month of [1, 2, 3]) assert.ok(Math.abs(lstm![month]! - 2 * observed![month]!) < 0.011 * lstm![month]!, "twice, to three figures");
  assert.equal(sites[0]!.cycles[0]!.every((line) => line.slice(4).every((v) => v === null)), true, "no day after April");
  assert.equal(sites[0]!.line["days"], 60);
  assert.equal(sites[0]!.rows.length, 6, "three fluxes of two models");
});

test("a site without a scored day is listed, without scores and without a cycle", () => {
  const table = planned([{ id: "A", days: 100 }, { id: "empty", days: 100, qc: () => 0 }]);
  const { sites } = siteDetails(table, evaluationOf(table, { lstm: predicted(table) }), "lstm");
  assert.deepEqual(sites[1]!.cycles, [null, null, null]);
  assert.deepEqual([sites[1]!.line["days"], sites[1]!.line["GPP RMSE"], sites[1]!.rows.length], [0, null, 0]);
});

test("a site's name cannot leave the list or the script element that carries the data", () => {
  const table = planned([{ id: "</script><img src=x onerror=alert(1)>", days: 100 }]);
  const html = siteDetailsToHtml(siteDetails(table, evaluationOf(table, { lstm: predicted(table) }), "lstm"));
  assert.ok(!html.includes("<img"));
  assert.equal(html.match(/<\/script/g)!.length, 1, "the element's own end");
  assert.match(html, /<th scope="row">&lt;\/script&gt;/);
});

test("500 sites and six models stay far under the 5 MB of a report", () => {
  const table = planned(Array.from({ length: 500 }, (_, i) => ({ id: `S-${String(i).padStart(3, "0")}`, days: 365 })));
  const predictions = predicted(table, { sd: 0.7 });
  const models = Object.fromEntries(["climatology", "ridge", "xgboost", "lstm", "ctlstm", "tamrl"].map((model) => [model, predictions]));
  const html = reportHtml({ title: "Many", sections: [{ heading: "Sites", parts: [{ sites: siteDetails(table, evaluationOf(table, models), "tamrl") }] }], provenance: {} });
  const bytes = Buffer.byteLength(html);
  assert.ok(bytes < 2_000_000, `${bytes} bytes`);
  assert.equal(html.match(/<tr data-row=/g)!.length, 500);
});
