import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { scratch, spawnTamrl, tamrl } from "../helpers/cli";
import { towerFile } from "../data/towers/tower-file";

test("a verb without a place to stop ends at once when interrupted, and the same command makes what it was to make: ingest went on to its end through Ctrl-C", { skip: process.platform === "win32" && "signals of POSIX" }, async () => {
  const [towers, out] = [scratch("towers"), path.join(scratch("cut"), "T.parquet")];
  const text = towerFile({ days: 1500 });
  for (let i = 10; i < 60; i++) fs.writeFileSync(path.join(towers, `FLX_AA-T${i}_FLUXNET2015_SUBSET_DD_2012-2016_1-4.csv`), text);
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    const child = spawnTamrl("ingest", towers, "--out", out);
    child.stderr!.once("data", () => child.kill(signal));
    const ended = await new Promise((resolve) => child.on("close", (...end) => resolve(end)));
    assert.deepEqual(ended, [null, signal]);
    assert.ok(!fs.existsSync(out));
  }
  for (const name of fs.readdirSync(towers).slice(2)) fs.rmSync(path.join(towers, name));
  const { code, stderr } = tamrl("ingest", towers, "--out", out);
  assert.equal(code, 0, stderr);
  assert.deepEqual(fs.readdirSync(path.dirname(out)).sort(), ["T.parquet", "citations.md"]);
});
