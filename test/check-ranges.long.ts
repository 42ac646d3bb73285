import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { after, before, test } from "node:test";
import { projectRoot } from "../src/core/files";
import { readLog } from "../src/run/read-log";
import { runNotebooks, type NotebookResult } from "../src/workbook/notebooks";
import { scratch } from "./helpers/cli";
import { cellsOf, codeOf, textOf } from "./helpers/notebook-cells";
import { needsKernel } from "./helpers/notebook";

/**
 * The ranges of the Check cells, for numbers that come from training: every seed on either kernel must lie in them, a network that was not
 * trained must not. CHECK_SEEDS (1,2,3,4,5) and CHECK_KERNELS (tensorflow,wasm) take a part.
 */
const listed = (name: string, all: string): string[] => (process.env[name] ?? all).split(",").filter((v) => v !== "");
const SEEDS = listed("CHECK_SEEDS", "1,2,3,4,5");
const KERNELS = listed("CHECK_KERNELS", "tensorflow,wasm");
/** Notebooks whose Check holds numbers of trained runs; 04 trains by itself. */
const JUDGED = ["05-evaluate", "06-carbon-balance", "07-seasons-and-years", "08-upscale-and-map"];
const RUNS = ["climatology", "lstm", "ctlstm", "tamrl", "tamrl-hard"];
/** As good as no step: the network stays where it was drawn. */
const UNTRAINED = { epochs: 1, lr1: 1e-8, lr2: 1e-8 };

const home = scratch("check-ranges");
const options = { ...needsKernel(), timeout: 3_600_000 };

/** The notebooks' own runs with another seed or without training, on one kernel, in a process of their own: a backend is chosen once. */
function trainRuns(name: string, kernel: string, config: object): string {
  const runs = path.join(home, name);
  const script = `
    import { notebookSize, notebookTable, train } from ${JSON.stringify(path.join(projectRoot(), "src", "index"))};
    void (async () => {
      const { file } = await notebookTable();
      for (const name of ${JSON.stringify(RUNS)}) {
        const model = name === "tamrl-hard" ? { model: "tamrl", balance: "hard" } : { model: name };
        await train({ table: file, out: ${JSON.stringify(runs)} + "/" + name, config: { ...notebookSize().config, ...model, ...${JSON.stringify(config)} } });
      }
      process.exit(0);
    })();`;
  const file = path.join(home, `${name}.ts`);
  fs.writeFileSync(file, script);
  execFileSync(process.execPath, ["--import", "tsx", file], { cwd: projectRoot(), env: { ...process.env, TAMRL_BACKEND: kernel, TABLE: "", RUNS: "" }, stdio: ["ignore", "ignore", "inherit"] });
  return runs;
}

const judge = (runs: string, kernel: string, names: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<NotebookResult[]> =>
  runNotebooks(names, { outDir: path.join(runs, "notebooks"), env: { TAMRL_BACKEND: kernel, RUNS: runs, TABLE: "", ...env } });

/** Whether a notebook stopped in its Check cell, and not before. */
function failedItsCheck({ name, error }: NotebookResult): boolean {
  const check = codeOf(cellsOf(path.join(projectRoot(), "notebooks", `${name}.ipynb`))).map(textOf).pop()!;
  return error !== null && error.source === check;
}

let started = 0;
before(() => (started = performance.now()));
after(() => console.error(`check ranges: seeds ${SEEDS.join(", ")} on ${KERNELS.join(", ")} in ${((performance.now() - started) / 60_000).toFixed(0)} min`));

for (const kernel of KERNELS) {
  for (const seed of SEEDS) {
    test(`seed ${seed} on ${kernel} lies in the range of every Check`, options, async () => {
      const runs = trainRuns(`${kernel}-${seed}`, kernel, { seed: Number(seed) });
      for (const { name, error } of await judge(runs, kernel, ["04-train", ...JUDGED], { SEED: seed })) assert.equal(error, null, `${name}: ${error?.message}`);
    });
  }
}

test("a network that was not trained lies in the range of no Check", options, async () => {
  const kernel = KERNELS[0]!;
  const runs = trainRuns("untrained", kernel, UNTRAINED);
  for (const result of await judge(runs, kernel, JUDGED)) assert.ok(failedItsCheck(result), `${result.name}: ${result.error?.message ?? "its Check passed"}`);
  const loss = readLog(path.join(runs, "tamrl")).filter((e) => e.stage === 2).pop()!.train;
  assert.ok(!(loss < 0.8), `04-train asks for a loss below 0.8, without training it is ${loss}`);
});
