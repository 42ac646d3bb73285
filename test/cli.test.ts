import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import * as zlib from "node:zlib";
import { after, before, test } from "node:test";
import type { Metrics } from "../src/evaluate/evaluate";
import { interrupted, scratch, spawnTamrl, tamrl, type CliResult } from "./helpers/cli";

const dir = scratch("cli");
const file = (name: string): string => path.join(dir, name);
const TINY = ["epochs=1", "hidden=8", "latent=4", "batch=64"];

/** Bad input: exit 2, exactly one message on stderr that says all of `text`, nothing on stdout, nothing written at `out`. */
function refused(result: CliResult, out: string | null, ...text: RegExp[]): void {
  assert.equal(result.code, 2, result.stderr);
  assert.equal(result.stdout, "");
  assert.equal(result.stderr.trim().split("\n").length, 1, result.stderr);
  for (const t of text) assert.match(result.stderr, t);
  if (out !== null) assert.ok(!fs.existsSync(out), `${out} must not be written`);
  assert.deepEqual(fs.readdirSync(dir).filter((f) => f.includes(".tmp-")), []);
}

const HEADER = "TIMESTAMP,TA_F,SW_IN_F,VPD_F,PA_F,P_F,WS_F,NEE_VUT_REF,NEE_VUT_REF_QC,RECO_NT_VUT_REF,GPP_NT_VUT_REF";
const row = (date: string): string => `${date},5.1,100,2.2,98.8,0.5,3.1,-1,1,2,3`;
const tower = (name: string, ...lines: string[]): string => {
  const to = file(name);
  fs.writeFileSync(to, `${lines.join("\n")}\n`);
  return to;
};

before(() => {
  assert.equal(tamrl("simulate", "--out", file("v.parquet"), "--sites", "30", "--years", "1").code, 0);
  for (const model of ["climatology", "tamrl"]) {
    const result = tamrl("train", "--table", file("v.parquet"), "--out", file(model), "--set", `model=${model}`, ...TINY);
    assert.equal(result.code, 0, result.stderr);
  }
});
after(() => fs.rmSync(dir, { recursive: true, force: true }));

test("help lists the verbs, and each verb its options", () => {
  const all = tamrl("--help");
  assert.equal(all.code, 0);
  for (const verb of ["doctor", "simulate", "ingest", "train", "resume", "predict", "evaluate", "reproduce", "notebooks"]) {
    assert.match(all.stdout, new RegExp(`^  ${verb} `, "m"));
    const one = tamrl(verb, "--help");
    assert.equal(one.code, 0);
    assert.match(one.stdout, /--json/);
  }
});

test("doctor --json is one object with what is in use and why", () => {
  const { code, stdout } = tamrl("doctor", "--json");
  assert.equal(code, 0);
  const report = JSON.parse(stdout) as Record<string, unknown>;
  for (const key of ["node", "backend", "kernel", "device", "why", "versions", "missing"]) assert.ok(key in report, key);
});

test("the same seed simulates the same bytes", () => {
  assert.equal(tamrl("simulate", "--out", file("again.parquet"), "--sites", "30", "--years", "1").code, 0);
  assert.ok(fs.readFileSync(file("again.parquet")).equals(fs.readFileSync(file("v.parquet"))));
});

test("several runs are scored on the same site-days and leave their tables", () => {
  const { code, stdout, stderr } = tamrl("evaluate", file("climatology"), file("tamrl"), "--table", file("v.parquet"), "--out", file("eval"), "--json");
  assert.equal(code, 0, stderr);
  const metrics = JSON.parse(stdout) as Metrics[];
  assert.deepEqual(metrics.map((m) => m.model), ["climatology", "tamrl"]);
  const days = metrics.map((m) => m.sites.map((s) => [s.site, s.flux, s.n]));
  assert.deepEqual(days[0], days[1]);
  assert.ok(metrics.every((m) => m.sites.every((s) => s.seen === false)));
  for (const name of ["metrics.json", "table.csv", "table.md", "sites.csv", "balance.csv"]) assert.ok(fs.existsSync(path.join(file("eval"), name)), name);
  assert.deepEqual(JSON.parse(fs.readFileSync(path.join(file("eval"), "metrics.json"), "utf8")), metrics);
});

test("a site the run trained on is scored only when named, marked seen and kept out of the summary", () => {
  const split = JSON.parse(fs.readFileSync(path.join(file("tamrl"), "split.json"), "utf8")) as { train: string[]; test: string[] };
  const { code, stdout, stderr } = tamrl("evaluate", file("tamrl"), "--table", file("v.parquet"), "--out", file("seen"), "--sites", `${split.train[0]},${split.test[0]}`, "--json");
  assert.equal(code, 0, stderr);
  const metrics = JSON.parse(stdout) as Metrics;
  assert.ok(metrics.sites.filter((s) => s.site === split.train[0]).every((s) => s.seen));
  assert.ok(metrics.sites.filter((s) => s.site === split.test[0]).every((s) => !s.seen));
  assert.ok(metrics.summary.gpp.n_sites <= 1);
});

test("predict needs no fluxes and writes one row for each row of the table", () => {
  const { code, stdout, stderr } = tamrl("predict", file("tamrl"), "--table", file("v.parquet"), "--out", file("p.parquet"), "--json");
  assert.equal(code, 0, stderr);
  const { n, missing } = JSON.parse(stdout) as { n: number; missing: { days: number }[] };
  assert.ok(n > 0 && missing.reduce((a, m) => a + m.days, 0) < n);
  assert.ok(fs.existsSync(file("p.parquet")));
});

test("a tower file is read, and --json prints the report and nothing else", () => {
  const csv = tower("FLX_XX-Abc_FLUXNET2015_SUBSET_DD_2001-2001_1-4.csv", HEADER, row("20010102"), row("20010101"), "20010103,-9999,100,2,98,0,3,-9999,-9999,-9999,-9999.0");
  const { code, stdout, stderr } = tamrl("ingest", csv, "--out", file("one.parquet"), "--json");
  assert.equal(code, 0, stderr);
  const report = JSON.parse(stdout) as { n_sites: number; n_site_days: number; n_driver_days: number; files: { status: string; reason: string }[] };
  assert.deepEqual([report.n_sites, report.n_site_days, report.n_driver_days], [1, 2, 3]);
  assert.match(report.files[0]!.reason, /sorted/);
});

test("a bad tower file is one message with file and what is wrong, exit 2, and nothing written", () => {
  const out = file("bad.parquet");
  const name = "FLX_XX-Bad_FLUXNET2015_SUBSET_DD_2001-2001_1-4.csv";
  refused(tamrl("ingest", tower(name, HEADER.replace("GPP_NT_VUT_REF", "GPP_X"), row("20010101")), "--out", out), out, /XX-Bad/, /GPP/);
  refused(tamrl("ingest", tower(name, HEADER, row("20010101"), row("20011301")), "--out", out), out, /XX-Bad/, /20011301/);
  refused(tamrl("ingest", tower(name, HEADER, row("20010101"), row("20010101")), "--out", out), out, /XX-Bad/, /2001-?01-?01/);
  refused(tamrl("ingest", tower(name, HEADER), "--out", out), out, /XX-Bad/, /row/);
  const whole = zlib.gzipSync(Buffer.from(`${HEADER}\n${Array.from({ length: 28 }, (_, i) => row(`200102${String(i + 1).padStart(2, "0")}`)).join("\n")}\n`));
  fs.writeFileSync(file(`${name}.gz`), whole.subarray(0, whole.length - 20));
  refused(tamrl("ingest", file(`${name}.gz`), "--out", out), out, /XX-Bad/, /gzip/);
  fs.rmSync(file(`${name}.gz`));
  fs.writeFileSync(file(name), Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7919) % 256)));
  refused(tamrl("ingest", file(name), "--out", out), out, /XX-Bad/);
  fs.rmSync(file(name));
  refused(tamrl("ingest", file("nothing-here"), "--out", out), out, /nothing-here/);
});

test("a misspelt key, option, verb or value is refused with the nearest", () => {
  const out = file("never");
  refused(tamrl("train", "--table", file("v.parquet"), "--out", out, "--set", "epocs=3"), out, /epocs/, /epochs/);
  refused(tamrl("train", "--tabel", file("v.parquet"), "--out", out), out, /--tabel.*--table/);
  refused(tamrl("trian"), null, /"trian".*train/);
  refused(tamrl("simulate", "--out", out, "--sites", "many"), out, /--sites/);
  refused(tamrl("train", "--out", out), out, /--table is required/);
  refused(tamrl("notebooks", "02", "--refresh", "--table", file("v.parquet"), "--quick"), null, /--refresh .* stands without --table, --quick; give --out DIR/);
  refused(tamrl("train", "--table", file("missing.parquet"), "--out", out), out, /missing\.parquet/);
});

test("a run directory of another version, or none, is refused", () => {
  refused(tamrl("predict", dir, "--table", file("v.parquet"), "--out", file("q.parquet")), file("q.parquet"), /config\.json/);
  fs.cpSync(file("tamrl"), file("old"), { recursive: true });
  const header = JSON.parse(fs.readFileSync(path.join(file("old"), "config.json"), "utf8")) as object;
  fs.writeFileSync(path.join(file("old"), "config.json"), JSON.stringify({ ...header, version: 0 }));
  refused(tamrl("evaluate", file("old"), "--table", file("v.parquet"), "--out", file("e2")), file("e2"), /version 1 is required, found version 0/);
});

test("training with position on towers without one names the site and what to give", () => {
  const csv = tower("FLX_XX-Pos_FLUXNET2015_SUBSET_DD_2001-2001_1-4.csv", HEADER, ...Array.from({ length: 120 }, (_, i) => row(new Date(Date.UTC(2001, 0, 1 + i)).toISOString().slice(0, 10).split("-").join(""))));
  const ingested = tamrl("ingest", csv, "--out", file("pos.parquet"));
  assert.equal(ingested.code, 0, ingested.stderr);
  assert.match(ingested.stdout, /position unknown/);
  refused(tamrl("train", "--table", file("pos.parquet"), "--out", file("posrun"), "--set", "position=true"), file("posrun"), /XX-Pos: lat/, /--sites/);
});

test("a training stopped by Ctrl-C says how to continue, exits 1, and resume reaches the weights of an undisturbed run", async () => {
  const set = ["--set", "model=lstm", "epochs=6", "hidden=8", "batch=8", "validate_every=1", "patience=6"];
  assert.equal(tamrl("train", "--table", file("v.parquet"), "--out", file("whole"), ...set).code, 0);
  const child = spawnTamrl("train", "--table", file("v.parquet"), "--out", file("cut"), ...set);
  const { code, stderr } = await interrupted(child, () => fs.existsSync(path.join(file("cut"), "checkpoint.safetensors")));
  assert.equal(code, 1, stderr);
  assert.match(stderr, /resume/);
  refused(tamrl("predict", file("cut"), "--table", file("v.parquet"), "--out", file("q.parquet")), file("q.parquet"), /resume/);
  const resumed = tamrl("resume", file("cut"));
  assert.equal(resumed.code, 0, resumed.stderr);
  const weights = (run: string): Buffer => fs.readFileSync(path.join(file(run), "weights", "model.safetensors"));
  assert.ok(weights("cut").equals(weights("whole")));
});

test("a run of a table that has moved is resumed with --table, and without it says so", () => {
  const table = file("moved.parquet");
  fs.copyFileSync(file("v.parquet"), table);
  assert.equal(tamrl("train", "--table", table, "--out", file("m"), "--set", "model=climatology").code, 0);
  fs.renameSync(table, file("elsewhere.parquet"));
  refused(tamrl("resume", file("m")), null, /--table/);
  assert.equal(tamrl("resume", file("m"), "--table", file("elsewhere.parquet")).code, 0);
});

test("folders and files in each other's place, empty lists and inherited names are refused in one line", () => {
  refused(tamrl("train", "--table", file("v.parquet"), "--out", file("v.parquet")), null, /is a file/);
  refused(tamrl("train", "--table", dir, "--out", file("never")), file("never"), /is a folder/);
  refused(tamrl("predict", file("tamrl"), "--table", file("v.parquet"), "--out", dir), null, /is a folder/);
  refused(tamrl("evaluate", file("tamrl"), "--table", file("v.parquet"), "--out", file("e3"), "--sites", ","), file("e3"), /at least one site/);
  refused(tamrl("constructor"), null, /"constructor"/);
});

test("tables made of simulated towers say so", () => {
  for (const name of ["table.csv", "table.md", "sites.csv", "balance.csv", "metrics.json"]) assert.match(fs.readFileSync(path.join(file("eval"), name), "utf8"), /simulated/, name);
});
