import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { runNotebooks } from "../../src/workbook/notebooks";
import { hasNotebooks } from "../../src/workbook/venv";
import { scratch, spawnTamrl, tamrl } from "../helpers/cli";
import { noneLeft, processesOf } from "./killing";
import { smallDisk } from "./small-disk";

const SKIP = !hasNotebooks() ? "needs .venv; run npm run setup" : !fs.existsSync("/proc/self/environ") && "only Linux shows what processes were started with";

/** A notebook of one cell in a folder. */
function notebookOf(dir: string, source: string): string {
  const file = path.join(dir, "long.ipynb");
  const cell = { cell_type: "code", execution_count: null, metadata: {}, outputs: [], source: [source] };
  fs.writeFileSync(file, JSON.stringify({ cells: [cell], metadata: { kernelspec: { display_name: "TypeScript", language: "typescript", name: "tslab" } }, nbformat: 4, nbformat_minor: 5 }));
  return file;
}

test("neither Python nor the kernel outlives a killed `notebooks`: both went on to the end of their cell, which may be hours away", { skip: SKIP }, async () => {
  const dir = scratch("orphans");
  const notebook = notebookOf(dir, "await new Promise((done) => setTimeout(done, 300_000));");
  for (const signal of ["SIGKILL", "SIGINT"] as const) {
    process.env["TAMRL_FAULT_OF"] = dir;
    const child = spawnTamrl("notebooks", notebook, "--out", path.join(dir, "out"));
    delete process.env["TAMRL_FAULT_OF"];
    let told = "";
    await new Promise<void>((resolve, reject) => {
      child.stderr!.on("data", (text) => ((told += String(text)).includes("long 0/1") ? resolve() : undefined));
      child.once("close", () => reject(new Error(told)));
    });
    assert.ok(processesOf(dir).length >= 3, "the command, Python and the kernel");
    child.kill(signal);
    await noneLeft(dir);
  }
});

test("work that is asked to stop while a notebook runs stops there: `reproduce` went on to the end of the notebooks", { skip: SKIP }, async () => {
  const dir = scratch("asked");
  const controller = new AbortController();
  const work = runNotebooks([notebookOf(dir, "await new Promise((done) => setTimeout(done, 300_000));")], { outDir: path.join(dir, "out"), env: { TAMRL_FAULT_OF: dir }, progress: () => controller.abort(), signal: controller.signal });
  await assert.rejects(work, (e) => isWorkbookError(e, "Interrupted") && /^notebooks: long: stopped as asked/.test(e.message));
  await noneLeft(dir);
});

test("a notebook that finds no room for its executed copy says so, and not that set-up is wanting", { skip: SKIP }, (t) => {
  const disk = smallDisk();
  if (typeof disk === "string") return t.skip(disk);
  t.after(() => disk.release());
  disk.leave(0);
  const { code, stderr } = tamrl("notebooks", notebookOf(scratch("full"), "const one = 1;"), "--out", path.join(disk.dir, "out"));
  assert.equal(code, 2, stderr);
  assert.match(stderr, /^notebooks: .*long\.ipynb: a disk that takes the file is required, found: no space left on device; make room/m);
});
