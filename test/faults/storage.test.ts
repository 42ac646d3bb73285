import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { test, type TestContext } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { makeFolder, projectRoot } from "../../src/core/files";
import { readJson } from "../../src/core/json";
import { ingest } from "../../src/data/ingest/ingest";
import { listInputs } from "../../src/data/files/input";
import { predictRun } from "../../src/evaluate/predict";
import { writePredictions } from "../../src/evaluate/write-predictions";
import { weightsFile } from "../../src/run/model-config";
import { runPaths } from "../../src/run/run-directory";
import { openTable, resume, train } from "../../src/run/train";
import { towerFile } from "../data/towers/tower-file";
import { scratch, tamrl } from "../helpers/cli";
import { aSite, towerTable } from "../helpers/tables";
import { smallTable } from "./scenarios";
import { smallDisk, type SmallDisk } from "./small-disk";

const SITES = Array.from({ length: 8 }, (_, i) => aSite(`S${i}`, { lat: 40 + i }));
const TABLE = towerTable(SITES, 200);
const CONFIG = { model: "lstm", split: { train: ["S0", "S1", "S2", "S3", "S4", "S5"], test: ["S6", "S7"] }, epochs: 2, hidden: 16, batch: 32, validate_every: 1 };

/** A small disk for a test, which is skipped where there can be none. */
function onSmallDisk(t: TestContext): SmallDisk | null {
  const disk = smallDisk();
  if (typeof disk === "string") {
    t.skip(disk);
    return null;
  }
  t.after(() => disk.release());
  return disk;
}

const temporaries = (dir: string): string[] => fs.readdirSync(dir, { recursive: true, encoding: "utf8" }).filter((name) => /\.tmp-|\.lock$/.test(name));
const full = (e: unknown): boolean => isWorkbookError(e, "BadFile") && /a disk that takes the file is required, found: no space is left on the disk \(ENOSPC\); make room/.test(e.message);

test("training on a full disk says so, leaves nothing half-written, and resumes to the weights of an undisturbed run once there is room", async (t) => {
  const disk = onSmallDisk(t);
  if (disk === null) return;
  const [calm, run] = [path.join(scratch("calm"), "run"), path.join(disk.dir, "run")];
  await train({ table: TABLE, out: calm, config: CONFIG });
  // room for the first of the run's small files at some sizes, for its checkpoints at none
  for (const kilobytes of [0, 4, 24]) {
    fs.rmSync(run, { recursive: true, force: true });
    disk.leave(kilobytes);
    await assert.rejects(train({ table: TABLE, out: run, config: CONFIG }), full, `${kilobytes} kB`);
    assert.deepEqual(fs.existsSync(run) ? temporaries(run) : [], [], `${kilobytes} kB`);
  }
  disk.makeRoom();
  await (fs.existsSync(runPaths(run).header) ? resume({ dir: run, table: TABLE }) : train({ table: TABLE, out: run, config: CONFIG }));
  assert.ok(fs.readFileSync(weightsFile(run)).equals(fs.readFileSync(weightsFile(calm))));
});

test("a table or predictions that do not fit leave the former file as it was, and the command line says so in one line", async (t) => {
  const disk = onSmallDisk(t);
  if (disk === null) return;
  const towers = scratch("towers");
  fs.writeFileSync(path.join(towers, "FLX_AA-One_FLUXNET2015_SUBSET_DD_2012-2012_1-4.csv"), towerFile({ days: 366 }));
  const out = path.join(disk.dir, "T.parquet");
  await ingest([towers], { out });
  const before = fs.readFileSync(out);
  disk.leave(4);
  await assert.rejects(ingest([towers], { out }), (e) => isWorkbookError(e, "BadFile") && /no space left on device|no space is left/.test(e.message));
  const n = 20_000;
  const many = Float32Array.from({ length: n }, (_, i) => Math.sin(i));
  const predictions = { site: new Array<string>(n).fill("S0"), day: Int32Array.from({ length: n }, (_, i) => i), gpp: many, reco: many, nee: many, raw: { gpp: many, reco: many } };
  await assert.rejects(writePredictions(predictions, path.join(disk.dir, "P.parquet")), (e) => isWorkbookError(e, "BadFile") && /no space/.test(e.message));
  const told = tamrl("ingest", towers, "--out", out);
  assert.deepEqual([told.code, told.stdout], [2, ""]);
  assert.match(told.stderr.trim(), /^write: .*T\.parquet: a disk that takes the file is required.*$/m);
  assert.ok(!/\n\s+at /.test(told.stderr), told.stderr);
  assert.deepEqual(temporaries(disk.dir), []);
  assert.ok(fs.readFileSync(out).equals(before));
});

/** The user whom a process of root's calls when it wants to be refused. */
const NOBODY = 65534;
const isRoot = process.getuid?.() === 0;

/** Whether that user may read a checkout: named from the root, for one in a private folder can still be read by a process that was started in it. */
function anyoneReads(checkout: string): boolean {
  const { status } = spawnSync(process.execPath, ["-e", "for (const part of ['src', 'node_modules']) require('fs').readdirSync(require('path').join(process.argv[1], part))", checkout], { cwd: "/", uid: NOBODY, gid: NOBODY });
  return status === 0;
}

/** What calls of `code` (a module's body; `check(name, promise)` notes the error) come to for a user who is not root. */
function asAnyone(code: string): Record<string, { name?: string; tag?: string; message: string } | null> {
  const script = `
    require("tsx/cjs");
    const told = {};
    const check = async (name, work) => { try { await work(); told[name] = null; } catch (e) { told[name] = { name: e.name, tag: e.tag, message: e.message }; } };
    (async () => { ${code} })().then(() => { process.stdout.write("\\n" + JSON.stringify(told), () => process.exit(0)); });`;
  const temporary = scratch("anyone");
  if (isRoot) fs.chownSync(temporary, NOBODY, NOBODY);
  const { stdout, stderr, status } = spawnSync(process.execPath, ["-e", script], { cwd: projectRoot(), encoding: "utf8", env: { ...process.env, TMPDIR: temporary }, ...(isRoot ? { uid: NOBODY, gid: NOBODY } : {}) });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout.slice(stdout.lastIndexOf("\n") + 1)) as ReturnType<typeof asAnyone>;
}

test("a folder that may not be written in and a file that may not be read are each named, with what to do", { skip: process.platform === "win32" && "permissions of POSIX" }, async (t) => {
  if (isRoot && !anyoneReads(projectRoot())) return t.skip("another user cannot read this checkout");
  const dir = scratch("denied");
  const [table, run, locked] = [path.join(dir, "T.parquet"), path.join(dir, "run"), path.join(dir, "locked")];
  fs.copyFileSync(await smallTable(8), table);
  await train({ table, out: run, config: { model: "climatology" } });
  fs.mkdirSync(locked);
  fs.copyFileSync(table, path.join(locked, "secret.parquet"));
  fs.chmodSync(path.join(locked, "secret.parquet"), 0);
  fs.writeFileSync(path.join(locked, "FLX_AA-One_FLUXNET2015_SUBSET_DD_2012-2012_1-4.csv"), towerFile({ days: 40 }), { mode: 0 });
  for (const folder of [locked, run]) fs.chmodSync(folder, 0o555);
  fs.chmodSync(dir, 0o755);
  const told = asAnyone(`
    const { train, resume, openTable } = require("./src/run/train");
    const { ingest } = require("./src/data/ingest/ingest");
    const { evaluateRuns } = require("./src/evaluate/evaluate-runs");
    const at = ${JSON.stringify({ table, run, locked })};
    const { join } = require("node:path");
    await check("train", () => train({ table: at.table, out: join(at.locked, "run"), config: { model: "climatology" } }));
    await check("resume", () => resume({ dir: at.run }));
    await check("evaluate", () => evaluateRuns([at.run], { table: at.table, out: join(at.locked, "out") }));
    await check("keep", () => evaluateRuns([at.run], { table: at.table, keep: true }));
    await check("table", () => openTable(join(at.locked, "secret.parquet")));
    await check("ingest", () => ingest([at.locked], { out: join(at.locked, "O.parquet") }));
  `);
  for (const [what, error] of Object.entries(told)) assert.equal(error?.name, "WorkbookError", `${what}: ${error?.message ?? "it was done"}`);
  for (const what of ["train", "resume", "evaluate", "keep"]) assert.match(told[what]!.message, /writing there is forbidden \(EACCES\); make room, give leave to write/, what);
  assert.match(told["table"]!.message, /secret\.parquet/);
  assert.match(told["ingest"]!.message, /FLX_AA-One.*a readable file.*EACCES|secret\.parquet/);
  assert.deepEqual(temporaries(dir), []);
});

test("a read-only file system is named", async (t) => {
  const disk = onSmallDisk(t);
  if (disk === null) return;
  if (spawnSync("mount", ["-o", "remount,ro", disk.dir]).status !== 0) return t.skip("remounting is not allowed here");
  await assert.rejects(train({ table: TABLE, out: path.join(disk.dir, "run"), config: CONFIG }), (e) => isWorkbookError(e, "BadFile") && /the file system is read-only \(EROFS\)/.test(e.message));
});

test("a file that vanishes or is written anew while it is read is named", async () => {
  const dir = scratch("vanish");
  const csv = path.join(dir, "FLX_AA-One_FLUXNET2015_SUBSET_DD_2012-2012_1-4.csv");
  fs.writeFileSync(csv, towerFile({ days: 40 }));
  const [input] = await listInputs([dir]);
  fs.rmSync(csv);
  await assert.rejects((async () => (input as { bytes(): Promise<Buffer> }).bytes())(), (e) => isWorkbookError(e, "BadFile") && e.message.includes(csv) && /ENOENT/.test(e.message));

  const table = path.join(dir, "T.parquet");
  const [one, other] = [await smallTable(8), await smallTable(9)];
  fs.copyFileSync(one, table);
  const replaced = openTable(table);
  fs.renameSync(other, table);
  await assert.rejects(replaced, (e) => isWorkbookError(e, "BadFile") && /written anew meanwhile/.test(e.message));
  const removed = openTable(table);
  fs.rmSync(table);
  await assert.rejects(removed, (e) => isWorkbookError(e, "BadFile") && e.message.includes("T.parquet"));

  const run = path.join(dir, "run");
  await train({ table: TABLE, out: run, config: { ...CONFIG, epochs: 1 } });
  fs.rmSync(weightsFile(run));
  await assert.rejects(predictRun(run, TABLE), (e) => isWorkbookError(e, "BadFile") && /model\.safetensors/.test(e.message));
  assert.equal(readJson<{ status: string }>(runPaths(run).header).status, "done");
});

test("a file, or a link that leads nowhere, in the place of a folder is called that, and not by the system's word", () => {
  const dir = scratch("place");
  fs.writeFileSync(path.join(dir, "file"), "mine");
  fs.symlinkSync(path.join(dir, "nowhere", "at-all"), path.join(dir, "link"));
  for (const folder of ["file", "file/below", "link"]) {
    assert.throws(() => makeFolder(path.join(dir, folder)), (e) => isWorkbookError(e, "BadFile") && /^write: .*, found: a file, or a link that leads nowhere, in the folder's place; .* name another folder/.test(e.message), folder);
  }
  assert.equal(fs.readFileSync(path.join(dir, "file"), "utf8"), "mine");
});
