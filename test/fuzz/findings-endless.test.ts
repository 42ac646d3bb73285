import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { sha256 } from "../../src/core/files";
import { readJson } from "../../src/core/json";
import { readVariables } from "../../src/data/columns";
import { sqlText, withDuckDb } from "../../src/data/files/duckdb";
import { listSources } from "../../src/data/grid/grid-paths";
import { openGrid } from "../../src/data/grid/open";
import { ingest } from "../../src/data/ingest/ingest";
import { readOzflux } from "../../src/data/products/ozflux";
import { readSiteList } from "../../src/data/sites/site-list";
import { readTable } from "../../src/data/store";
import { readTasks } from "../../src/engine/task";
import { readPublishedSites } from "../../src/evaluate/published-sites";
import { verifyRun } from "../../src/evaluate/verify";
import { readCheckpoint, readWeights } from "../../src/run/checkpoint";
import { readLog } from "../../src/run/read-log";
import { train } from "../../src/run/train";
import { scratch } from "../helpers/cli";
import { writeZarrByHand } from "../helpers/grids";
import { aSite, towerTable } from "../helpers/tables";

const unix = { skip: process.platform === "win32" ? "needs mkfifo" : false };

/** A pipe that nobody writes into: opening it waits for ever. */
function pipe(file: string): string {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.rmSync(file, { force: true });
  assert.equal(spawnSync("mkfifo", [file]).status, 0);
  return file;
}

const endless = (error: unknown): boolean => {
  assert.ok(isWorkbookError(error), String(error));
  assert.match((error as Error).message, /a pipe, socket or device/);
  return true;
};

test("a pipe in the place of any file that is read by name is refused: opening it would wait for ever", unix, async () => {
  const dir = scratch("endless");
  const at = (name: string): string => pipe(path.join(dir, name));
  const readers: readonly (() => unknown)[] = [
    () => readJson(at("a.json")), () => sha256(at("a.bin")), () => readTasks(at("tasks.jsonl")), () => readSiteList(at("sites.csv"), readVariables()), () => readOzflux(at("ozflux.csv")),
    () => readPublishedSites(at("published.csv")), () => readWeights(at("w.safetensors")), () => readCheckpoint(at("c.safetensors")), () => readLog(path.dirname(at("run/log.jsonl"))),
    () => openGrid(at("g.nc")), () => openGrid(at("g.tif")), () => readTable(at("T.parquet")), () => ingest([at("carbonsense_v2.sql")]),
  ];
  for (const read of readers) await assert.rejects(async () => read(), endless, String(read));
});

test("folders two thousand deep in each other are refused: walking them took all of the stack", async () => {
  const dir = scratch("endless");
  const deep = path.join(dir, ...new Array<string>(1900).fill("a"));
  fs.mkdirSync(deep, { recursive: true });
  assert.throws(() => listSources([dir]), (error) => isWorkbookError(error, "BadFile") && /at most 200 folders in each other required/.test(error.message));
  await assert.rejects(ingest([dir]), (error) => isWorkbookError(error, "BadFile") && /folders more than 200 deep in each other/.test(error.message));
  // Node's own removal goes as deep
  fs.renameSync(path.join(dir, ...new Array<string>(950).fill("a")), path.join(dir, "b"));
});

test("a text longer than any that can be held is refused before it is read, and a text of megabytes in a table's column before it is fetched", async () => {
  const file = path.join(scratch("endless"), "long.json");
  fs.writeFileSync(file, "{");
  fs.truncateSync(file, 1_900_000_000);
  for (const read of [() => readJson(file), () => readTasks(file)]) assert.throws(read, (error) => isWorkbookError(error, "BadFile") && /a text of at most \d+ bytes required, found 1900000000/.test(error.message));
  const table = path.join(scratch("endless"), "T.parquet");
  await withDuckDb(async (db) => void (await db.run(`COPY (SELECT repeat('X', 20000) site, DATE '2012-01-01' date, 1::FLOAT ta_degC) TO ${sqlText(table)} (FORMAT parquet)`)));
  for (const read of [() => readTable(table), () => ingest([table])]) await assert.rejects(async () => read(), (error) => isWorkbookError(error, "BadFile") && /texts of at most 10000 bytes required in site, found one of 20000/.test(error.message));
});

test("a pipe in the place of a Zarr store's metadata or chunks is refused", unix, async () => {
  for (const [format, name] of [["v3", "t2m/zarr.json"], ["v2", "t2m/.zarray"], ["v3", "t2m/c/0/0/0"], ["sharded", "t2m/c/0/0/0"]] as const) {
    const store = writeZarrByHand(path.join(scratch("endless"), "g.zarr"), { lat: [50, 40], lon: [0, 90], days: [18_000, 18_001], variables: [{ name: "t2m", attributes: { units: "K" }, value: () => 285 }] }, format);
    assert.ok(fs.existsSync(path.join(store, name)), name);
    pipe(path.join(store, name));
    await assert.rejects(async () => {
      const grid = await openGrid(store);
      await (await grid.variable("t2m")).read([[0, 2], [0, 2], [0, 2]]);
    }, endless, `${format} ${name}`);
  }
});

test("a run whose record or table names a device, or whose files are links to one, is refused: hashing it would never end", { skip: fs.existsSync("/dev/zero") ? false : "needs /dev/zero" }, async () => {
  const dir = path.join(scratch("endless"), "run");
  const sites = Array.from({ length: 6 }, (_, i) => aSite(`S${i}`, { lat: 40 + i }));
  await train({ table: towerTable(sites, 60), out: dir, config: { model: "climatology", split: { train: ["S0", "S1", "S2", "S3"], test: ["S4", "S5"] } } });
  const [record, split, table] = ["hashes.json", "split.json", "table.json"].map((name) => path.join(dir, name)) as [string, string, string];
  const good = fs.readFileSync(record, "utf8");
  fs.writeFileSync(record, JSON.stringify({ ...(JSON.parse(good) as object), files: { [path.relative(dir, "/dev/zero")]: "0".repeat(64) } }));
  await assert.rejects(verifyRun(dir), endless);
  fs.writeFileSync(record, good);
  fs.writeFileSync(table, JSON.stringify({ path: "/dev/zero" }));
  await assert.rejects(verifyRun(dir), endless);
  fs.rmSync(table);
  fs.rmSync(split);
  fs.symlinkSync("/dev/zero", split);
  await assert.rejects(verifyRun(dir), endless);
});
