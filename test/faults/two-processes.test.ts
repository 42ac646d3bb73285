import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { projectRoot, temporaryName } from "../../src/core/files";
import { removeLeftovers, removeLeftoversOf } from "../../src/core/leftovers";
import { lifeOf, lifeOfMark, processMark, thisProcess, type ProcessId } from "../../src/core/processes";
import type { ProgressEvent } from "../../src/core/progress";
import { ingest } from "../../src/data/ingest/ingest";
import { hold } from "../../src/engine/lock";
import { trainMembers } from "../../src/run/ensemble";
import { weightsFile } from "../../src/run/model-config";
import { runPaths } from "../../src/run/run-directory";
import { resume, train } from "../../src/run/train";
import { towerFile } from "../data/towers/tower-file";
import { scratch } from "../helpers/cli";
import { aSite, towerTable } from "../helpers/tables";

const SITES = Array.from({ length: 8 }, (_, i) => aSite(`S${i}`, { lat: 40 + i }));
const TABLE = towerTable(SITES, 200);
const CONFIG = { model: "climatology", split: { train: ["S0", "S1", "S2", "S3", "S4", "S5"], test: ["S6", "S7"] } };

/** Another process that holds the run in `dir` and begins to write `file`, until it is killed. */
async function another(dir: string, file: string): Promise<ChildProcess> {
  const script = `
    require("tsx/cjs");
    const { lockFolder } = require("./src/engine/lock");
    const { temporaryName } = require("./src/core/files");
    lockFolder(${JSON.stringify(dir)}, "run");
    require("node:fs").writeFileSync(temporaryName(${JSON.stringify(file)}), "half");
    process.stdout.write("ready");
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ["-e", script], { cwd: projectRoot(), stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((resolve) => child.stdout!.once("data", resolve));
  return child;
}

async function killed(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.on("close", resolve));
  child.kill("SIGKILL");
  await ended;
}

test("a run that another process works in is refused with its number, and taken over once it has gone, which is said; its half-written file goes", async () => {
  const dir = scratch("two");
  const [run, fresh, ensemble] = ["run", "fresh", "ensemble"].map((name) => path.join(dir, name)) as [string, string, string];
  await train({ table: TABLE, out: run, config: CONFIG });
  const child = await another(run, runPaths(run).metrics);
  const others = await Promise.all([fresh, ensemble].map((place) => another(place, path.join(place, "split.json"))));
  const by = (pid: number) => (e: unknown): boolean => isWorkbookError(e, "BadRun") && e.fields.holder === pid && e.message.includes(`process ${pid} on`) && /is working in it; wait for it/.test(e.message);
  await assert.rejects(resume({ dir: run, table: TABLE }), by(child.pid!));
  await assert.rejects(train({ table: TABLE, out: fresh, config: CONFIG }), by(others[0]!.pid!));
  await assert.rejects(trainMembers({ table: TABLE, out: ensemble, config: { ...CONFIG, ensemble: 2 }, workers: 0 }), by(others[1]!.pid!));
  assert.deepEqual(removeLeftovers(run), [], "what a living process writes stays");
  await Promise.all([child, ...others].map(killed));

  const said: ProgressEvent[] = [];
  await resume({ dir: run, table: TABLE, progress: (e) => said.push(e) });
  assert.ok(said.some((e) => e.what.includes(`process ${child.pid} on`) && /has gone and left its lock: taken over/.test(e.what)));
  assert.match(fs.readFileSync(runPaths(run).log, "utf8"), new RegExp(`"event":"took over","pid":${child.pid},`));
  await train({ table: TABLE, out: fresh, config: CONFIG });
  await trainMembers({ table: TABLE, out: ensemble, config: { ...CONFIG, ensemble: 2 }, workers: 0 });
  const left = fs.readdirSync(dir, { recursive: true, encoding: "utf8" }).filter((name) => /\.tmp-|\.lock$/.test(name));
  assert.deepEqual(left, []);
  assert.ok(fs.readFileSync(path.join(runPaths(fresh).weights, "climatology.json")).equals(fs.readFileSync(path.join(runPaths(run).weights, "climatology.json"))));
});

test("a later process of the same number is not taken for the holder, nor one that another container or boot shows under it", { skip: !fs.existsSync("/proc/self/stat") && "only Linux tells when a process began" }, () => {
  const me = thisProcess();
  const earlier: ProcessId = { ...me, born: `${me.born!.slice(0, me.born!.lastIndexOf("/"))}/1` };
  const elsewhere: ProcessId = { ...me, born: "00000000/1/1" };
  assert.deepEqual([me, earlier, elsewhere, { ...me, host: "another-machine" }].map(lifeOf), ["alive", "gone", "out of sight", "out of sight"]);
  assert.deepEqual([me, earlier, elsewhere].map((p) => lifeOfMark(processMark(p))), ["alive", "gone", "out of sight"]);
  assert.equal(lifeOfMark("1234"), null);
  const file = path.join(scratch("reuse"), "run.lock");
  fs.writeFileSync(file, JSON.stringify(earlier));
  const taken: ProcessId[] = [];
  const release = hold(file, (former) => taken.push(former));
  assert.ok(typeof release === "function" && taken[0]!.pid === process.pid);
  release();
  fs.writeFileSync(file, JSON.stringify(elsewhere));
  assert.deepEqual(hold(file), elsewhere, "of what cannot be seen a sign of life a moment ago is believed");
});

test("temporary files of processes that have gone are removed, those of the living and the unknown stay", async () => {
  const dir = scratch("leftovers");
  const at = (name: string): string => path.join(dir, name);
  const me = thisProcess();
  const gone = processMark({ ...me, pid: 2 ** 22 + 1 });
  const far = processMark({ host: "another-machine", pid: 1 });
  const files = { living: path.basename(temporaryName(at("a.json"))), dead: `a.json.tmp-${gone}`, other: `b.json.tmp-${gone}`, far: `a.json.tmp-${far}`, old: `c.json.tmp-${far}`, own: "notes.tmp-mine", table: "T.parquet" };
  for (const name of Object.values(files)) fs.writeFileSync(at(name), "");
  fs.mkdirSync(at(`store.zarr.tmp-${gone}`));
  fs.writeFileSync(at(`store.zarr.tmp-${gone}/zarr.json`), "");
  fs.utimesSync(at(files.old), 1, 1);
  assert.deepEqual(removeLeftoversOf(at("a.json")), [at(files.dead)]);
  assert.deepEqual(removeLeftovers(dir, dir, at("not-there")).sort(), [files.other, files.old, `store.zarr.tmp-${gone}`].map(at).sort());
  assert.deepEqual(fs.readdirSync(dir).sort(), [files.living, files.far, files.own, files.table].sort());
});

test("whatever is written takes away what killed processes left of it: the kill harness found such a citations.md beside a table", async () => {
  const dir = scratch("rewritten");
  const gone = processMark({ ...thisProcess(), pid: 2 ** 22 + 1 });
  const [towers, out] = [path.join(dir, "towers"), path.join(dir, "out")];
  for (const folder of [towers, out]) fs.mkdirSync(folder);
  fs.writeFileSync(path.join(towers, "FLX_AA-One_FLUXNET2015_SUBSET_DD_2012-2012_1-4.csv"), towerFile({ days: 3 }));
  for (const name of ["citations.md", "T.parquet", "other.md"]) fs.writeFileSync(path.join(out, `${name}.tmp-${gone}`), "half");
  await ingest([towers], { out: path.join(out, "T.parquet") });
  assert.deepEqual(fs.readdirSync(out).sort(), ["T.parquet", "citations.md", `other.md.tmp-${gone}`]);
});

test("a clock that goes backwards changes no weight, no time below zero is told, and a lock from the future without a holder is taken over", async () => {
  const dir = scratch("clock");
  const config = { ...CONFIG, model: "lstm", epochs: 2, hidden: 8, batch: 32 };
  await train({ table: TABLE, out: path.join(dir, "calm"), config });
  const real = Date.now;
  let now = real();
  Date.now = () => (now -= 60_000);
  const said: ProgressEvent[] = [];
  try {
    await train({ table: TABLE, out: path.join(dir, "run"), config, progress: (e) => said.push(e) });
    const lock = path.join(dir, "x.lock");
    fs.writeFileSync(lock, "");
    const release = hold(lock);
    assert.ok(typeof release === "function");
    release();
  } finally {
    Date.now = real;
  }
  assert.ok(fs.readFileSync(weightsFile(path.join(dir, "run"))).equals(fs.readFileSync(weightsFile(path.join(dir, "calm")))));
  assert.ok(said.every((e) => e.secondsLeft === null || e.secondsLeft >= 0));
  const log = fs.readFileSync(runPaths(path.join(dir, "run")).log, "utf8").trim().split("\n").map((line) => JSON.parse(line) as { seconds?: number });
  assert.ok(log.some((line) => line.seconds !== undefined) && log.every((line) => line.seconds === undefined || line.seconds >= 0));
});
