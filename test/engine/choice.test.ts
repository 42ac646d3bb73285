import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { engineChoice } from "../../src/engine/options";
import { parsePart, runPart } from "../../src/engine/part";
import { runTasks } from "../../src/engine/run-tasks";
import { engineSize } from "../../src/engine/sizes";
import { readTasks } from "../../src/engine/task";
import { aTask, calls, folder } from "./traces";

test("parts of a file cover every task once, whether an array counts from 0 or from 1", async () => {
  assert.deepEqual([parsePart("0/3"), parsePart("3/3"), parsePart("1/1")], [{ part: 0, of: 3 }, { part: 0, of: 3 }, { part: 0, of: 1 }]);
  for (const bad of ["4/3", "1", "1/0", "-1/3", "a/b", "1/3x"]) assert.throws(() => parsePart(bad), (e) => isWorkbookError(e, "BadArgument"), bad);
  const dir = folder();
  const tasks = ["a", "b", "c", "d", "e"].map((id) => aTask(dir, id, "square"));
  await assert.rejects(runTasks(tasks, { dir, engine: "file" }), (e) => isWorkbookError(e, "Planned") && /5 tasks are laid out, 5 still to do; `tamrl tasks .*tasks.jsonl --part I\/N`/.test(e.message));
  const file = path.join(dir, "tasks.jsonl");
  assert.deepEqual(readTasks(file), tasks);
  const both = await Promise.all(["1/2", "2/2"].map((part) => runPart(file, parsePart(part))));
  assert.deepEqual(both.map((r) => r.done), [["b", "d"], ["a", "c", "e"]]);
  assert.deepEqual((await runPart(file, parsePart("1/1"))).skipped.length, 5);
  assert.deepEqual(tasks.map((t) => calls(dir, t.id)), [1, 1, 1, 1, 1]);
  assert.ok(fs.existsSync(`${file}.parts/1-of-2/log.jsonl`));
});

test("a cluster's workers are not bounded by this machine; this machine's are, on Dask too", () => {
  assert.deepEqual(engineSize(100, { engine: "dask", cluster: "slurm", workers: 400 }), { workers: 400, threads: 1 });
  assert.deepEqual(engineSize(100, { engine: "dask", scheduler: "tcp://h:8786", threads: 4 }), { workers: 1, threads: 4 });
  for (const engine of ["local", "dask"] as const) assert.throws(() => engineSize(100, { engine, workers: 100_000 }), (e) => isWorkbookError(e, "BadArgument") && /processors/.test(e.message));
  assert.throws(() => engineSize(9, { engine: "dask", cluster: "pbs", workers: 0.5 }), (e) => isWorkbookError(e, "BadArgument"));
});

test("the choice of an engine is handed on without what stands beside it", () => {
  assert.deepEqual(engineChoice({ engine: "dask", cluster: "pbs", ...{ dir: "out", progress: () => undefined } }), { engine: "dask", cluster: "pbs" });
});

test("without Dask's Python, or without its packages, the cure is named", async () => {
  const dir = folder();
  const asked = async (python: string): Promise<string> => {
    process.env["TAMRL_DASK_PYTHON"] = python;
    try {
      await runTasks([aTask(dir, "a", "square")], { dir, engine: "dask" });
      return "no error";
    } catch (error) {
      return isWorkbookError(error, "MissingPart") ? error.message : `another error: ${String(error)}`;
    } finally {
      delete process.env["TAMRL_DASK_PYTHON"];
    }
  };
  assert.match(await asked(path.join(dir, "none")), /a Python at TAMRL_DASK_PYTHON is required, .*none is not there; name another/);
  const bare = path.join(dir, "python");
  fs.writeFileSync(bare, "#!/bin/sh\necho \"ModuleNotFoundError: No module named 'dask'\" >&2\nexit 1\n", { mode: 0o755 });
  assert.match(await asked(bare), /packages distributed and dask-jobqueue are required, dask is not there; run npm run setup/);
  assert.equal(calls(dir, "a"), 0);
});

const qsub = (process.env["PATH"] ?? "").split(path.delimiter).some((folder) => fs.existsSync(path.join(folder, "qsub")));

test("a cluster whose command is not there is named", { skip: qsub && "PBS is installed here" }, async () => {
  await assert.rejects(runTasks([aTask(folder(), "a", "square")], { dir: folder(), engine: "dask", cluster: "pbs", workers: 1 }), (e) => isWorkbookError(e, "MissingPart") && /a cluster pbs that starts is required, it does not \(qsub is not on the PATH\)/.test(e.message));
});
