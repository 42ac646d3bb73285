import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { isWorkbookError, WorkbookError } from "../../src/core/errors";
import { runTasks } from "../../src/engine/run-tasks";
import { storageFault } from "../../src/core/storage-fault";
import { aTask, calls, folder, readEvents } from "./traces";

const coded = (code: string, file?: string): Error => Object.assign(new Error("write"), { code, ...(file === undefined ? {} : { path: file }) });

test("a full disk and a forbidden output are storage faults, however deep; an unreadable input is none", () => {
  assert.equal(storageFault(coded("ENOSPC"), "/out"), "no space is left on the disk (ENOSPC)");
  assert.equal(storageFault(coded("EROFS"), "/out"), "the file system is read-only (EROFS)");
  assert.equal(storageFault(new WorkbookError("BadFile", "x", { cause: new Error("y", { cause: coded("EDQUOT") }) }), "/out"), "the disk quota is used up (EDQUOT)");
  assert.equal(storageFault(new Error("IO Error: Could not write file: No space left on device"), "/out"), "no space left on device");
  assert.equal(storageFault(coded("EACCES", "/out/tile/0.0"), "/out"), "writing there is forbidden (EACCES)");
  assert.equal(storageFault(coded("EPERM", "/out"), "/out"), "writing there is forbidden (EPERM)");
  assert.equal(storageFault(coded("EACCES", "/in/table"), "/out"), null);
  assert.equal(storageFault(coded("EACCES", "/output/table"), "/out"), null);
  assert.equal(storageFault(coded("ENOENT", "/out/x"), "/out"), null);
  assert.equal(storageFault("no space left on device", "/out"), null);
});

test("a full disk ends the run with one reason after the first task that meets it, and the same command goes on", async () => {
  const dir = folder();
  const tasks = [aTask(dir, "a", "square"), ...["b", "c", "d", "e"].map((id) => aTask(dir, id, "fillsDisk"))];
  await assert.rejects(runTasks(tasks, { dir, workers: 1 }), (e) => isWorkbookError(e, "BadFile") && /out: a folder that takes files is required, no space is left on the disk \(ENOSPC\) \(found at b\); make room/.test(e.message));
  assert.deepEqual(["a", "b", "c", "d", "e"].map((id) => calls(dir, id)), [1, 1, 0, 0, 0]);
  assert.equal(readEvents(dir).filter((e) => e.event === "failed").length, 1);
  fs.writeFileSync(path.join(dir, "trace", "room"), "");
  const { done, skipped } = await runTasks(tasks, { dir, workers: 1 });
  assert.deepEqual([done, skipped], [["b", "c", "d", "e"], ["a"]]);
});

test("a folder that takes no files is named before any work", { skip: process.platform !== "linux" && "Linux shows a folder that nobody may write in" }, async () => {
  const dir = folder();
  const task = aTask(dir, "a", "square");
  await assert.rejects(runTasks([task], { dir: "/sys/kernel/engine" }), (e) => isWorkbookError(e, "BadFile") && /\/sys\/kernel\/engine: a folder that takes files is required, writing there is forbidden/.test(e.message));
  assert.equal(calls(dir, "a"), 0);
  await assert.rejects(runTasks([{ ...task, output: "/sys/kernel/out/a" }, { ...aTask(dir, "b", "square"), output: "/sys/kernel/out/b" }], { dir, workers: 1 }), (e) => isWorkbookError(e, "BadFile") && /found at a/.test(e.message));
});
