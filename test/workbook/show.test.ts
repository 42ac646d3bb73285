import assert from "node:assert/strict";
import { table } from "arquero";
import { test } from "node:test";
import { cellsOf, cellsToHtml, cellsToText, formatNumber } from "../../src/workbook/cells";
import { output, type Output } from "../../src/workbook/output";
import { describe, progressDisplay } from "../../src/workbook/progress-display";
import { showOn } from "../../src/workbook/show";

test("a table carries units, dates and missing values, and says what it left out", () => {
  const cells = cellsOf(table({ site: ["A", "A"], day: Int32Array.of(0, 1), gpp: Float32Array.of(4.25, NaN) }), { limit: 1 });
  assert.deepEqual(cells.header, ["site", "day", "gpp (g C m⁻² d⁻¹)"]);
  assert.deepEqual(cells.rows, [["A", "1970-01-01", "4.25"]]);
  assert.equal(cells.note, "1 of 2 rows shown");
  assert.deepEqual(cellsOf([{ r2: NaN, n: null }]).rows, [["–", "–"]]);
});

test("columns come from all rows, not from the first one only", () => {
  assert.deepEqual(cellsOf([{ a: 1 }, { a: 2, b: "x" }]).rows, [["1", "–"], ["2", "x"]]);
});

test("a small number is not shown as zero", () => {
  assert.deepEqual([0.00012, 0, 3, 1.005, -0.4567, -0.0000127].map((v) => formatNumber(v, 2)), ["0.00012", "0", "3", "1.00", "-0.46", "-1.3e-5"]);
});

test("numbers of a column have the same decimals, unless all are whole", () => {
  const cells = cellsOf([{ n: 12, r2: 1, year: 2010 }, { n: 3, r2: 0.25, year: 2011 }, { n: null, r2: 0, year: 2012 }]);
  assert.deepEqual(cells.rows, [["12", "1.00", "2010"], ["3", "0.25", "2011"], ["–", "0.00", "2012"]]);
});

test("a site name with markup appears as text", () => {
  const html = cellsToHtml(cellsOf([{ site: `<img src=x onerror="alert(1)">` }], { caption: "<i>" }));
  assert.match(html, /&lt;img src=x onerror=&quot;alert\(1\)&quot;&gt;/);
  assert.match(html, /<caption style="text-align:left">&lt;i&gt;<\/caption>/);
});

test("plain text stands in columns, numbers to the right", () => {
  assert.equal(cellsToText(cellsOf([{ site: "A", n: 5 }, { site: "DE-Hai", n: 12 }])), "site     n\n------  --\nA        5\nDE-Hai  12");
});

test("outside the kernel everything shown is plain text", () => {
  const lines: string[] = [];
  const show = showOn(() => output((text) => lines.push(text)));
  show.markdown("**hi**");
  show.figure({ svg: "<svg/>", alt: "a map of 3 sites", caption: "Sites." });
  show.card("run", { model: "tamrl", seed: 1, loss: 0.12345, note: null });
  assert.deepEqual(lines.slice(0, 2), ["**hi**\n", "[figure] a map of 3 sites\nSites.\n"]);
  assert.match(lines[2]!, /run\nwhat\s+value\n.*\nmodel\s+tamrl\nseed\s+1\nloss\s+0\.123\nnote\s+–/);
});

test("in the kernel, markup in a name stays text of Markdown, in code and behind backslashes too", () => {
  const shown: string[] = [];
  const to = { rich: true, markdown: (text: string) => shown.push(text) } as unknown as Output;
  showOn(() => to).markdown("**Checked:** 3 < 5 at <img src=x onerror=alert(1)>, `<b>`, \\<b>, \\\\</script><!-- <?x");
  assert.deepEqual(shown, ["**Checked:** 3 < 5 at &lt;img src=x onerror=alert(1)>, `&lt;b>`, &lt;b>, \\&lt;/script>&lt;!-- &lt;?x"]);
});

test("progress says how long still, rewrites at most four times a second, and leaves no time behind", () => {
  const seen: string[] = [];
  let now = 0;
  const progress = progressDisplay({ text: (text) => seen.push(text) }, true, () => now);
  const event = (done: number): void => progress({ what: "epoch", done, total: 3, secondsLeft: 95, note: "loss 0.3" });
  event(1);
  now = 100;
  event(2);
  event(3);
  progress({ what: "test", done: 2, total: 2, secondsLeft: 0 });
  assert.deepEqual(seen, ["epoch: 1 of 3 · loss 0.3 · 1 min 35 s left", "epoch: 3 of 3 done", "epoch: 3 of 3 done\ntest: 2 of 2 done"]);
  assert.equal(describe({ what: "epoch", done: 0, total: 3, secondsLeft: null }), "epoch: 0 of 3");
});

test("outside the kernel progress writes finished steps only, each once", () => {
  const lines: string[] = [];
  const progress = showOn(() => output((text) => lines.push(text))).progress();
  for (const done of [1, 2]) progress({ what: "epoch", done, total: 2, secondsLeft: 1 });
  progress({ what: "test", done: 1, total: 1, secondsLeft: 0 });
  assert.deepEqual(lines, ["epoch: 2 of 2 done\n", "test: 1 of 1 done\n"]);
});
