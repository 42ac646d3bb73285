import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { test } from "node:test";
import { hold, lockFolder } from "../../src/engine/lock";
import { runTasks } from "../../src/engine/run-tasks";
import { claimFile, readMark } from "../../src/engine/task";
import { scratch } from "../helpers/cli";
import { aTask, calls, folder, whenever } from "./traces";

const write = (file: string, host: string, pid: number, secondsAgo = 0): void => {
  fs.writeFileSync(file, JSON.stringify({ host, pid }));
  const at = new Date(Date.now() - 1000 * secondsAgo);
  fs.utimesSync(file, at, at);
};
const ended = (): number => spawnSync(process.execPath, ["-e", ""]).pid;

test("a lock is held by a living process of this machine, and by one of another machine that gave a sign of life", () => {
  const file = path.join(scratch("lock"), "x.lock");
  write(file, os.hostname(), process.pid, 3600);
  assert.deepEqual(hold(file), { host: os.hostname(), pid: process.pid });
  write(file, "another-machine", 1, 30);
  assert.deepEqual(hold(file), { host: "another-machine", pid: 1 });
});

test("a lock is taken over when its process has gone, its machine is silent, or it names nobody", () => {
  const file = path.join(scratch("lock"), "x.lock");
  const leave = [() => write(file, os.hostname(), ended()), () => write(file, "another-machine", 1, 90), () => (fs.writeFileSync(file, ""), fs.utimesSync(file, 1, 1))];
  for (const left of leave) {
    left();
    const release = hold(file);
    assert.ok(typeof release === "function", String(leave.indexOf(left)));
    assert.equal((JSON.parse(fs.readFileSync(file, "utf8")) as { pid: number }).pid, process.pid);
    release();
    assert.ok(!fs.existsSync(file));
  }
  assert.deepEqual(fs.readdirSync(path.dirname(file)), []);
});

test("what another has taken over is not released by its former holder", () => {
  const dir = scratch("lock");
  const release = lockFolder(dir);
  write(path.join(dir, "engine.lock"), "another-machine", 1);
  release();
  assert.ok(fs.existsSync(path.join(dir, "engine.lock")));
});

test("a task that another process is at is waited for, and not done again when that one has done it", async () => {
  const dir = folder();
  const task = aTask(dir, "a", "waits");
  const [one, other] = [path.join(dir, "one"), path.join(dir, "other")];
  const first = runTasks([task], { dir: one, workers: 1 });
  await whenever(() => calls(dir, "a") === 1);
  const second = runTasks([task], { dir: other, workers: 1 });
  await whenever(() => fs.existsSync(path.join(other, "log.jsonl")) && fs.readFileSync(path.join(other, "log.jsonl"), "utf8").includes('"task"'));
  fs.writeFileSync(path.join(dir, "trace", "go"), "");
  assert.deepEqual([(await first).done, (await second).done, calls(dir, "a")], [["a"], ["a"], 1]);
  assert.ok(readMark(task) !== null && !fs.existsSync(claimFile(task)));
});
