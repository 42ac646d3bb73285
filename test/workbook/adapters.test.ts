import assert from "node:assert/strict";
import * as http from "node:http";
import { table } from "arquero";
import { test } from "node:test";
import { DANFO_ROWS, fromDanfo, toDanfo } from "../../src/workbook/danfo";
import { notebookFile } from "../../src/workbook/notebooks";
import { explore, whyNoDesktop } from "../../src/workbook/plotly";

test("danfo sees the table's numbers, names and missing values", () => {
  const frame = toDanfo(table({ site: ["A", "B", "B"], day: Int32Array.of(0, 0, 1), gpp: Float32Array.of(1, NaN, 3) }));
  assert.deepEqual(frame.columns, ["site", "day", "gpp"]);
  assert.deepEqual(frame.shape, [3, 3]);
  assert.equal(frame["day"].values[2], "1970-01-02");
  assert.deepEqual(frame["gpp"].isNa().values, [false, true, false]);
  assert.equal(frame["gpp"].mean(), 2);
  assert.deepEqual(fromDanfo(frame)[2], { site: "B", day: "1970-01-02", gpp: 3 });
  const means = fromDanfo(frame.groupby(["site"]).col(["gpp"]).max(), "row");
  assert.deepEqual(means.map((m) => [m["row"], m["site"], m["gpp_max"]]), [[0, "A", 1], [1, "B", 3]]);
});

test("a table too long for danfo is refused with the cure", () => {
  const long = table({ x: new Float32Array(DANFO_ROWS + 1) });
  assert.throws(() => toDanfo(long), /at most 100,000 rows required, found 100,001; filter/);
});

test("a desktop is needed to explore, and its absence is explained", () => {
  assert.match(whyNoDesktop({}, "linux")!, /DISPLAY/);
  assert.match(whyNoDesktop({ DISPLAY: ":0", CI: "true" }, "linux")!, /CI/);
  assert.equal(whyNoDesktop({ DISPLAY: ":0" }, "linux"), null);
  assert.equal(whyNoDesktop({}, "darwin"), null);
});

test("the explorer serves its page on this machine only and ends when it is closed", async () => {
  // NODEPLOTLIB_PORT keeps it from opening a browser; 0 lets the system choose
  const explorer = await explore([{ x: [1], y: [2] }], {}, { PATH: process.env["PATH"], DISPLAY: ":0", NODEPLOTLIB_PORT: "0" });
  assert.ok(explorer);
  assert.match(explorer.url, /^http:\/\/127\.0\.0\.1:\d+$/);
  const status = await new Promise<number | undefined>((resolve, reject) => http.get(explorer.url, (answer) => resolve(answer.resume().statusCode)).on("error", reject));
  assert.equal(status, 200);
  explorer.close();
});

test("an unknown notebook is named with its nearest", () => {
  assert.throws(() => notebookFile("99-none"), /the name of one notebook is required, got "99-none"/);
});
