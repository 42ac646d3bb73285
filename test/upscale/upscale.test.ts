import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { before, test } from "node:test";
import { isWorkbookError, type ErrorTag } from "../../src/core/errors";
import { readJson } from "../../src/core/json";
import { openGrid } from "../../src/data/grid/open";
import { lockFolder } from "../../src/engine/lock";
import { applicabilityFile } from "../../src/run/applicability";
import { runPaths } from "../../src/run/run-directory";
import { planUpscale, workFolder } from "../../src/upscale/plan";
import type { UpscaleResult } from "../../src/upscale/summary";
import { upscaleRun } from "../../src/upscale/upscale";
import { scratch, spawnTamrl, tamrl } from "../helpers/cli";
import { towerGrid, towerRun } from "./tower-grid";

let run = "";
let grid = "";
before(async () => {
  run = await towerRun();
  // twelve tiles, so that there is something to kill
  grid = await towerGrid({ rows: 12, columns: 16, chunk: 4, land: (cell) => (cell % 16 < 2 ? 0 : 0.5 + (cell % 7) / 14) });
});

/** Every file under a folder with its bytes. */
function contents(dir: string): Map<string, string> {
  const names = fs.readdirSync(dir, { recursive: true, encoding: "utf8" }).filter((name) => fs.statSync(path.join(dir, name)).isFile()).sort();
  return new Map(names.map((name) => [name, fs.readFileSync(path.join(dir, name)).toString("base64")]));
}

const marks = (out: string): string[] => {
  const tiles = path.join(workFolder(out), "tiles");
  return fs.existsSync(tiles) ? fs.readdirSync(tiles).filter((name) => name.endsWith(".done.json")) : [];
};
const engineLog = (out: string): { event: string; id?: string; pid?: number }[] => {
  const file = path.join(workFolder(out), "engine", "log.jsonl");
  return fs.existsSync(file) ? fs.readFileSync(file, "utf8").trim().split("\n").map((line) => JSON.parse(line) as { event: string }) : [];
};
const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

async function until(what: string, ready: () => boolean): Promise<void> {
  const end = Date.now() + 120_000;
  while (!ready()) {
    assert.ok(Date.now() < end, `${what} within two minutes`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The command with its engine and size of tile; the same for every output of a test. */
const command = (out: string): string[] => ["upscale", run, "--grid", grid, "--out", out, "--workers", "1", "--threads", "1", "--tile-cells", "16", "--store-only"];

test("a worker killed, then the whole command killed: the same command finishes, and the store is that of an undisturbed run to the byte", async () => {
  const dir = scratch("upscale");
  const [calm, hurt] = [path.join(dir, "calm.zarr"), path.join(dir, "hurt.zarr")];
  const undisturbed = tamrl(...command(calm), "--json");
  assert.equal(undisturbed.code, 0, undisturbed.stderr);
  const whole = JSON.parse(undisturbed.stdout) as UpscaleResult;
  assert.deepEqual(whole.tiles, { total: 12, done: 12, done_before: 0 });
  assert.equal(whole.cells.predicted + whole.cells.no_land, 192);

  const child = spawnTamrl(...command(hurt));
  const ended = new Promise((resolve) => child.on("close", resolve));
  await until("a first tile", () => marks(hurt).length >= 1);
  const first = engineLog(hurt).find((line) => line.event === "task")!.pid!;
  process.kill(first, "SIGKILL");
  await until("another worker", () => engineLog(hurt).some((line) => line.event === "task" && line.pid !== first));
  await assert.rejects(upscaleRun(run, grid, hurt, { workers: 1, threads: 1, tileCells: 16 }), (e) => isWorkbookError(e, "BadRun") && e.message.includes(`process ${child.pid}`));
  await until("a tile of its own", () => marks(hurt).length >= 3);
  child.kill("SIGKILL");
  await ended;
  const workers = [...new Set(engineLog(hurt).flatMap((line) => line.pid ?? []))];
  await until("no orphan", () => workers.every((pid) => !alive(pid)));
  const before = marks(hurt).length;
  assert.ok(before < 12, "killed before the end");

  const rerun = tamrl(...command(hurt), "--json", "--resume");
  assert.equal(rerun.code, 0, rerun.stderr);
  const result = JSON.parse(rerun.stdout) as UpscaleResult;
  assert.deepEqual(result.tiles, { total: 12, done: 12, done_before: before });
  assert.deepEqual([result.cells, result.cell_days], [whole.cells, whole.cell_days]);
  const [a, b] = [contents(calm), contents(hurt)];
  assert.deepEqual([...b.keys()], [...a.keys()]);
  for (const [name, bytes] of a) assert.ok(b.get(name) === bytes, `${name} differs`);
});

test("a piece of the grid that cannot be read fails its tile, which is named; the others are done, and the command mended finishes", async () => {
  const own = await towerGrid({ rows: 12, columns: 12, chunk: 4, days: 60 });
  const out = path.join(scratch("upscale"), "O.zarr");
  // in a corner, where opening does not look
  const piece = path.join(own, "sw_in_W_m2", "c", "0", "2", "2");
  const bytes = fs.readFileSync(piece);
  fs.writeFileSync(piece, bytes.subarray(0, bytes.length >> 1));
  const broken = await upscaleRun(run, own, out, { workers: 1, threads: 1, tileCells: 16 });
  assert.deepEqual(broken.failed.map((f) => f.tile), ["r8c8"]);
  assert.match(broken.failed[0]!.reason, /sw_in_W_m2/);
  assert.equal(broken.tiles.done, 8);
  fs.writeFileSync(piece, bytes);
  const mended = await upscaleRun(run, own, out, { workers: 1, threads: 1, tileCells: 16 });
  assert.deepEqual([mended.failed.length, mended.tiles.done, mended.tiles.done_before], [0, 9, 8]);
});

test("the store says what it is made of, opens as a grid, and holds the layers of its input", async () => {
  const out = path.join(scratch("upscale"), "O.zarr");
  const small = await towerGrid({ rows: 2, columns: 3 });
  const result = await upscaleRun(run, small, out, { workers: 1, threads: 1 });
  assert.ok(result.simulated && result.cell_days === 6 * (120 - 29) && result.model_days === 2 * result.cell_days);
  const file = await openGrid(out);
  const { attributes } = file;
  assert.deepEqual([attributes["Conventions"], attributes["simulated"], attributes["run_model"], attributes["run_seed"]], ["CF-1.10", "true", "tamrl", 1]);
  assert.ok(["grid_identity", "upscale_identity", "workbook_commit", "kernel", "versions"].every((name) => typeof attributes[name] === "string"));
  assert.ok(!JSON.stringify(attributes).includes(path.dirname(out)), "no path of a machine");
  const [gpp, reco] = [await file.variable("GPP"), await file.variable("RECO")];
  assert.deepEqual(gpp.dims, ["time", "lat", "lon"]);
  const values = [...await gpp.read([[0, 120], [0, 2], [0, 3]]), ...await reco.read([[0, 120], [0, 2], [0, 3]])];
  assert.equal(values.filter((v) => Number.isNaN(v)).length, 2 * 29 * 6);
  assert.ok(values.every((v) => Number.isNaN(v) || v >= 0));
  const input = await openGrid(small);
  for (const name of ["land_fraction", "koppen"]) assert.deepEqual(await (await file.variable(name)).read([[0, 2], [0, 3]]), await (await input.variable(name)).read([[0, 2], [0, 3]]), name);
  assert.deepEqual(await (await file.variable("igbp_fraction")).read([[0, 16], [0, 2], [0, 3]]), await (await input.variable("igbp_fraction")).read([[0, 16], [0, 2], [0, 3]]));
  assert.ok(Number((await file.variable("applicability")).attributes["threshold"]) > 0);
  assert.deepEqual(readJson<UpscaleResult>(path.join(workFolder(out), "report.json")), result);
});

/** The call is refused with this tag and text, and nothing is left where the store was to be. */
async function refused(call: (out: string) => Promise<unknown>, tag: ErrorTag, text: RegExp): Promise<void> {
  const out = path.join(scratch("refused"), "O.zarr");
  await assert.rejects(call(out), (e) => isWorkbookError(e, tag) && text.test(e.message));
  assert.ok(!fs.existsSync(out) && !fs.existsSync(workFolder(out)), "nothing is written");
}

test("what cannot be is refused before anything is written", async () => {
  const small = (options: Parameters<typeof towerGrid>[0]): Promise<string> => towerGrid({ rows: 2, columns: 2, ...options });
  const fine = await small({});
  await refused(async (out) => upscaleRun(run, await small({ has: (c) => c !== "vpd_hPa" }), out), "MissingColumn", /vpd_hPa/);
  await refused(async (out) => upscaleRun(run, await small({ units: { p_mm_d: "K" } }), out), "BadUnit", /p_mm_d/);
  await refused(async (out) => upscaleRun(run, await small({ days: 29 }), out), "BadFile", /at least 30 days/);
  await refused((out) => upscaleRun(run, path.join(out, "none"), out), "BadFile", /none/);
  await refused((out) => upscaleRun(run, fine, out, { workers: 100_000 }), "BadArgument", /workers/);
  await refused((out) => upscaleRun(run, fine, out, { resume: true }), "BadRun", /--resume/);
  const copy = path.join(scratch("run"), "run");
  fs.cpSync(run, copy, { recursive: true });
  fs.rmSync(applicabilityFile(copy));
  await refused((out) => upscaleRun(copy, fine, out), "BadRun", /resume/);
  fs.writeFileSync(runPaths(copy).header, fs.readFileSync(runPaths(copy).header, "utf8").replace('"done"', '"started"'));
  await refused((out) => upscaleRun(copy, fine, out), "BadRun", /interrupted/);
});

test("a store of another run, a folder of other files, and a store that another process works on are refused", async () => {
  const small = await towerGrid({ rows: 2, columns: 2 });
  const dir = scratch("upscale");
  const out = path.join(dir, "O.zarr");
  await upscaleRun(run, small, out, { workers: 1, threads: 1 });
  const before = contents(out);
  const copy = path.join(scratch("run"), "run");
  fs.cpSync(run, copy, { recursive: true });
  const weights = path.join(runPaths(copy).weights, "model.safetensors");
  const bytes = fs.readFileSync(weights);
  bytes[bytes.length - 2]! ^= 1;
  fs.writeFileSync(weights, bytes);
  await assert.rejects(upscaleRun(copy, small, out), (e) => isWorkbookError(e, "BadRun") && e.message.includes(`found one of run ${run}`));
  await assert.rejects(upscaleRun(run, await towerGrid({ rows: 2, columns: 3 }), out), (e) => isWorkbookError(e, "BadRun") && /found one of grid/.test(e.message));
  const folder = path.join(dir, "folder");
  fs.mkdirSync(folder);
  fs.writeFileSync(path.join(folder, "notes.txt"), "mine");
  await assert.rejects(upscaleRun(run, small, folder), (e) => isWorkbookError(e, "BadRun") && /found files/.test(e.message));
  await assert.rejects(upscaleRun(run, small, small), (e) => isWorkbookError(e, "BadArgument"));
  const release = lockFolder(workFolder(out));
  await assert.rejects(upscaleRun(run, small, out), (e) => isWorkbookError(e, "BadRun") && e.message.includes(`process ${process.pid}`));
  release();
  assert.deepEqual(contents(out), before);
});

test("the tiles of a grid do not hang on the machine: the same plan whatever the workers", async () => {
  const small = await towerGrid({ rows: 6, columns: 6, chunk: 3 });
  const tasks = async (workers: number): Promise<unknown> => {
    const plan = await planUpscale(run, small, path.join(scratch("plan"), "O.zarr"), { workers, threads: 1, tileCells: 9 });
    plan.grid.close();
    return plan.tasks.map((t) => [t.id, (t.arguments as { tile: unknown }).tile, plan.identity]);
  };
  assert.deepEqual(await tasks(1), await tasks(2));
});
