import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { before, test } from "node:test";
import { isWorkbookError } from "../../src/core/errors";
import { random } from "../../src/core/random";
import { evaluateRuns } from "../../src/evaluate/evaluate-runs";
import { experiment, modelSpec } from "../../src/evaluate/experiment";
import { trainEnsemble } from "../../src/evaluate/ensemble";
import { predictRun } from "../../src/evaluate/predict";
import { verifyRun } from "../../src/evaluate/verify";
import { checkRecorded } from "../../src/run/hashes";
import { resume, train } from "../../src/run/train";
import { runPaths } from "../../src/run/run-directory";
import { readTrainedRun, type TrainedRun } from "../../src/upscale/trained-run";
import { scratch } from "../helpers/cli";
import { aSite, towerTable } from "../helpers/tables";
import { smallTable } from "./scenarios";

const TABLE = towerTable(Array.from({ length: 8 }, (_, i) => aSite(`S${i}`, { lat: 40 + i })), 60);
const SPLIT = { split: { train: ["S0", "S1", "S2", "S3", "S4", "S5"], test: ["S6", "S7"] } };

let [run, ensemble] = ["", ""];
before(async () => {
  const dir = scratch("whole");
  [run, ensemble] = [path.join(dir, "run"), path.join(dir, "two")];
  await train({ table: TABLE, out: run, config: { ...SPLIT, model: "ridge", window: 15 } });
  await trainEnsemble({ table: TABLE, out: ensemble, config: { ...SPLIT, model: "ridge", window: 15, ensemble: 2 }, workers: 0 });
});

/** Everything that a run predicts, as text. */
async function predicted(dir: string): Promise<string> {
  const { predictions } = await predictRun(dir, TABLE);
  return JSON.stringify(predictions, (_, value: unknown) => (ArrayBuffer.isView(value) ? Array.from(value as Float32Array) : value));
}

/** All of a run that upscaling takes from it. */
const taken = (of: TrainedRun): string => JSON.stringify(of, (key, value: unknown) => (key === "dir" ? undefined : value));

/** What harm may come to a file: some of its bits, its second half, all of it, itself. */
const HARMS = ["bit", "bit", "bit", "half", "empty", "gone"] as const;

test("a bit flipped in, a half of, or the loss of any file of a run or ensemble is named, or changes no number", async () => {
  const r = random(1, "damage");
  let told = 0;
  for (const whole of [run, ensemble]) {
    const calm = [await predicted(whole), taken(readTrainedRun(whole))];
    const files = fs.readdirSync(whole, { recursive: true, encoding: "utf8" }).filter((name) => fs.statSync(path.join(whole, name)).isFile()).sort();
    const copy = path.join(scratch("damaged"), "run");
    fs.cpSync(whole, copy, { recursive: true });
    for (const name of files) {
      const bytes = fs.readFileSync(path.join(whole, name));
      for (const harm of HARMS) {
        const [at, bit] = [r.int(bytes.length), r.int(8)];
        if (harm === "gone") fs.rmSync(path.join(copy, name));
        else fs.writeFileSync(path.join(copy, name), harm === "bit" ? bytes.map((byte, i) => (i === at ? byte ^ (1 << bit) : byte)) : bytes.subarray(0, harm === "half" ? bytes.length >> 1 : 0));
        const where = `${path.basename(whole)}/${name}: ${harm} ${harm === "bit" ? `${at}.${bit}` : ""}`;
        for (const [k, use] of [() => predicted(copy), async () => taken(readTrainedRun(copy))].entries()) {
          const found = await use().catch((error: unknown) => error);
          if (typeof found === "string") assert.equal(found, calm[k], where);
          else assert.ok(isWorkbookError(found) && found.message.includes(copy), `${where}: ${String(found)}`);
          if (typeof found !== "string") told++;
        }
        fs.writeFileSync(path.join(copy, name), bytes);
      }
    }
  }
  assert.ok(told > 100, String(told));
});

test("nothing is scored by a run that was changed, with the file named and what to do; what scoring wrote into it may be changed, and a member scored by itself spoils no ensemble", async () => {
  const copy = path.join(scratch("changed"), "two");
  fs.cpSync(ensemble, copy, { recursive: true });
  const member = path.join(copy, "members", "seed-2");
  await evaluateRuns([member], { table: TABLE, keep: true });
  await evaluateRuns([copy], { table: TABLE, keep: true });
  assert.deepEqual((await verifyRun(copy)).checks.filter((check) => check.state === "broken"), []);
  for (const file of [runPaths(copy).metrics, runPaths(copy).predictions, runPaths(member).evaluation]) fs.writeFileSync(file, "damaged");
  await evaluateRuns([copy], { table: TABLE, keep: true });
  fs.writeFileSync(runPaths(member).standardiser, fs.readFileSync(runPaths(member).standardiser, "utf8").replace(/\d\.\d/, "9.9"));
  const says = (e: unknown): boolean => isWorkbookError(e, "BadFile") && /members.seed-2.standardiser\.json: the file as the run recorded it is required, its checksum in hashes\.json says that it was changed or damaged; copy the run again, or remove it and make it again$/.test(e.message);
  await assert.rejects(evaluateRuns([copy], { table: TABLE }), says);
  await assert.rejects(predictRun(copy, TABLE), says);
  assert.throws(() => readTrainedRun(copy), says);
});

test("an interrupted run is not resumed with another configuration, and keys that a newer workbook adds are no change", async () => {
  const dir = path.join(scratch("begun"), "run");
  const controller = new AbortController();
  const config = { ...SPLIT, model: "lstm", window: 15, hidden: 8, batch: 32, epochs: 3, validate_every: 1 };
  await assert.rejects(train({ table: TABLE, out: dir, config, signal: controller.signal, progress: () => controller.abort() }), (e) => isWorkbookError(e, "Interrupted"));
  const { header } = runPaths(dir);
  const text = fs.readFileSync(header, "utf8");
  fs.writeFileSync(header, text.replace('"epochs": 3', '"epochs": 2'));
  await assert.rejects(resume({ dir, table: TABLE }), (e) => isWorkbookError(e, "BadFile") && e.message.includes(header) && /changed or damaged/.test(e.message));
  fs.writeFileSync(header, text);
  await resume({ dir, table: TABLE });
  // as an older workbook, which did not know `lr2`, would have left it
  const older = JSON.parse(fs.readFileSync(header, "utf8")) as { config: Record<string, unknown> };
  delete older.config["lr2"];
  const { config: _, ...files } = JSON.parse(fs.readFileSync(runPaths(dir).hashes, "utf8")) as { config: string };
  const { createHash } = require("node:crypto") as typeof import("node:crypto");
  const { config: own, channels, preparation } = older as unknown as { config: object; channels: object; preparation?: object };
  fs.writeFileSync(header, JSON.stringify(older));
  fs.writeFileSync(runPaths(dir).hashes, JSON.stringify({ config: createHash("sha256").update(JSON.stringify([own, channels, preparation ?? null])).digest("hex"), ...files }));
  checkRecorded(dir);
  assert.deepEqual((await verifyRun(dir)).checks.filter((check) => check.state === "broken"), []);
});

test("predictions of an experiment that were changed since are made again, and its tables are as before", async () => {
  const [table, out] = [await smallTable(), path.join(scratch("folds"), "out")];
  const spec = modelSpec(["climatology"], { protocol: "folds:2", seeds: [1], config: {} });
  const again = async (): Promise<string> => {
    await experiment(spec, { table, out, workers: 1 });
    return fs.readdirSync(out).filter((name) => /\.(csv|md)$/.test(name)).map((name) => fs.readFileSync(path.join(out, name), "utf8")).join("");
  };
  const calm = await again();
  const folders = fs.readdirSync(path.join(out, "runs"), { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith("predictions.parquet"));
  assert.equal(folders.length, 2);
  const [one, other] = folders.map((name) => path.join(out, "runs", name)) as [string, string];
  const before = fs.readFileSync(one);
  fs.copyFileSync(other, one);
  fs.rmSync(other);
  assert.equal(await again(), calm);
  assert.ok(fs.readFileSync(one).equals(before));
  const split = path.join(path.dirname(one), "split.json");
  fs.writeFileSync(split, fs.readFileSync(split, "utf8").replace(/"train": \[/, '"train": [ '));
  await assert.rejects(again(), (e) => isWorkbookError(e, "BadFile") && e.message.includes("split.json"));
});
