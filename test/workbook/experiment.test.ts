import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { before, test } from "node:test";
import { writeTable } from "../../src/data/store";
import { interrupted, scratch, spawnTamrl, tamrl } from "../helpers/cli";
import { aSite, towerTable } from "../helpers/tables";

const dir = scratch("experiment-verb");
const TABLE = path.join(dir, "T.parquet");
const out = (name: string): string => path.join(dir, name);
before(() => writeTable(towerTable(Array.from({ length: 6 }, (_, i) => aSite(`S${i}`, { lat: 40 + 2 * i })), 200), TABLE));

test("--help tells the protocols, the ablations and the search", () => {
  const { code, stdout } = tamrl("experiment", "--help");
  assert.equal(code, 0);
  for (const word of ["folds:5", "leave-climate", "temporal", "--ablations", "--search", "--workers", "--hours"]) assert.ok(stdout.includes(word), word);
});

test("what cannot be is refused with exit 2, one message, and nothing written", () => {
  const refused = (pattern: RegExp, ...argv: string[]): void => {
    const { code, stderr, stdout } = tamrl("experiment", "--table", TABLE, "--out", out("bad"), ...argv);
    assert.deepEqual([code, stdout], [2, ""], argv.join(" "));
    assert.match(stderr, pattern);
    assert.ok(!fs.existsSync(out("bad")), argv.join(" "));
  };
  refused(/nearest koppen/, "--protocol", "kopen", "--models", "climatology");
  refused(/one of .* required, got "lstn".*nearest lstm/, "--models", "lstn");
  refused(/--seeds: whole numbers/, "--seeds", "1,x");
  refused(/folds: numbers from 1 to 5/, "--folds", "6", "--models", "climatology");
  refused(/--factors needs --ablations/, "--factors", "balance");
  refused(/--grid needs --search/, "--grid", "hidden=2");
  refused(/nearest balance/, "--ablations", "--factors", "balnce");
});

test("Ctrl-C ends an experiment with its workers; the same command goes on and finishes", async () => {
  const command = ["experiment", "--table", TABLE, "--out", out("cut"), "--protocol", "folds:2", "--models", "lstm", "--set", "epochs=60", "patience=60", "hidden=4", "--json"];
  const log = path.join(out("cut"), "log.jsonl");
  const epochs = path.join(out("cut"), "runs", "lstm", "fold-1", "seed-1", "log.jsonl");
  const { code, stderr, stdout } = await interrupted(spawnTamrl(...command), () => fs.existsSync(epochs) && fs.readFileSync(epochs, "utf8").includes('"epoch"'));
  assert.deepEqual([code, stdout], [1, ""]);
  assert.match(stderr, /of 2 tasks done; the same command goes on from here/);
  const pids = fs.readFileSync(log, "utf8").trim().split("\n").map((l) => JSON.parse(l) as { pid?: number }).flatMap((e) => e.pid ?? []);
  assert.ok(pids.length > 0);
  for (const pid of pids) assert.throws(() => process.kill(pid, 0), /ESRCH/);
  const again = tamrl(...command);
  assert.equal(again.code, 0, again.stderr);
  const result = JSON.parse(again.stdout) as { failed: unknown[]; runs: number; rows: { n_sites: number }[] };
  assert.deepEqual([result.failed, result.runs, result.rows[0]!.n_sites], [[], 2, 6]);
  assert.match(fs.readFileSync(epochs, "utf8"), /"event":"resume"/);
});
