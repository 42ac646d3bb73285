import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { projectRoot } from "../../src/core/files";
import type { ProgressEvent } from "../../src/core/progress";
import { random } from "../../src/core/random";
import { KeptThings } from "../../src/engine/keep";
import { runTasks } from "../../src/engine/run-tasks";
import { poolSize } from "../../src/engine/sizes";
import { markFile, readMark, readTasks, taskHash, writeTasks } from "../../src/engine/task";
import { aTask, calls, folder, gone } from "./traces";

test("every task is done once, by its own function, and a second run does none again", async () => {
  const dir = folder();
  const tasks = [1, 2, 3, 4].map((v) => aTask(dir, `t${v}`, "square", v));
  const events: ProgressEvent[] = [];
  const first = await runTasks(tasks, { dir, workers: 2, progress: (e) => events.push(e) });
  assert.deepEqual([...first.done].sort(), ["t1", "t2", "t3", "t4"]);
  assert.equal(fs.readFileSync(path.join(dir, "out", "t3"), "utf8"), "9");
  assert.deepEqual(readMark(tasks[2]!)?.result, { value: 9 });
  assert.ok(events.some((e) => e.note?.includes("t1: square 1/1")), "a task's own progress is passed on");
  assert.deepEqual([events.at(-1)!.done, events.at(-1)!.total], [4, 4]);
  const second = await runTasks(tasks, { dir });
  assert.deepEqual([second.done, second.skipped.length], [[], 4]);
  assert.deepEqual([1, 2, 3, 4].map((v) => calls(dir, `t${v}`)), [1, 1, 1, 1]);
});

test("a task that changed under the same output is done again; its place and its cost are no part of it", async () => {
  const dir = folder();
  const task = aTask(dir, "t", "square", 2);
  await runTasks([task], { dir });
  await runTasks([{ ...task, arguments: { ...(task.arguments as object), value: 5 } }], { dir });
  assert.equal(fs.readFileSync(task.output, "utf8"), "25");
  assert.equal(taskHash(task), taskHash({ ...task, output: "elsewhere", cost: 7 }));
  assert.equal(taskHash({ ...task, arguments: { a: 1, b: { c: 2, d: 3 } } }), taskHash({ ...task, arguments: { b: { d: 3, c: 2 }, a: 1 } }));
});

test("an output that was removed is made again though its mark is there", async () => {
  const dir = folder();
  const task = aTask(dir, "t", "square");
  await runTasks([task], { dir });
  fs.rmSync(task.output);
  assert.deepEqual((await runTasks([task], { dir })).done, ["t"]);
});

test("a worker killed in the middle of a task loses nothing: the task is tried again and the others are done once", async () => {
  const dir = folder();
  const tasks = [aTask(dir, "a", "square", 2), aTask(dir, "b", "diesOnce", 3), aTask(dir, "c", "square", 4)];
  const { done, failed } = await runTasks(tasks, { dir, workers: 1 });
  assert.deepEqual([[...done].sort(), failed], [["a", "b", "c"], []]);
  assert.equal(fs.readFileSync(path.join(dir, "out", "b"), "utf8"), "9");
  assert.deepEqual(["a", "b", "c"].map((id) => calls(dir, id)), [1, 2, 1]);
});

test("a task that kills every worker is given up after the attempts allowed, and its worker's last words are told", async () => {
  const dir = folder();
  const { done, failed } = await runTasks([aTask(dir, "bad", "diesAlways"), aTask(dir, "good", "square")], { dir, workers: 1, attempts: 2 });
  assert.deepEqual(done, ["good"]);
  assert.deepEqual([failed[0]!.id, failed[0]!.attempts, calls(dir, "bad")], ["bad", 2, 2]);
  assert.match(failed[0]!.reason, /SIGKILL: Error: no memory left/);
});

test("a failing task is named in the end, is not tried again, stops no other and is tried by the next run", async () => {
  const dir = folder();
  const tasks = [aTask(dir, "bad", "fails", 7), aTask(dir, "wrong", "sqare"), aTask(dir, "good", "square")];
  const { done, failed } = await runTasks(tasks, { dir, workers: 1 });
  assert.deepEqual(done, ["good"]);
  assert.deepEqual(failed.map((f) => f.id), ["bad", "wrong"]);
  assert.match(failed[0]!.reason, /value 7 is refused/);
  assert.match(failed[1]!.reason, /wrong: a function of test\/engine\/tasks is required, got sqare; nearest square/);
  assert.equal(calls(dir, "bad"), 1);
  await runTasks(tasks, { dir, workers: 1 });
  assert.deepEqual([calls(dir, "bad"), calls(dir, "good")], [2, 1]);
});

test("order and number of workers change nothing in what is written", async () => {
  const written = async (seed: number, workers: number): Promise<string> => {
    const dir = folder();
    const tasks = random(seed).shuffle([1, 2, 3, 4, 5]).map((v) => aTask(dir, `t${v}`, "square", v));
    await runTasks(tasks, { dir, workers });
    return fs.readdirSync(path.join(dir, "out")).filter((f) => !f.endsWith(".json")).map((f) => `${f} ${fs.readFileSync(path.join(dir, "out", f), "utf8")}`).join("\n");
  };
  const one = await written(1, 1);
  assert.equal(one, await written(2, 2));
  assert.equal(one, await written(3, 1));
});

test("an interrupt ends the workers in the middle of their tasks, leaves no process, and the next run goes on", async () => {
  const dir = folder();
  const controller = new AbortController();
  const tasks = [aTask(dir, "a", "square"), aTask(dir, "b", "hangs")];
  const running = runTasks(tasks, { dir, workers: 1, signal: controller.signal });
  while (calls(dir, "b") === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  controller.abort();
  await assert.rejects(running, (e) => isWorkbookError(e, "Interrupted") && /1 of 2 tasks done; the same command goes on/.test(e.message));
  const pid = Number(fs.readFileSync(path.join(dir, "trace", "b"), "utf8"));
  assert.throws(() => process.kill(pid, 0), /ESRCH/);
  assert.ok(!fs.existsSync(path.join(dir, "engine.lock")));
  const again = await runTasks([tasks[0]!, aTask(dir, "b2", "square")], { dir });
  assert.deepEqual([again.skipped, again.done], [["a"], ["b2"]]);
});

test("workers end when whoever feeds them is killed", async () => {
  const dir = folder();
  const script = `require("tsx/cjs"); require("./src/engine/run-tasks").runTasks(${JSON.stringify([aTask(dir, "h", "hangs")])}, { dir: ${JSON.stringify(dir)} });`;
  const parent = spawn(process.execPath, ["-e", script], { cwd: projectRoot(), stdio: "ignore" });
  while (calls(dir, "h") === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  const pid = Number(fs.readFileSync(path.join(dir, "trace", "h"), "utf8"));
  process.kill(pid, 0);
  parent.kill("SIGKILL");
  await gone(pid);
});

test("what a task prints is no message, and it is told its threads whatever the caller's environment says", async () => {
  const dir = folder();
  process.env["TF_NUM_INTRAOP_THREADS"] = "64";
  try {
    const task = aTask(dir, "p", "prints");
    assert.deepEqual((await runTasks([task], { dir, workers: 1, threads: 1 })).done, ["p"]);
    assert.deepEqual(readMark(task)?.result, { threads: "1", tensorflow: "1" });
  } finally {
    delete process.env["TF_NUM_INTRAOP_THREADS"];
  }
});

test("what a task keeps is opened once in a process, shared by its later tasks and released at the end", async () => {
  const dir = folder();
  const tasks = ["a", "b", "c"].map((id) => aTask(dir, id, "shares"));
  await runTasks(tasks, { dir, workers: 1 });
  assert.deepEqual(tasks.map((t) => readMark(t)?.result), [{ uses: 1 }, { uses: 2 }, { uses: 3 }]);
  assert.deepEqual([calls(dir, "opened"), calls(dir, "released")], [1, 1]);
});

test("what could not be made is made again when next asked for, and what is kept is released last first", async () => {
  const things = new KeptThings();
  let tries = 0;
  const make = (): number => {
    if (++tries === 1) throw new Error("not yet");
    return tries;
  };
  await assert.rejects(things.keep("a", make), /not yet/);
  const released: string[] = [];
  assert.equal(await things.keep("a", make, () => void released.push("a")), 2);
  assert.equal(await things.keep("a", make), 2);
  await things.keep("b", () => "b", () => Promise.reject(new Error("stuck")));
  await things.keep("c", () => "c", () => void released.push("c"));
  await things.release();
  assert.deepEqual(released, ["c", "a"]);
});

test("a folder in which another process works is refused; a lock whose process has gone is taken over", async () => {
  const dir = folder();
  const lock = (pid: number): void => fs.writeFileSync(path.join(dir, "engine.lock"), JSON.stringify({ host: os.hostname(), pid }));
  lock(process.pid);
  await assert.rejects(runTasks([aTask(dir, "a", "square")], { dir }), (e) => isWorkbookError(e, "BadRun") && /is working in it/.test(e.message));
  lock(2 ** 30);
  assert.equal((await runTasks([aTask(dir, "a", "square")], { dir })).done.length, 1);
});

test("tasks that would undo one another are refused, a torn mark or task file is named", async () => {
  const dir = folder();
  const a = aTask(dir, "a", "square");
  await assert.rejects(runTasks([a, a], { dir }), (e) => isWorkbookError(e, "BadArgument") && /id a/.test(e.message));
  await assert.rejects(runTasks([a, { ...a, id: "b" }], { dir }), (e) => isWorkbookError(e, "BadArgument") && /output .* at a and at b/.test(e.message));
  const file = path.join(dir, "tasks.jsonl");
  writeTasks(file, [a]);
  assert.deepEqual(readTasks(file), [a]);
  fs.appendFileSync(file, '{"id":"half');
  assert.throws(() => readTasks(file), (e) => isWorkbookError(e, "BadFile") && /line 2/.test(e.message));
  fs.writeFileSync(a.output, "4");
  fs.writeFileSync(markFile(a), "{");
  await assert.rejects(runTasks([a], { dir }), (e) => isWorkbookError(e, "BadFile") && e.message.includes(markFile(a)));
});

test("workers times threads never exceed the processors, and memory bounds the workers", () => {
  const machine = { cores: 8, bytes: 64 * 2 ** 30 };
  assert.deepEqual(poolSize(100, {}, machine), { workers: 8, threads: 1 });
  assert.deepEqual(poolSize(3, {}, machine), { workers: 3, threads: 2 });
  assert.deepEqual(poolSize(100, { threads: 4 }, machine), { workers: 2, threads: 4 });
  assert.deepEqual(poolSize(100, { workers: 1 }, machine), { workers: 1, threads: 8 });
  assert.deepEqual(poolSize(100, {}, { cores: 8, bytes: 5 * 2 ** 30 }), { workers: 2, threads: 4 });
  assert.deepEqual(poolSize(0, {}, machine), { workers: 1, threads: 8 });
  assert.throws(() => poolSize(9, { workers: 4, threads: 4 }, machine), (e) => isWorkbookError(e, "BadArgument") && /4 × 4/.test(e.message));
  assert.throws(() => poolSize(9, { workers: 9 }, machine), (e) => isWorkbookError(e, "BadArgument"));
  assert.throws(() => poolSize(9, { workers: 1.5 }, machine), (e) => isWorkbookError(e, "BadArgument"));
});
