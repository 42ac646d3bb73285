import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import * as fs from "node:fs";
import * as net from "node:net";
import * as path from "node:path";
import { test } from "node:test";
import { projectRoot } from "../../src/core/files";
import { notebookFile } from "../../src/workbook/notebooks";
import { needsBrowser, openBrowser } from "../helpers/browser";
import { scratch } from "../helpers/cli";
import { needsKernel, type CellOutput } from "../helpers/notebook";

interface Notebook {
  readonly cells: { readonly cell_type: string; readonly source: string | string[]; outputs?: CellOutput[]; execution_count?: number | null }[];
}

/** A port of this machine that nobody listens on. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** A notebook without outputs in a folder of its own: the lab saves what it runs. */
function bareCopy(name: string): { folder: string; file: string; codeCells: number } {
  const folder = path.join(projectRoot(), "data", "runs", `browser-lab-${process.pid}`);
  fs.mkdirSync(folder, { recursive: true });
  const notebook = JSON.parse(fs.readFileSync(notebookFile(name), "utf8")) as Notebook;
  const code = notebook.cells.filter((c) => c.cell_type === "code");
  for (const cell of code) cell.outputs = [];
  const file = path.join(folder, `${name}.ipynb`);
  fs.writeFileSync(file, JSON.stringify(notebook));
  return { folder, file, codeCells: code.length };
}

/** Resolves when `done` holds; asked often, given up after a while. */
async function until(what: string, done: () => boolean | Promise<boolean>, seconds: number): Promise<void> {
  for (let i = 0; i < 5 * seconds; i++) {
    if (await done()) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`browser-lab: ${what}: not within ${seconds} s`);
}

/** Whether a notebook is as it was committed, so that the lab has signed it. */
function asCommitted(name: string): boolean {
  try {
    const git = (...args: string[]): string => execFileSync("git", ["-C", projectRoot(), ...args, "--", path.relative(projectRoot(), notebookFile(name))], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    return git("ls-files") !== "" && git("status", "--porcelain") === "";
  } catch {
    return false;
  }
}

/** The notebook, or null while it is being written. */
function parsed(file: string): Notebook | null {
  try {
    return JSON.parse(fs.readFileSync(file, "utf8")) as Notebook;
  } catch {
    return null;
  }
}

const skip = needsBrowser().skip || needsKernel().skip;

test("JupyterLab opens on this machine with its token, runs notebook 00 from top to bottom on our kernel, and shows its figures", { skip }, async () => {
  const { folder, file, codeCells } = bareCopy("00-start-here");
  const [port, token, outside] = [await freePort(), "a-token-of-this-test", [] as string[]];
  const given = [`--ServerApp.port=${port}`, `--IdentityProvider.token=${token}`, `--LabApp.workspaces_dir=${scratch("workspaces")}`, `--LabApp.user_settings_dir=${scratch("settings")}`];
  const lab = spawn(process.execPath, [path.join(projectRoot(), "src", "workbook", "tamrl.cjs"), "lab", "--", ...given], { env: { ...process.env, CI: "1", TAMRL_QUICK: "1" }, stdio: "ignore" });
  const base = `http://127.0.0.1:${port}`;
  const browser = await openBrowser();
  try {
    await until("the server", () => fetch(`${base}/api`).then((r) => r.ok, () => false), 180);
    assert.equal((await fetch(`${base}/api/contents`)).status, 403, "nobody gets in without the token");
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    page.on("request", (r) => {
      if (!r.url().startsWith(base) && !/^(data|blob):/.test(r.url())) outside.push(r.url());
    });
    await page.goto(`${base}/lab/tree/${path.relative(projectRoot(), file).split(path.sep).join("/")}?token=${token}`);
    await page.locator(".jp-Notebook .jp-Cell").first().waitFor({ timeout: 60_000 });
    await page.getByText("TypeScript (TAM-RL workbook)").first().waitFor({ timeout: 30_000 });
    await page.getByRole("menuitem", { name: "Run", exact: true }).click();
    await page.getByRole("menuitem", { name: "Run All Cells", exact: true }).click();
    const executed = page.locator(".jp-Cell .jp-InputPrompt").filter({ hasText: /\[\d+\]/ });
    await until(`${codeCells} cells executed`, async () => (await executed.count()) === codeCells, 300);
    const bare = fs.statSync(file).mtimeMs;
    await page.keyboard.press("Control+s");
    await until("the notebook saved", () => fs.statSync(file).mtimeMs > bare && parsed(file) !== null, 60);
    const outputs = parsed(file)!.cells.flatMap((c) => c.outputs ?? []);
    assert.deepEqual(outputs.filter((o) => o.output_type === "error" || o.name === "stderr"), [], "no cell failed");
    const figures = outputs.filter((o) => o.data?.["image/svg+xml"] !== undefined).length;
    assert.ok(figures > 0, "the notebook has figures");
    const shown = page.locator(".jp-OutputArea .jp-RenderedSVG :is(svg, img)");
    await shown.first().scrollIntoViewIfNeeded();
    const box = await shown.first().boundingBox();
    assert.ok(box !== null && box.width > 300 && box.height > 100, "a figure is seen");
    if (process.env["LAB_PICTURE"]) await page.screenshot({ path: process.env["LAB_PICTURE"] });
    assert.equal(await page.getByText("Jupyter news").count(), 0, "and nobody is asked for news");
    assert.deepEqual(outside, [], "nothing is asked of another machine");
    if (asCommitted("00-start-here")) {
      const opened = await browser.newPage({ viewport: { width: 1280, height: 4000 } });
      await opened.goto(`${base}/lab/tree/notebooks/00-start-here.ipynb?token=${token}&reset`);
      await opened.locator(".jp-OutputArea .jp-RenderedSVG :is(svg, img)").first().waitFor({ timeout: 60_000 });
      assert.equal(await opened.locator(".jp-mod-current.jp-mod-dirty, .lm-TabBar-tab.jp-mod-dirty").count(), 0, "to open a notebook changes nothing in it");
    }
  } finally {
    await browser.close();
    const closed = new Promise((resolve) => lab.once("close", resolve));
    if (lab.exitCode === null && lab.kill("SIGTERM")) await closed;
    fs.rmSync(folder, { recursive: true, force: true });
  }
});
