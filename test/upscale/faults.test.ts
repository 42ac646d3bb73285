import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { before, test } from "node:test";
import { isWorkbookError, type ErrorTag } from "../../src/core/errors";
import { writeJson } from "../../src/core/json";
import { openGrid } from "../../src/data/grid/open";
import { PREPARATION_ATTRIBUTE } from "../../src/data/preparation";
import { runPaths } from "../../src/run/run-directory";
import { workFolder } from "../../src/upscale/plan";
import { upscaleRun } from "../../src/upscale/upscale";
import { scratch } from "../helpers/cli";
import { towerGrid, towerRun } from "./tower-grid";

const ALONE = { workers: 1, threads: 1 } as const;
let run = "";
before(async () => {
  run = await towerRun({ model: "ridge" });
});

/** Changes a JSON file of a store or run. */
function edit(file: string, change: (content: any) => void): void {
  const content = JSON.parse(fs.readFileSync(file, "utf8")) as unknown;
  change(content);
  writeJson(file, content);
}

/** The call is refused, and nothing is left where the store was to be. */
async function refused(grid: string, tag: ErrorTag, text: RegExp, of = run): Promise<void> {
  const out = path.join(scratch("refused"), "O.zarr");
  await assert.rejects(upscaleRun(of, grid, out, ALONE), (e) => {
    assert.ok(isWorkbookError(e, tag), String(e));
    assert.match(e.message, text);
    return true;
  });
  assert.ok(!fs.existsSync(out) && !fs.existsSync(workFolder(out)), "nothing is written");
}

test("a disk that is full in the middle ends the work with one reason; with room again the same command finishes, and nothing half-written stays", { skip: fs.existsSync("/dev/full") ? false : "needs /dev/full" }, async () => {
  const dir = scratch("upscale");
  const [out, full] = [path.join(dir, "O.zarr"), path.join(dir, "full")];
  const grid = await towerGrid({ rows: 4, columns: 8, chunk: 4, days: 60 });
  const kept = { ...process.env };
  Object.assign(process.env, { NODE_OPTIONS: `${kept["NODE_OPTIONS"] ?? ""} --require ${path.join(__dirname, "full-disk.cjs")}`, FULL_DISK: full });
  try {
    fs.writeFileSync(full, "");
    await assert.rejects(upscaleRun(run, grid, out, { ...ALONE, tileCells: 16 }), (e) => isWorkbookError(e, "BadFile") && /no space is left on the disk \(ENOSPC\)/.test(e.message));
    fs.rmSync(full);
    const { tiles, failed } = await upscaleRun(run, grid, out, { ...ALONE, tileCells: 16 });
    assert.deepEqual([tiles, failed], [{ total: 2, done: 2, done_before: 0 }, []]);
  } finally {
    for (const name of ["NODE_OPTIONS", "FULL_DISK"]) if (kept[name] === undefined) delete process.env[name];
    else process.env[name] = kept[name];
  }
  assert.deepEqual(fs.readdirSync(out, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".partial")), []);
  const gpp = await (await openGrid(out)).variable("GPP");
  assert.equal((await gpp.read([[30, 60], [0, 4], [0, 8]])).filter(Number.isNaN).length, 0);
});

test("a folder that may not be written is said in words before any tile", async () => {
  const grid = await towerGrid({ rows: 2, columns: 2, days: 40 });
  const file = path.join(scratch("upscale"), "file");
  fs.writeFileSync(file, "");
  const places = [path.join(file, "O.zarr"), ...(fs.existsSync("/sys/kernel") ? ["/sys/kernel/O.zarr"] : [])];
  for (const out of places) {
    await assert.rejects(upscaleRun(run, grid, out, ALONE), (e) => isWorkbookError(e, "BadFile") && e.message.includes(workFolder(out)) && /a disk that takes the file is required, found: .*give leave to write or name another folder/.test(e.message), out);
  }
});

test("a tile that always fails is tried once a run, named each time with its reason, and the others stay done", async () => {
  const grid = await towerGrid({ rows: 12, columns: 12, chunk: 4, days: 60 });
  // in a corner, where opening does not look
  fs.writeFileSync(path.join(grid, "vpd_hPa", "c", "0", "2", "2"), "no Zstandard");
  const out = path.join(scratch("upscale"), "O.zarr");
  for (const before of [0, 8]) {
    const { tiles, failed } = await upscaleRun(run, grid, out, { ...ALONE, tileCells: 16 });
    assert.deepEqual(tiles, { total: 9, done: 8, done_before: before });
    assert.deepEqual(failed.map((f) => f.tile), ["r8c8"]);
    assert.match(failed[0]!.reason, /vpd_hPa/);
  }
});

test("calendars without true days, and a mask of another size, are refused before anything is written", async () => {
  for (const calendar of ["noleap", "360_day"]) {
    const grid = await towerGrid({ rows: 2, columns: 2, days: 60 });
    edit(path.join(grid, "time", "zarr.json"), (meta) => (meta.attributes.calendar = calendar));
    await refused(grid, "BadDate", new RegExp(`calendar standard .* required, found ${calendar}`));
  }
  const dir = scratch("grid");
  await towerGrid({ rows: 2, columns: 2, days: 60 }, path.join(dir, "drivers.zarr"));
  const mask = await towerGrid({ rows: 3, columns: 2, days: 1, has: () => false }, path.join(dir, "mask.zarr"));
  fs.rmSync(path.join(mask, "time"), { recursive: true });
  await refused(dir, "BadFile", /mask\.zarr: the cells of .*drivers\.zarr \(2 lat .* required, found 3 lat/);
});

test("a grid from south to north gives each cell what it gets from north to south", async () => {
  const [rows, columns, days] = [3, 2, 60];
  const stored = async (ascending: boolean): Promise<Float64Array> => {
    const out = path.join(scratch("upscale"), "O.zarr");
    await upscaleRun(run, await towerGrid({ rows, columns, days, ascending }), out, ALONE);
    return (await (await openGrid(out)).variable("NEE")).read([[0, days], [0, rows], [0, columns]]);
  };
  const [north, south] = [await stored(false), await stored(true)];
  north.forEach((value, i) => {
    const [day, cell] = [Math.floor(i / (rows * columns)), i % (rows * columns)];
    const other = south[day * rows * columns + (rows - 1 - Math.floor(cell / columns)) * columns + (cell % columns)]!;
    assert.ok(Number.isNaN(value) ? Number.isNaN(other) : Math.abs(value - other) < 1e-5, `day ${day}, cell ${cell}: ${value} against ${other}`);
  });
  assert.ok(north.some((v) => !Number.isNaN(v)));
});

test("a grid whose satellite channels were prepared in another mode than the run's is refused; one that does not say is taken, and so is an old run", async () => {
  const grid = await towerGrid({ rows: 2, columns: 2, days: 60 });
  const clean = path.join(scratch("run"), "run");
  fs.cpSync(run, clean, { recursive: true });
  edit(runPaths(clean).header, (header) => (header.preparation = "clean"));
  fs.rmSync(runPaths(clean).hashes);
  const fine = (of: string, at: string): Promise<unknown> => upscaleRun(of, at, path.join(scratch("upscale"), "O.zarr"), ALONE);
  await fine(clean, grid);
  edit(path.join(grid, "zarr.json"), (meta) => (meta.attributes[PREPARATION_ATTRIBUTE] = "paper"));
  await refused(grid, "BadRun", /upscale: .*: satellite channels prepared in clean mode, as those that .* learned from, required, found paper mode; prepare them anew in clean mode/, clean);
  await fine(run, grid);
  const description = path.join(path.dirname(grid), "grid.json");
  fs.writeFileSync(description, JSON.stringify({ files: [path.basename(grid)], preparation: "clean" }));
  await refused(description, "BadFile", /in clean mode, as the grid description says, required, found paper mode/, clean);
});
