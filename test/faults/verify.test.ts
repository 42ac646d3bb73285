import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { before, test } from "node:test";
import { openGrid } from "../../src/data/grid/open";
import { evaluateRuns } from "../../src/evaluate/evaluate-runs";
import { trainEnsemble } from "../../src/evaluate/ensemble";
import { verifyRun } from "../../src/evaluate/verify";
import { writeMaps } from "../../src/figures/map-write";
import { runPaths } from "../../src/run/run-directory";
import { train } from "../../src/run/train";
import { upscaleRun } from "../../src/upscale/upscale";
import { writeTotals } from "../../src/upscale/totals-write";
import { scratch, tamrl } from "../helpers/cli";
import { towerGrid, towerTraining } from "../upscale/tower-grid";
import { smallTable } from "./scenarios";

const TINY = { epochs: 1, hidden: 8, latent: 4, batch: 64, validate_every: 1 };

let dir = "";
let table = "";
before(async () => {
  dir = scratch("verify");
  table = path.join(dir, "T.parquet");
  fs.copyFileSync(await smallTable(), table);
  await train({ table, out: path.join(dir, "lstm"), config: { model: "lstm", ...TINY } });
  await train({ table, out: path.join(dir, "ridge"), config: { model: "ridge", ...TINY } });
  await evaluateRuns(["lstm", "ridge"].map((run) => path.join(dir, run)), { table, keep: true, out: path.join(dir, "compared") });
});

/** The checks of a copy of the runs that came to harm: those that do not hold. */
async function after(harm: (run: string, copy: string) => void): Promise<string[]> {
  const copy = path.join(scratch("harmed"), "copy");
  fs.cpSync(dir, copy, { recursive: true });
  harm(path.join(copy, "lstm"), copy);
  const { holds, checks } = await verifyRun(path.join(copy, "lstm"), { table: path.join(copy, "T.parquet") });
  const bad = checks.filter((check) => check.state !== "holds");
  assert.equal(holds, bad.length === 0);
  return bad.map(({ what, state }) => `${state} ${what}`);
}

const replace = (file: string, text: string | RegExp, by: string): void => {
  const before = fs.readFileSync(file, "utf8");
  const changed = before.replace(text, by);
  assert.notEqual(changed, before, `${file} holds ${String(text)}`);
  fs.writeFileSync(file, changed);
};

test("a run as it was made verifies: its hashes, its table, and its predictions and metrics computed again to the bit, beside the run it was scored with", async () => {
  const { holds, checks } = await verifyRun(path.join(dir, "lstm"));
  assert.ok(holds, JSON.stringify(checks));
  const named = checks.map((check) => check.what);
  for (const what of ["configuration", "table T.parquet", "weights/model.safetensors", "standardiser.json", "split.json", "provenance.json", "metrics.json", "predictions.parquet", "predictions", "metrics"]) assert.ok(named.includes(what), what);
  assert.ok(checks.filter((check) => /^(predictions|metrics)$/.test(check.what)).every((check) => /equal to the bit/.test(check.detail)));
  assert.deepEqual(await after(() => undefined), []);
});

test("whatever is changed afterwards is named, and nothing is computed from it", async () => {
  const weights = (run: string): string => path.join(runPaths(run).weights, "model.safetensors");
  const cases: readonly [harm: (run: string, copy: string) => void, bad: readonly string[]][] = [
    [(run) => { const bytes = fs.readFileSync(weights(run)); bytes[bytes.length - 2]! ^= 1; fs.writeFileSync(weights(run), bytes); }, ["broken weights/model.safetensors", "unknown metrics"]],
    [(run) => replace(runPaths(run).header, '"seed": 1', '"seed": 2'), ["broken configuration", "unknown metrics"]],
    [(run) => replace(runPaths(run).standardiser, /\d\.\d/, "9.9"), ["broken standardiser.json", "unknown metrics"]],
    [(run) => replace(runPaths(run).metrics, /"rmse": \d/, '"rmse": 9'), ["broken metrics.json", "unknown metrics"]],
    [(run) => fs.rmSync(path.join(run, "applicability.json")), ["broken applicability.json", "unknown metrics"]],
    [(_, copy) => fs.copyFileSync(path.join(copy, "lstm", "predictions.parquet"), path.join(copy, "T.parquet")), ["broken table T.parquet", "unknown metrics"]],
  ];
  for (const [harm, bad] of cases) assert.deepEqual(await after(harm), bad);
});

test("what can no longer be told does not hold either: a table that is gone, another run of the comparison, a run of an older workbook", async () => {
  const copy = path.join(scratch("gone"), "copy");
  fs.cpSync(dir, copy, { recursive: true });
  fs.rmSync(path.join(copy, "ridge"), { recursive: true });
  const unknown = async (table?: string): Promise<string[]> => (await verifyRun(path.join(copy, "lstm"), table === undefined ? {} : { table })).checks.filter((c) => c.state !== "holds").map((c) => `${c.state} ${c.what}: ${c.detail}`);
  assert.match((await unknown()).join("\n"), /^unknown metrics: .*ridge was scored on the same days, and its predictions are gone/);
  const gone = await unknown(path.join(copy, "nothing.parquet"));
  assert.match(gone.join("\n"), /unknown table T\.parquet: .*nothing\.parquet is not there.*\nunknown metrics: the table evaluated/);
  fs.rmSync(runPaths(path.join(copy, "lstm")).hashes);
  assert.match((await unknown()).join("\n"), /unknown hashes: the run recorded none/);
});

test("what the record does not name is told: a line taken out of it, a file put beside", async () => {
  const without = (run: string, names: RegExp): void => {
    const { config, files } = JSON.parse(fs.readFileSync(runPaths(run).hashes, "utf8")) as { config: string; files: Record<string, string> };
    fs.writeFileSync(runPaths(run).hashes, JSON.stringify({ config, files: Object.fromEntries(Object.entries(files).filter(([name]) => !names.test(name))) }));
  };
  const all = ["applicability.json", "dataset.json", "evaluation.json", "metrics.json", "predictions.parquet", "provenance.json", "split.json", "standardiser.json", "weights/model.safetensors"];
  assert.deepEqual(await after((run) => without(run, /./)), all.map((name) => `unknown ${name}`));
  assert.deepEqual(await after((run) => without(run, /^split/)), ["unknown split.json"]);
  assert.deepEqual(await after((run) => fs.writeFileSync(path.join(runPaths(run).weights, "more.safetensors"), "x")), ["unknown weights/more.safetensors"]);
  assert.deepEqual(await after((run) => fs.writeFileSync(path.join(run, "calibration.json"), "{}")), ["unknown calibration.json"]);
  assert.deepEqual(await after((run) => fs.writeFileSync(path.join(run, "notes.txt"), "mine")), []);
  const copy = path.join(scratch("bare"), "lstm");
  fs.cpSync(path.join(dir, "lstm"), copy, { recursive: true });
  for (const name of ["metrics.json", "predictions.parquet", "evaluation.json", "weights"]) fs.rmSync(path.join(copy, name), { recursive: true });
  without(copy, /^weights|^metrics|^predictions|^evaluation/);
  assert.deepEqual((await verifyRun(copy, { table })).checks.filter((c) => c.state !== "holds").map((c) => `${c.state} ${c.what}`), ["unknown weights"]);
});

test("metrics whose record was mended to fit are computed again and found wanting", async () => {
  const forged = await after((run) => {
    replace(runPaths(run).metrics, /"rmse": \d/, '"rmse": 9');
    const { createHash } = require("node:crypto") as typeof import("node:crypto");
    const hash = createHash("sha256").update(fs.readFileSync(runPaths(run).metrics)).digest("hex");
    replace(runPaths(run).hashes, /("metrics\.json": )"[0-9a-f]+"/, `$1"${hash}"`);
  });
  assert.deepEqual(forged, ["broken metrics"]);
});

test("an ensemble verifies with its members and its calibration", async () => {
  const out = path.join(dir, "two");
  await trainEnsemble({ table, out, config: { model: "ridge", ensemble: 2, ...TINY }, workers: 0 });
  await evaluateRuns([out], { table, keep: true });
  const { holds, checks } = await verifyRun(out);
  assert.ok(holds, JSON.stringify(checks.filter((c) => c.state !== "holds")));
  for (const what of ["calibration.json", "members/seed-2/hashes.json", "member 2: weights/ridge.json"]) assert.ok(checks.some((c) => c.what === what), what);
  const ridge = path.join(out, "members", "seed-2", "weights", "ridge.json");
  fs.appendFileSync(ridge, " ");
  const record = runPaths(out).hashes;
  const whole = fs.readFileSync(record, "utf8");
  replace(record, /\s*"members\/seed-2\/hashes.json": "[0-9a-f]+",/, "");
  assert.ok((await verifyRun(out)).checks.some((c) => c.state === "unknown" && c.what === "members/seed-2/hashes.json"));
  fs.writeFileSync(record, whole);
  assert.deepEqual((await verifyRun(out)).checks.filter((c) => c.state === "broken").map((c) => c.what), ["member 2: weights/ridge.json"]);
});

test("the command line says that nothing scored is kept, until an evaluation of one run or of several has kept it", async () => {
  const runs = ["one", "two"].map((name) => path.join(scratch("unscored"), name));
  for (const out of runs) await train({ table, out, config: { model: "climatology" } });
  assert.match(tamrl("verify", runs[0]!).stdout, /^none {4}predictions, metrics: the run keeps none to be computed again; evaluate RUN --table T\.parquet --out DIR keeps them in it$/m);
  assert.equal(tamrl("evaluate", ...runs, "--table", table, "--out", path.join(scratch("unscored"), "compared")).code, 0);
  const { stdout } = tamrl("verify", runs[0]!);
  assert.match(stdout, /^holds {3}metrics: computed again, equal to the bit$/m);
  assert.doesNotMatch(stdout, /^none/m);
});

test("the command line exits 0 where all holds and 1 where it does not, and says which", () => {
  const fine = tamrl("verify", path.join(dir, "lstm"));
  assert.equal(fine.code, 0, fine.stdout + fine.stderr);
  assert.match(fine.stdout, /^holds {3}configuration: SHA-256 [0-9a-f]{12}….*all \d+ checks hold\n$/s);
  const moved = tamrl("verify", path.join(dir, "lstm"), "--table", path.join(dir, "elsewhere.parquet"), "--json");
  assert.equal(moved.code, 1);
  assert.equal((JSON.parse(moved.stdout) as { holds: boolean }).holds, false);
});

/** Every key of the provenance that an output must name, with what it must look like. */
const NAMED: Readonly<Record<string, RegExp>> = { sha256: /^[0-9a-f]{64}$/, commit: /^[0-9a-f]{40}(-dirty)?$|^unknown$|^null$/, device: /\w/, kernel: /\w/, seed: /^\d+$/, versions: /\w/ };

test("every output names its data's hash, configuration, commit, versions, device, kernel and seed", async () => {
  const options = towerTraining({ epochs: 1 });
  await train(options);
  const store = path.join(dir, "O.zarr");
  await upscaleRun(options.out, await towerGrid({ rows: 2, columns: 2 }), store, { workers: 1, threads: 1 });
  const run = JSON.parse(fs.readFileSync(runPaths(options.out).provenance, "utf8")) as { table: { sha256: string } };
  const compared = JSON.parse(fs.readFileSync(path.join(dir, "compared", "provenance.json"), "utf8")) as { runs: Record<string, unknown>[] };
  assert.deepEqual(compared.runs.map((r) => r["run"]), ["lstm", "ridge"]);
  assert.match(String(compared.runs[0]!["config_sha256"]), NAMED["sha256"]!);
  assert.match((compared.runs[0]!["weights"] as Record<string, string>)["weights/model.safetensors"]!, NAMED["sha256"]!);
  const grid = await openGrid(store);
  const { attributes } = grid;
  grid.close();
  assert.equal(attributes["run_table_sha256"], run.table.sha256);
  for (const [file, names] of [["totals.json", ["provenance"]], ["map-gpp.meta.json", ["provenance"]]] as const) {
    if (file === "totals.json") await writeTotals(store, dir);
    else await writeMaps(store, dir);
    const meta = JSON.parse(fs.readFileSync(path.join(dir, file), "utf8")) as Record<string, Record<string, unknown>>;
    assert.equal(meta[names[0]]!["run_table_sha256"], run.table.sha256, file);
  }
  const flat = (value: object): Record<string, string> => Object.fromEntries(Object.entries(value).flatMap(([key, v]): [string, string][] => (key === "table" ? [["sha256", (v as { sha256: string }).sha256]] : [[key, typeof v === "object" && v !== null ? JSON.stringify(v) : String(v)]])));
  const outputs: readonly [string, Record<string, string>][] = [
    ["run", flat(run)], ["compared run", flat(compared.runs[0]!)],
    ["store", { sha256: String(attributes["run_table_sha256"]), commit: String(attributes["workbook_commit"]), device: String(attributes["device"]), kernel: String(attributes["kernel"]), seed: String(attributes["run_seed"]), versions: String(attributes["versions"]) }],
  ];
  for (const [output, values] of outputs) for (const [key, look] of Object.entries(NAMED)) assert.match(values[key] ?? "", look, `${output}: ${key}`);
  assert.match(String(attributes["run_config"]), /"model":"tamrl"/);
  assert.ok(["run_config_sha256", "run_identity", "grid_identity", "upscale_identity"].every((name) => /^[0-9a-f]{64}$/.test(String(attributes[name]))));
});
