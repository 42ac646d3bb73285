import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { parseGiven } from "../../src/workbook/arguments";
import { engineOf, ENGINE_OPTIONS, membersOf } from "../../src/workbook/engine-options";
import { scratch, tamrl } from "../helpers/cli";
import { writeTable } from "../../src/data/store";
import { aSite, towerTable } from "../helpers/tables";

const given = (...argv: string[]): ReturnType<typeof parseGiven> => parseGiven("experiment", argv, ENGINE_OPTIONS);

test("an engine is chosen by name, with what belongs to it, and contradictions are named", () => {
  assert.deepEqual(engineOf("experiment", given()), {});
  assert.deepEqual(engineOf("experiment", given("--engine", "dask", "--cluster", "slurm", "--workers", "40")), { engine: "dask", cluster: "slurm", workers: 40 });
  const refused = (pattern: RegExp, ...argv: string[]): void => void assert.throws(() => engineOf("experiment", given(...argv)), (e) => isWorkbookError(e, "BadArgument") && pattern.test(e.message), argv.join(" "));
  refused(/--engine: one of local, dask, file is required, got "spark"/, "--engine", "spark");
  refused(/--cluster: one of local, slurm, pbs is required, got "kubernetes"/, "--engine", "dask", "--cluster", "kubernetes");
  refused(/engine dask is required, got a scheduler with engine local/, "--scheduler", "tcp://h:8786");
  refused(/both \(tcp:\/\/h:8786, slurm\)/, "--engine", "dask", "--scheduler", "tcp://h:8786", "--cluster", "slurm");
  refused(/address like tcp:\/\/host:8786 is required, got "h:8786"/, "--engine", "dask", "--scheduler", "h:8786");
});

test("members of an ensemble take the engine; a single run and one process do not", () => {
  assert.deepEqual(membersOf("train", given("--workers", "0"), true), { workers: 0 });
  assert.deepEqual(membersOf("train", given("--engine", "dask"), true), { engine: "dask" });
  assert.equal(membersOf("train", given("--workers", "2"), false), null);
  assert.throws(() => membersOf("train", given("--engine", "dask"), false), (e) => isWorkbookError(e, "BadArgument") && /a single run is one task/.test(e.message));
  assert.throws(() => membersOf("train", given("--engine", "dask", "--workers", "0"), true), (e) => isWorkbookError(e, "BadArgument") && /at least 1 is required with --engine/.test(e.message));
});

test("an experiment is laid out, done in parts as a Slurm array would, and scored by the same command", async () => {
  const dir = scratch("parts");
  const table = path.join(dir, "T.parquet");
  await writeTable(towerTable(Array.from({ length: 6 }, (_, i) => aSite(`S${i}`, { lat: 40 + 2 * i })), 60), table);
  const command = ["experiment", "--table", table, "--out", path.join(dir, "out"), "--protocol", "folds:2", "--models", "climatology", "--json"];
  const laid = tamrl(...command, "--engine", "file");
  assert.equal(laid.code, 0, laid.stderr);
  const { tasks } = JSON.parse(laid.stdout) as { tasks: string };
  assert.equal(fs.readFileSync(tasks, "utf8").trim().split("\n").length, 2);
  const [first, again] = [tamrl("tasks", tasks, "--part", "1/2", "--json"), tamrl("tasks", tasks)];
  assert.deepEqual([(JSON.parse(first.stdout) as { done: string[] }).done, first.code], [["climatology/fold-2/seed-1"], 0], first.stderr);
  assert.match(again.stdout, /1 tasks done, 1 done before, 0 failed/);
  const scored = tamrl(...command);
  const { failed, rows } = JSON.parse(scored.stdout) as { failed: unknown[]; rows: { n_sites: number }[] };
  assert.deepEqual([scored.code, failed, rows[0]!.n_sites], [0, [], 6], scored.stderr);
  const refused = tamrl("tasks", tasks, "--part", "3/2");
  assert.deepEqual([refused.code, refused.stderr.includes("I/N with I from 0 to N is required")], [2, true]);
});
