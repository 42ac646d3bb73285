import assert from "node:assert/strict";
import * as path from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { writeReport } from "../../src/workbook/report";
import { siteDetails } from "../../src/workbook/report-sites";
import { planned, predicted } from "../evaluate/network";
import { needsBrowser, openBrowser } from "../helpers/browser";
import { scratch } from "../helpers/cli";
import { evaluationOf } from "../helpers/evaluation";

const MARKUP = "<img src=x onerror=document.title='broken'>";
const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>';
let browser: Browser;
let file: string;

/** A report as people get it: a table with missing values, a figure, three sites, one of them with markup for a name. */
function written(): string {
  const table = planned([{ id: "DE-Hai", days: 365 }, { id: MARKUP, days: 200, igbp: "CRO" }, { id: "FI-Hyy", days: 120, igbp: null }]);
  const sites = siteDetails(table, evaluationOf(table, { lstm: predicted(table, { sd: 1 }), tamrl: predicted(table, { sd: 0.5 }) }), "tamrl");
  const rows = [{ model: "b", rmse: 10.5 }, { model: "a", rmse: null }, { model: "c", rmse: 9.25 }, { model: "d", rmse: -0.5 }];
  const target = path.join(scratch("browser-report"), "report.html");
  writeReport({ title: "Runs", sections: [{ heading: "Scores", parts: [{ markdown: "# In words\n\ntext" }, { table: rows, options: { caption: "RMSE" } }] }, { heading: "Figures", parts: [{ figure: { svg, alt: "a square", caption: "Square." } }] }, { heading: "Site by site", parts: [{ sites }] }], provenance: { commit: "abc" } }, target);
  return pathToFileURL(target).href;
}

/** The report in a new page; what went wrong or out in it. */
async function opened(theme: "light" | "dark" = "light"): Promise<{ page: Page; wrong: string[] }> {
  const page = await browser.newPage({ colorScheme: theme });
  const wrong: string[] = [];
  page.on("console", (m) => wrong.push(`console: ${m.text()}`));
  page.on("pageerror", (e) => wrong.push(`error: ${e.message}`));
  page.on("request", (r) => {
    if (r.url() !== file && !r.url().startsWith("data:")) wrong.push(`request: ${r.url()}`);
  });
  await page.goto(file);
  return { page, wrong };
}

/** Relative luminance of a colour as the browser says it. @source WCAG 2.1 */
function luminance(color: string): number {
  const [r, g, b] = color.match(/[\d.]+/g)!.slice(0, 3).map((v) => (Number(v) / 255 <= 0.04045 ? Number(v) / 255 / 12.92 : ((Number(v) / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

const options = needsBrowser();
before(async () => {
  if (options.skip) return;
  browser = await openBrowser();
  file = written();
});
after(async () => browser?.close());

test("a table sorts by its header, by mouse and keyboard, missing values last either way", options, async () => {
  const { page, wrong } = await opened();
  const table = page.locator("#s1 table");
  const order = (): Promise<string[]> => table.locator("tbody tr td:first-child").allTextContents();
  const rmse = table.getByRole("columnheader", { name: "rmse" });
  await rmse.getByRole("button").click();
  assert.deepEqual(await order(), ["d", "c", "b", "a"], "as numbers, not as words");
  assert.equal(await rmse.getAttribute("aria-sort"), "ascending");
  await rmse.getByRole("button").press("Enter");
  assert.deepEqual(await order(), ["b", "c", "d", "a"]);
  assert.equal(await rmse.getAttribute("aria-sort"), "descending");
  await table.getByRole("columnheader", { name: "model" }).getByRole("button").press("Space");
  assert.deepEqual(await order(), ["a", "b", "c", "d"]);
  assert.equal(await rmse.getAttribute("aria-sort"), null, "one column is the sorted one");
  assert.equal(await page.getByRole("status").filter({ hasText: "sorted by model" }).count(), 1, "and a screen reader hears it");
  assert.deepEqual(wrong, []);
  await page.close();
});

test("a site opens and closes by keyboard, shows every model, and stays under its row when the list is sorted", options, async () => {
  const { page, wrong } = await opened();
  const button = page.getByRole("button", { name: "DE-Hai" });
  await button.focus();
  await page.keyboard.press("Enter");
  assert.equal(await button.getAttribute("aria-expanded"), "true");
  const detail = page.locator(`#${await button.getAttribute("aria-controls")}`);
  assert.equal(await detail.getByRole("heading", { level: 3 }).textContent(), "DE-Hai");
  assert.equal(await detail.locator("tbody tr").count(), 6, "three fluxes of two models");
  assert.equal(await detail.getByRole("img").count(), 3);
  assert.match((await detail.getByRole("img").first().getAttribute("aria-label"))!, /^GPP, mean by month: observed is farthest from zero in month \d+, \d/);
  await page.getByRole("columnheader", { name: "site" }).getByRole("button").press("Enter");
  await page.getByRole("columnheader", { name: "site" }).getByRole("button").press("Enter");
  assert.equal(await detail.evaluate((row) => row.previousElementSibling!.querySelector("button")!.textContent), "DE-Hai");
  await button.focus();
  await page.keyboard.press("Escape");
  assert.equal(await detail.count(), 0);
  assert.equal(await button.getAttribute("aria-expanded"), "false");
  await page.getByRole("searchbox").fill("cro");
  assert.equal(await page.locator("table.sites > tbody > tr:visible").count(), 1);
  assert.deepEqual(wrong, []);
  await page.close();
});

test("a site whose name is markup is text, in the list and when it opens", options, async () => {
  const { page, wrong } = await opened();
  await page.getByRole("button", { name: MARKUP }).click();
  assert.equal(await page.locator(".detail h3").textContent(), MARKUP);
  assert.equal(await page.locator("main img").count(), 1, "the figure's");
  assert.equal(await page.title(), "Runs");
  assert.deepEqual(wrong, []);
  await page.close();
});

test("light and dark follow the system, a button chooses, print is light, and text stands out in each", options, async () => {
  for (const theme of ["light", "dark"] as const) {
    const { page, wrong } = await opened(theme);
    const look = async (): Promise<{ ground: number; contrast: number }> => {
      const [ground, ...inks] = (await page.evaluate((places) => [getComputedStyle(document.body).backgroundColor, ...places.map((at) => getComputedStyle(document.querySelector(at)!).color)], ["body", "a[href='#s1']", "caption", "figcaption", "th button"])).map(luminance);
      return { ground: ground!, contrast: Math.min(...inks.map((ink) => (Math.max(ink, ground!) + 0.05) / (Math.min(ink, ground!) + 0.05))) };
    };
    const first = await look();
    assert.equal(first.ground > 0.5, theme === "light");
    assert.ok(first.contrast >= 4.5, `${theme}: contrast ${first.contrast}`);
    const toggle = page.getByRole("button", { name: "Theme" });
    await toggle.press("Enter");
    assert.ok((await look()).ground > 0.5, "light by choice");
    await toggle.press("Enter");
    assert.ok((await look()).ground < 0.5, "dark by choice");
    await page.emulateMedia({ media: "print" });
    assert.ok((await look()).ground > 0.5, "paper is light");
    assert.equal(await page.locator("nav").isVisible(), false);
    assert.deepEqual(wrong, []);
    await page.close();
  }
});

test("headings go down one step at a time, every image has words, and nothing is wider than a telephone", options, async () => {
  const { page } = await opened();
  await page.getByRole("button", { name: "DE-Hai" }).click();
  const levels = await page.locator("h1, h2, h3, h4").evaluateAll((all) => all.map((h) => Number(h.tagName[1])));
  assert.equal(levels[0], 1);
  levels.slice(1).forEach((level, i) => assert.ok(level <= levels[i]! + 1, `h${levels[i]} is followed by h${level}`));
  assert.equal(await page.locator("img:not([alt]), img[alt='']").count(), 0);
  await page.setViewportSize({ width: 360, height: 700 });
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= 360), "tables scroll by themselves");
  await page.close();
});
