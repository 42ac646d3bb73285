import assert from "node:assert/strict";
import { test } from "node:test";
import { sitePlot, exploreSite } from "../../src/workbook/explore-site";
import { needsBrowser, openBrowser } from "../helpers/browser";

/** Ten days at a site, the fourth and fifth of which have no row. */
const DAY = [0, 1, 2, 5, 6, 7, 8, 9];
const series = {
  site: "AA-One", day: DAY,
  fluxes: [{ flux: "gpp" as const, observed: DAY.map((d) => (d === 7 ? NaN : d)), models: [{ name: "tamrl", values: DAY.map((d) => d + 1) }] }],
  drivers: [{ name: "ta_degC", label: "air temperature", unit: "°C", values: DAY }],
};

test("a site's panels share one time axis, carry units, and their lines break at missing values and missing days", () => {
  const { traces, layout } = sitePlot(series, { simulated: true });
  assert.deepEqual(traces.map((t) => [t.name, t.yaxis, t.xaxis]), [["observed", "y", undefined], ["TAM-RL", "y", undefined], ["ta_degC", "y2", undefined]]);
  assert.deepEqual(traces[0]!.y, [0, 1, 2, null, 5, 6, null, 8, 9]);
  assert.deepEqual((traces[0]!.x as string[]).slice(2, 5), ["1970-01-03", "1970-01-04", "1970-01-06"]);
  assert.match(JSON.stringify(layout), /GPP<br>\(g C m⁻² d⁻¹\).*air temperature<br>\(°C\)/);
  assert.match(JSON.stringify(layout.title), /AA-One \(simulated\)/);
});

test("the explorer draws in a browser and asks nothing of another machine; all panels have one axis of time", needsBrowser(), async () => {
  // NODEPLOTLIB_PORT keeps it from opening a browser; 0 lets the system choose
  const explorer = (await exploreSite(series, { simulated: true }, { PATH: process.env["PATH"], DISPLAY: ":0", NODEPLOTLIB_PORT: "0" }))!;
  const browser = await openBrowser();
  try {
    const [page, outside] = [await browser.newPage({ viewport: { width: 1100, height: 800 } }), [] as string[]];
    page.on("request", (r) => {
      if (!r.url().startsWith(explorer.url) && !/^(data|blob|ws):/.test(r.url())) outside.push(r.url());
    });
    await page.goto(explorer.url);
    await page.locator(".js-plotly-plot .ytitle").first().waitFor({ timeout: 60_000 });
    assert.deepEqual(await page.locator(".js-plotly-plot :is(.ytitle, .y2title)").allTextContents(), ["GPP(g C m⁻² d⁻¹)", "air temperature(°C)"]);
    assert.equal(await page.evaluate("document.querySelectorAll('.js-plotly-plot')[0]._fullLayout._subplots.xaxis.length"), 1);
    assert.deepEqual(outside, []);
    if (process.env["EXPLORE_PICTURE"]) await page.screenshot({ path: process.env["EXPLORE_PICTURE"] });
  } finally {
    await browser.close();
    explorer.close();
  }
});
