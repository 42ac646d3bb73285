import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import type { Request } from "playwright-core";
import { isWorkbookError } from "../../src/core/errors";
import { equationToMathml, notebooksToHtml, setEquationsAside } from "../../src/workbook/notebook-html";
import { notebookFile } from "../../src/workbook/notebooks";
import { needsBrowser, openBrowser } from "../helpers/browser";
import { scratch } from "../helpers/cli";
import { needsKernel } from "../helpers/notebook";

test("equations become MathML, code and prices stay, and one that is no TeX is named", () => {
  const made: string[] = [];
  assert.equal(setEquationsAside("With $R^2$ and `$x$`, for $5:\n\n$$r = \\frac{a}{b}$$", made), "With EQUATION0X and `$x$`, for $5:\n\nEQUATION1X");
  assert.match(made[0]!, /^<math>.*<msup>.*<\/math>$/s);
  assert.match(made[1]!, /^<math display="block".*<mfrac>/s);
  assert.throws(() => equationToMathml("\\frac{1", true), (e) => isWorkbookError(e, "BadArgument") && /TeX required, found \\frac\{1/.test(e.message));
});

test("an executed notebook becomes a page that shows its figures and equations and asks nothing of another machine", { skip: needsBrowser().skip || needsKernel().skip }, async () => {
  const file = path.join(scratch("notebook-html"), "04-train.ipynb");
  const notebook = JSON.parse(fs.readFileSync(notebookFile("04"), "utf8")) as { cells: { cell_type: string; outputs?: object[] }[] };
  const attack = "<img src=x onerror=\"document.title='ran'\"><script>document.title='ran'</script><img src=https://elsewhere.example/x.png>";
  notebook.cells.find((cell) => cell.cell_type === "code")!.outputs = ["text/html", "text/markdown"].map((kind) => ({ output_type: "display_data", metadata: {}, data: { [kind]: attack } }));
  fs.writeFileSync(file, JSON.stringify(notebook));
  const [page] = notebooksToHtml([file]);
  const browser = await openBrowser();
  try {
    const tab = await browser.newPage();
    const asked: Request[] = [];
    tab.on("request", (r) => asked.push(r));
    await tab.goto(pathToFileURL(page!).href);
    assert.equal(await tab.locator("img[onerror]").count(), 2);
    assert.equal(await tab.title(), "04-train", "no script runs, whatever an output holds");
    // the page's policy stops a request before it is made, and the browser tells of it all the same
    assert.deepEqual(asked.filter((r) => !/^(file|data):/.test(r.url()) && r.failure()?.errorText !== "csp").map((r) => r.url()), []);
    const equation = await tab.locator("math[display=block]").first().boundingBox();
    assert.ok(equation !== null && equation.height > 20 && equation.width > 200, "typeset, not written in TeX");
    assert.ok((await tab.locator(".jp-RenderedSVG :is(svg, img)").count()) > 0);
    assert.equal(await tab.getByText("$$").count(), 0);
    if (process.env["PAGE_PICTURE"]) await tab.screenshot({ path: process.env["PAGE_PICTURE"] });
  } finally {
    await browser.close();
  }
});
