import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { projectRoot } from "../../src/core/files";
import { venvFile } from "../../src/core/venv";
import type { ProgressEvent } from "../../src/core/progress";
import { runTasks } from "../../src/engine/run-tasks";
import { readMark } from "../../src/engine/task";
import { aTask, began, calls, folder, gone, readEvents, whenever } from "./traces";

const skip = fs.existsSync(path.join(projectRoot(), ".venv", ".dask-stamp")) ? false : "needs Dask in .venv; run npm run setup";
const DASK = { engine: "dask", cluster: "local" } as const;

test("two Dask workers, one killed in the middle of a task: every task is done once, the one under way is tried again, no process stays", { skip }, async () => {
  const dir = folder();
  const tasks = ["a", "b", "c", "d", "e", "f"].map((id, i) => aTask(dir, id, id === "a" ? "waits" : "square", i + 2));
  const events: ProgressEvent[] = [];
  const running = runTasks(tasks, { ...DASK, dir, workers: 2, progress: (e) => events.push(e) });
  const first = await whenever(() => readEvents(dir).find((e) => e.event === "task" && e.id === "a" && calls(dir, "a") === 1));
  process.kill(first.worker_pid!, "SIGKILL");
  await gone(first.pid!);
  fs.writeFileSync(path.join(dir, "trace", "go"), "");
  const { done, failed } = await running;
  assert.deepEqual([[...done].sort(), failed], [["a", "b", "c", "d", "e", "f"], []]);
  assert.deepEqual(tasks.map((t) => fs.readFileSync(t.output, "utf8")), ["4", "9", "16", "25", "36", "49"]);
  assert.deepEqual(readMark(tasks[1]!)?.result, { value: 9 });
  assert.equal(calls(dir, "a"), 2);
  // a task that waited on the worker that was killed may be given away before it begins, but is done once
  assert.deepEqual(tasks.slice(1).map((t) => calls(dir, t.id)), [1, 1, 1, 1, 1]);
  assert.ok(events.some((e) => e.note === "2 Dask workers") && events.some((e) => e.note?.includes("a: square 1/1")), "workers and a task's own progress are told");
  for (const { pid } of began(dir)) await gone(pid!);
  assert.deepEqual((await runTasks(tasks, { dir })).skipped.length, 6, "the other engine finds the same marks");
});

test("on Dask too a task's own error is named and not tried again, a Node worker that dies is replaced, and tries are counted", { skip }, async () => {
  const dir = folder();
  const { done, failed } = await runTasks([aTask(dir, "bad", "fails", 7), aTask(dir, "once", "diesOnce", 3), aTask(dir, "always", "diesAlways"), aTask(dir, "keeps", "shares")], { ...DASK, dir, workers: 1, attempts: 2 });
  assert.deepEqual([...done].sort(), ["keeps", "once"]);
  assert.deepEqual(failed.map((f) => [f.id, f.attempts]).sort(), [["always", 2], ["bad", 1]]);
  assert.match(failed.find((f) => f.id === "bad")!.reason, /value 7 is refused/);
  assert.match(failed.find((f) => f.id === "always")!.reason, /signal 9: Error: no memory left/);
  assert.deepEqual(["bad", "once", "always"].map((id) => calls(dir, id)), [1, 2, 2]);
  assert.deepEqual(readEvents(dir).filter((e) => e.event === "died").map((e) => [e.id, e.attempt]).sort(), [["always", 1], ["always", 2], ["once", 1]]);
});

test("a scheduler or worker of another Python or distributed is refused, and named", { skip }, () => {
  const versions = (python: string, distributed: string): object => ({ packages: { python, distributed } });
  const refused = (scheduler: object, worker: object): string => {
    const found = JSON.stringify({ client: versions("3.11.7.final.0", "2026.8.0"), scheduler, workers: { "tcp://w:1": worker } });
    const { stdout } = spawnSync(venvFile("python"), ["-c", `import json, types, dask_driver\ndask_driver.check_versions(types.SimpleNamespace(get_versions=lambda: json.loads('${found}')))`], { cwd: path.join(projectRoot(), "src", "engine"), encoding: "utf8", env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" } });
    return stdout === "" ? "none" : (JSON.parse(stdout) as { kind: string; reason: string }).reason;
  };
  const same = versions("3.11.2.final.0", "2026.8.0");
  assert.equal(refused(same, same), "none");
  assert.equal(refused(versions("3.10.1.final.0", "2026.8.0"), same), "the scheduler has Python 3.10, the driver 3.11");
  assert.equal(refused(same, versions("3.11.7.final.0", "2025.1.0")), "worker tcp://w:1 has distributed 2025.1.0, the driver 2026.8.0");
});

test("an interrupt ends driver, Dask workers and Node workers, and a scheduler that does not answer is named", { skip }, async () => {
  const dir = folder();
  const controller = new AbortController();
  const running = runTasks([aTask(dir, "h", "hangs")], { ...DASK, dir, workers: 1, signal: controller.signal });
  const begun = await whenever(() => (calls(dir, "h") > 0 ? began(dir)[0] : undefined));
  controller.abort();
  await assert.rejects(running, (e) => isWorkbookError(e, "Interrupted") && /0 of 1 tasks done/.test(e.message));
  for (const pid of [begun.pid!, begun.worker_pid!, readEvents(dir).find((e) => e.event === "dask")!.driver!]) await gone(pid);
  await assert.rejects(runTasks([aTask(dir, "a", "square")], { engine: "dask", scheduler: "tcp://127.0.0.1:9", dir }), (e) => isWorkbookError(e, "MissingPart") && /a Dask scheduler that answers at tcp:\/\/127\.0\.0\.1:9 is required, found none within 5 s/.test(e.message));
});
