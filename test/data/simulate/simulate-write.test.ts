import { test } from "node:test";
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { sha256 } from "../../../src/core/files";
import { readJson } from "../../../src/core/json";
import { numbers, texts } from "../../../src/data/daily-table";
import { simulate } from "../../../src/data/simulate/simulate";
import { simulationFiles, writeSimulation } from "../../../src/data/simulate/write";
import { readTable } from "../../../src/data/store";

test("a written network is read back whole, with its truth beside it, and the same bytes each time", async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "simulate-"));
  try {
    const network = simulate({ sites: 3, years: 1 });
    const files = await writeSimulation(network, path.join(folder, "T.parquet"));
    assert.deepEqual(files, simulationFiles(path.join(folder, "T.parquet")));
    assert.deepEqual(fs.readdirSync(folder).sort(), ["T.parquet", "T.truth.json", "T.truth.parquet"]);
    const back = await readTable(files.table);
    assert.deepEqual(numbers(back, "gpp"), numbers(network.table, "gpp"));
    assert.deepEqual(numbers(back, "sur_refl_b02"), numbers(network.table, "sur_refl_b02"));
    assert.equal(texts(back, "source")[0], "simulated");
    assert.deepEqual(numbers(await readTable(files.truth), "gpp"), network.truth.noiseFree.gpp);
    const about = readJson<{ simulated: boolean; sites: unknown[] }>(files.about);
    assert.equal(about.simulated, true);
    assert.equal(about.sites.length, 3);
    const first = sha256(files.table);
    await writeSimulation(simulate({ sites: 3, years: 1 }), files.table);
    assert.equal(sha256(files.table), first);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
});
