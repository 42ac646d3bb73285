import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { projectRoot } from "../../src/core/files";
import { venvFile } from "../../src/core/venv";
import { runTasks } from "../../src/engine/run-tasks";
import { readMark, type Task } from "../../src/engine/task";
import { freePort, listening } from "./ports";
import { aTask, began, calls, folder, gone, readEvents, whenever } from "./traces";

/** Eight tasks of which the fifth waits until it is let go. */
const eight = (dir: string): Task[] => ["a", "b", "c", "d", "e", "f", "g", "h"].map((id, i) => aTask(dir, id, id === "e" ? "waits" : "square", i));
const letGo = (dir: string): void => fs.writeFileSync(path.join(dir, "trace", "go"), "");

/** All processes that the run's log names, gone. */
async function noneLeft(dir: string): Promise<void> {
  for (const e of readEvents(dir)) for (const pid of [e.pid, e.worker_pid, e.driver]) if (pid !== undefined && !(pid in scheduled)) await gone(pid);
}
/** Dask processes that the test itself started; they stay. */
const scheduled: Record<number, true> = {};

async function allDoneOnce(dir: string, tasks: readonly Task[]): Promise<void> {
  assert.deepEqual(tasks.map((t) => fs.readFileSync(t.output, "utf8")), tasks.map((_, i) => String(i * i)));
  assert.ok(tasks.every((t) => readMark(t) !== null));
  // only the one that was under way when something was killed may have been begun again
  assert.deepEqual(tasks.filter((t) => t.id !== "e").map((t) => calls(dir, t.id)), [1, 1, 1, 1, 1, 1, 1]);
  assert.deepEqual(fs.readdirSync(path.join(dir, "out")).filter((f) => !/^[a-h](\.done\.json)?$/.test(f)), [], "no claim or temporary file stays");
}

test("the driver killed: said so, no process stays, and the rerun finishes", async () => {
  const dir = folder();
  const tasks = eight(dir);
  const running = runTasks(tasks, { dir, engine: "dask", workers: 2 });
  await whenever(() => calls(dir, "e") > 0 && readEvents(dir).filter((e) => e.event === "done").length === 7);
  process.kill(readEvents(dir).find((e) => e.event === "dask")!.driver!, "SIGKILL");
  await assert.rejects(running, (e) => isWorkbookError(e, "MissingPart") && /a driver that lives is required, it ended with SIGKILL.*; 7 tasks were done/.test(e.message));
  await noneLeft(dir);
  letGo(dir);
  const { done, skipped } = await runTasks(tasks, { dir, engine: "dask", workers: 2 });
  assert.deepEqual([done, skipped.length], [["e"], 7]);
  await allDoneOnce(dir, tasks);
});

test("whoever feeds the driver killed: driver, Dask workers and Node workers end, and the rerun finishes on local workers", async () => {
  const dir = folder();
  const tasks = eight(dir);
  const script = `require("tsx/cjs"); require("./src/engine/run-tasks").runTasks(${JSON.stringify(tasks)}, { dir: ${JSON.stringify(dir)}, engine: "dask", workers: 2 });`;
  const parent = spawn(process.execPath, ["-e", script], { cwd: projectRoot(), stdio: "ignore" });
  await whenever(() => calls(dir, "e") > 0 && readEvents(dir).filter((e) => e.event === "done").length === 7);
  parent.kill("SIGKILL");
  await noneLeft(dir);
  letGo(dir);
  const { done, skipped } = await runTasks(tasks, { dir });
  assert.deepEqual([done, skipped.length], [["e"], 7]);
  await allDoneOnce(dir, tasks);
});

/** A scheduler at an address of its own with two workers, as a site's operators would run them. */
async function scheduler(port: number): Promise<{ readonly scheduler: ChildProcess; readonly workers: ChildProcess[] }> {
  const dask = (...args: string[]): ChildProcess => {
    const child = spawn(venvFile("python"), ["-m", "distributed.cli." + args[0]!, ...args.slice(1)], { stdio: "ignore" });
    scheduled[child.pid!] = true;
    return child;
  };
  const main = dask("dask_scheduler", "--host", "127.0.0.1", "--port", String(port), "--no-dashboard", "--dashboard-address", "127.0.0.1:0");
  const workers = [1, 2].map(() => dask("dask_worker", `tcp://127.0.0.1:${port}`, "--nthreads", "1", "--no-nanny", "--no-dashboard", "--memory-limit", "0"));
  await listening(port);
  return { scheduler: main, workers };
}

test("a scheduler of one's own is used and left running; killed, it is named, its workers' Node processes end, and the rerun finishes on a new one", async () => {
  const dir = folder();
  const tasks = eight(dir);
  const port = await freePort();
  const options = { dir, engine: "dask", scheduler: `tcp://127.0.0.1:${port}` } as const;
  const first = await scheduler(port);
  const running = runTasks(tasks, options);
  await whenever(() => calls(dir, "e") > 0 && readEvents(dir).filter((e) => e.event === "done").length === 7);
  first.scheduler.kill("SIGKILL");
  await assert.rejects(running, (e) => isWorkbookError(e, "MissingPart") && /a Dask scheduler that lives is required, .* with 7 tasks done/.test(e.message));
  for (const { pid } of began(dir)) await gone(pid!);
  for (const worker of first.workers) worker.kill("SIGKILL");
  letGo(dir);
  const second = await scheduler(port);
  try {
    const { done, skipped } = await runTasks(tasks, options);
    assert.deepEqual([done, skipped.length], [["e"], 7]);
    await allDoneOnce(dir, tasks);
    for (const { pid } of began(dir)) await gone(pid!);
    assert.equal(second.scheduler.exitCode, null, "the scheduler is not ours to end");
    // a driver that is killed leaves a scheduler and workers that live on, but no Node process
    const other = folder();
    const cut = runTasks([aTask(other, "h", "hangs")], { ...options, dir: other });
    await whenever(() => calls(other, "h") > 0);
    process.kill(readEvents(other).find((e) => e.event === "dask")!.driver!, "SIGKILL");
    await assert.rejects(cut, (e) => isWorkbookError(e, "MissingPart"));
    await gone(began(other)[0]!.pid!);
  } finally {
    for (const child of [second.scheduler, ...second.workers]) child.kill("SIGKILL");
  }
});
