import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { after, before, test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { projectRoot } from "../../src/core/files";
import { runTasks } from "../../src/engine/run-tasks";
import { readMark } from "../../src/engine/task";
import { scratch } from "../helpers/cli";
import { startSlurm, withoutSlurm, type Slurm } from "./slurm";
import { aTask, began, calls, folder, gone, readEvents, whenever } from "./traces";

const skip = withoutSlurm() ?? false;
let slurm: Slurm;
before(async () => {
  if (skip !== false) return;
  slurm = await startSlurm(scratch("slurm"));
  Object.assign(process.env, slurm.env);
});
after(() => slurm?.stop());

test("Dask on a Slurm of two nodes: a job killed under a task is replaced, every task is done once, no job stays", { skip }, async () => {
  const dir = folder();
  const tasks = ["a", "b", "c", "d", "e", "f", "g", "h"].map((id, i) => aTask(dir, id, id === "c" ? "waits" : "square", i));
  const running = runTasks(tasks, { dir, engine: "dask", cluster: "slurm", workers: 2 });
  const begun = await whenever(() => calls(dir, "c") > 0 && began(dir).find((e) => e.id === "c"));
  await whenever(() => slurm.jobs().includes("RUNNING n1") && slurm.jobs().includes("RUNNING n2"));
  process.kill(begun.worker_pid!, "SIGKILL");
  await gone(begun.pid!);
  fs.writeFileSync(path.join(dir, "trace", "go"), "");
  const { done, failed } = await running;
  assert.deepEqual([done.length, failed], [8, []]);
  assert.deepEqual(tasks.map((t) => calls(dir, t.id)), [1, 1, 2, 1, 1, 1, 1, 1]);
  for (const e of began(dir)) await gone(e.pid!);
  await whenever(() => slurm.jobs().length === 0);
});

test("the driver killed under Slurm: its jobs end by themselves, and the rerun finishes", { skip }, async () => {
  const dir = folder();
  const tasks = ["a", "b", "c"].map((id, i) => aTask(dir, id, id === "b" ? "waits" : "square", i));
  const running = runTasks(tasks, { dir, engine: "dask", cluster: "slurm", workers: 2 });
  await whenever(() => calls(dir, "b") > 0 && readEvents(dir).filter((e) => e.event === "done").length === 2);
  process.kill(readEvents(dir).find((e) => e.event === "dask")!.driver!, "SIGKILL");
  await assert.rejects(running, (e) => isWorkbookError(e, "MissingPart") && /the same command goes on/.test(e.message));
  for (const e of began(dir)) await gone(e.pid!);
  fs.writeFileSync(path.join(dir, "trace", "go"), "");
  const again = await runTasks(tasks, { dir, engine: "dask", cluster: "slurm", workers: 2 });
  assert.deepEqual([again.done, again.skipped.length], [["b"], 2]);
  await whenever(() => slurm.jobs().length === 0);
});

test("two lines of Slurm: the task file laid out, an array that does its parts", { skip }, async () => {
  const dir = folder();
  const tasks = ["a", "b", "c", "d", "e"].map((id, i) => aTask(dir, id, "square", i));
  await assert.rejects(runTasks(tasks, { dir, engine: "file" }), (e) => isWorkbookError(e, "Planned"));
  const file = path.join(dir, "tasks.jsonl");
  slurm.call("sbatch", "--array=1-2", "--chdir", projectRoot(), `--output=${path.join(dir, "part-%a.txt")}`, "--wrap", `${process.execPath} src/workbook/tamrl.cjs tasks ${file} --part $SLURM_ARRAY_TASK_ID/2 --threads 1`);
  await whenever(() => tasks.every((t) => readMark(t) !== null));
  await whenever(() => slurm.jobs().length === 0);
  assert.deepEqual(tasks.map((t) => calls(dir, t.id)), [1, 1, 1, 1, 1]);
  assert.match(fs.readFileSync(path.join(dir, "part-1.txt"), "utf8"), /2 tasks done, 0 done before, 0 failed/);
  assert.equal((await runTasks(tasks, { dir })).skipped.length, 5);
});
