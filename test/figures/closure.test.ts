import assert from "node:assert/strict";
import { test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { random } from "../../src/core/random";
import { closure, type ClosureSeries } from "../../src/figures/closure";
import { renderFigure } from "../../src/figures/render";
import { assertSnapshot } from "../helpers/snapshot";
import { PERIOD, SNAPSHOTS } from "./cases";

function series(name: string, variant: string, spread: number): ClosureSeries {
  const stream = random(9, name);
  const n = 200;
  const gpp = Array.from({ length: n }, () => 5 + stream.normal());
  const reco = Array.from({ length: n }, () => 3 + stream.normal());
  const nee = reco.map((r, i) => (i % 50 === 0 ? NaN : r - gpp[i]! + spread * Math.exp(stream.normal())));
  return { name, variant, site: gpp.map(() => "A"), day: gpp.map((_, i) => PERIOD.first + i), gpp, reco, nee };
}

test("closure of reference and models looks as it did", () => {
  assertSnapshot(SNAPSHOTS, "closure", renderFigure(closure([series("observed", "REF", 0.1), series("tamrl", "soft", 0.02), series("tamrl hard", "hard", 0)], { simulated: true })));
});

test("the curve is the share of days up to each residual, and the legend has variant and mean", () => {
  const one: ClosureSeries = { name: "observed", variant: "USTAR50", site: ["A", "A", "A", "A", "B"], day: [1, 2, 3, 4, 1], gpp: [2, 2, 2, 2, NaN], reco: [1, 1, 1, 1, 1], nee: [-1, -1.05, -0.5, -3, 1] };
  const figure = closure([one], { simulated: false });
  const share = (r: number): number => Number([...figure.data].reverse().find((row) => Number(row["abs_residual"]) <= r)!["share_of_days"]);
  assert.deepEqual([1e-5, 0.1, 0.9, 10].map(share), [0.25, 0.5, 0.75, 1]);
  assert.equal(figure.legend[0]!.label, "observed (USTAR50): mean 0.637");
  assert.equal(figure.n, 4);
  assert.match(figure.notes.join(), /Left out for lack of a flux: observed \(USTAR50\) 1 day/);
  assert.ok(renderFigure(figure).includes("|NEE − (RECO − GPP)| (g C m⁻² d⁻¹)"));
});

test("a source that closes exactly stands at the left edge, one without any day is named", () => {
  const exact = series("tamrl", "hard", 0);
  const none = { ...series("lstm", "off", 1), nee: exact.site.map(() => NaN) };
  const figure = closure([exact, none], { simulated: false });
  assert.equal(Number(figure.data[0]!["share_of_days"]), 1);
  assert.match(figure.legend[0]!.label, /mean < 10⁻⁵/);
  assert.match(figure.notes.join(), /No day with all three fluxes: LSTM/);
  assert.match(renderFigure(figure), /≤ 10⁻⁵/);
});

test("no day with all three fluxes is an error that says what is needed", () => {
  for (const data of [[], [{ ...series("lstm", "off", 1), gpp: Array<number>(200).fill(NaN) }]]) assert.throws(() => closure(data, { simulated: false }), (e) => isWorkbookError(e, "EmptyTable") && /all three|GPP, RECO and NEE/.test(e.message));
});
