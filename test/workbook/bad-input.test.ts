import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { isWorkbookError, WorkbookError } from "../../src/core/errors";
import { projectRoot } from "../../src/core/files";
import { writeTable } from "../../src/data/store";
import { notebookRuns, orAnew } from "../../src/workbook/demo";
import { interruptible } from "../../src/workbook/interruptible";
import { runCard } from "../../src/workbook/run-card";
import { jupyterEnvironment, venvProgram } from "../../src/workbook/venv";
import { scratch } from "../helpers/cli";
import { joined, needsKernel, runCells } from "../helpers/notebook";
import { aSite, towerTable } from "../helpers/tables";

const dir = scratch("bad-input");
const TABLE = path.join(dir, "T.parquet");
const written = writeTable(towerTable(Array.from({ length: 14 }, (_, i) => aSite(`AA-${String(i).padStart(3, "0")}`)), 40), TABLE);

/** Runs with environment variables that a notebook's parameters are read from. */
async function withParameters<T>(env: Readonly<Record<string, string>>, run: () => Promise<T>): Promise<T> {
  Object.assign(process.env, env);
  try {
    return await run();
  } finally {
    for (const name of Object.keys(env)) delete process.env[name];
  }
}

test("a folder without the runs that a notebook wants is named, with the run that lacks and what to do", async () => {
  await written;
  const none = path.join(dir, "none");
  await assert.rejects(withParameters({ TABLE, RUNS: none }, () => notebookRuns(["lstm", "tamrl"], () => undefined)), (e) => isWorkbookError(e, "BadRun") && /a run lstm is required in .*none, found none; run reproduce, or unset RUNS/.test(e.message));
  assert.throws(() => runCard(none), (e) => isWorkbookError(e, "BadRun") && e.message.includes(none));
});

test("what another notebook's process is making is waited for and kept; what another version left is made anew, once", async () => {
  const kept = path.join(dir, "kept");
  fs.mkdirSync(kept);
  const told: string[] = [];
  const answers = [new WorkbookError("BadRun", "held", { holder: 7 }), new WorkbookError("BadRun", "held", { holder: 7 }), null];
  await orAnew(async () => {
    const answer = answers.shift();
    if (answer) throw answer;
  }, [kept], (e) => told.push(e.what));
  assert.deepEqual([fs.existsSync(kept), answers.length, told.at(-1)], [true, 0, "waiting for process 7, which works in kept"]);
  let tries = 0;
  await assert.rejects(orAnew(async () => {
    tries++;
    throw new WorkbookError("BadRun", "of another version");
  }, [kept], () => undefined), /of another version/);
  assert.deepEqual([tries, fs.existsSync(kept)], [2, false]);
});

test("work ends at its first step after an interrupt, and says how to go on", () => {
  let [count, done] = [3, 0];
  const progress = interruptible(() => void done++, () => count);
  const event = { what: "lstm", done: 1, total: 9, secondsLeft: null };
  progress(event);
  count = 4;
  assert.throws(() => progress(event), (e) => isWorkbookError(e, "Interrupted") && /lstm: stopped, for the cell was interrupted; run it again to go on/.test(e.message));
  assert.equal(done, 1);
  interruptible(() => void done++, () => count)(event);
  assert.equal(done, 2, "the next cell's work goes on");
});

test("in a notebook an unknown SITE shows the nearest ids", needsKernel(), async () => {
  await written;
  const cells = ['import { notebookTable, parameter } from "./src/index";', 'const { table } = await notebookTable();', 'const SITE = parameter("SITE", table.sites[0]!.site, table.sites.map((s) => s.site));'];
  const { result } = await runCells(cells, { TABLE, SITE: "AA-01" });
  assert.equal(result.error?.cell, 3);
  assert.match(result.error!.message, /SITE: one of 14 choices \(nearest AA-0\d\d, AA-0\d\d, AA-0\d\d\) required, got "AA-01"/);
});

test("a kernel without the addon goes on with another backend and says what would cure it", needsKernel(), async () => {
  const without = path.join(dir, "without-addon.cjs");
  fs.writeFileSync(without, `const m = require("node:module"); const load = m._load; m._load = (name, ...rest) => { if (name === "@tensorflow/tfjs-node-gpu") throw new Error("Cannot find module tfjs_binding.node"); return load(name, ...rest); };`);
  const { result, outputs } = await runCells(['import { openBackend } from "./src/index";', "const { backend, why } = await openBackend();\nconsole.log(`${backend}: ${why.join(\"; \")}`);"], { NODE_OPTIONS: `--require=${without}` });
  assert.equal(result.error, null);
  assert.match(outputs[1]!.map((o) => joined(o.text)).join(""), /^wasm: .*backend tensorflow: not used, it does not load \(Cannot find module tfjs_binding\.node\); run npm run setup/);
});

test("an interrupted cell ends within seconds, says what to do, its work stops, and the kernel goes on", needsKernel(), async () => {
  const first = [
    'import { show } from "./src/workbook/show";', "const progress = show.progress();", "(globalThis as any).steps = 0;",
    'for (let i = 1; i < 600; i++) { await new Promise((r) => setTimeout(r, 100)); (globalThis as any).steps = i; progress({ what: "work", done: i, total: 600, secondsLeft: null }); }',
  ].join("\n");
  const second = "const before = (globalThis as any).steps;\nawait new Promise((r) => setTimeout(r, 500));\nconsole.log(`${before < 100} ${(globalThis as any).steps === before}`);";
  const { stdout, stderr } = spawnSync(venvProgram("python"), [path.join(projectRoot(), "test", "helpers", "interrupt_cell.py"), first, second], { env: jupyterEnvironment(), encoding: "utf8" });
  const [one, two] = JSON.parse(stdout || `["${stderr}"]`) as { shown: string }[];
  assert.match(one!.shown, /interrupted: the work ends at its next step and keeps what is finished; run the cell again to go on/);
  assert.equal(two!.shown.trim(), "true true");
});

/** Where Jupyter finds a kernel `tslab` that fails at its first `times` starts, and then is ours. */
function frailKernel(name: string, times: number): string {
  const share = path.join(dir, name);
  const spec = path.join(share, "kernels", "tslab");
  const [start, count, kernel] = [path.join(share, "start.cjs"), path.join(share, "count"), path.join(projectRoot(), "src", "workbook", "kernel.cjs")];
  fs.mkdirSync(spec, { recursive: true });
  fs.writeFileSync(start, `const fs = require("fs"); const n = fs.existsSync(${JSON.stringify(count)}) ? fs.readFileSync(${JSON.stringify(count)}, "utf8").length : 0; fs.appendFileSync(${JSON.stringify(count)}, "x"); if (n < ${times}) { console.error("UnhandledPromiseRejection: a socket"); process.exit(1); } process.argv[1] = ${JSON.stringify(kernel)}; require(process.argv[1]);`);
  fs.writeFileSync(path.join(spec, "kernel.json"), JSON.stringify({ argv: ["node", "--conditions=import", start, "{connection_file}"], display_name: "frail", language: "typescript", interrupt_mode: "signal" }));
  return share;
}

test("a kernel that does not come up is started once more, and one that never does is told as its notebook's error", needsKernel(), async () => {
  const once = await runCells(["1 + 1"], { JUPYTER_PATH: frailKernel("once", 1) });
  assert.equal(once.result.error, null, "what the first kernel said is no word of the notebook");
  const share = frailKernel("never", 100);
  const never = await runCells(["1 + 1"], { JUPYTER_PATH: share });
  assert.match(never.result.error!.message, /the notebook runner failed|the kernel died/);
  assert.equal(fs.readFileSync(path.join(share, "count"), "utf8").length, 2, "two kernels, not more");
});
