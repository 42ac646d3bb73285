import assert from "node:assert/strict";
import * as crypto from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import * as zlib from "node:zlib";
import { test } from "node:test";
import { isWorkbookError } from "../../../src/core/errors";
import { sha256 } from "../../../src/core/files";
import { ingest } from "../../../src/data/ingest/ingest";
import { findInput, inputRecord, parseInputHashes } from "../../../src/data/input-hashes";
import { readTable, readTableInputs } from "../../../src/data/store";
import { scratch } from "../../helpers/cli";
import { fluxnetColumns, stepFile } from "../half-hourly/files";
import { towerFile, zipOf } from "../towers/tower-file";

const daily = (site: string): string => `FLX_${site}_FLUXNET2015_SUBSET_DD_2012-2012_1-4.csv`;
const says = (tag: Parameters<typeof isWorkbookError>[1], pattern: RegExp) => (e: unknown): boolean => isWorkbookError(e, tag) && pattern.test(e.message);

/** Towers plain, gzipped and in an archive, the half-hours of one, drivers and a list of sites. */
function raw(): string {
  const dir = scratch("raw");
  const files: Record<string, string | Buffer> = {
    [`towers/a/${daily("AA-One")}`]: towerFile({ days: 10 }), [`towers/b/${daily("BB-Two")}.gz`]: zlib.gzipSync(towerFile({ days: 9 })), "towers/c.zip": zipOf({ [daily("CC-Tri")]: towerFile({ days: 8 }), "readme.txt": "of the network" }),
    [`towers/a/${daily("AA-One").replace("_DD_", "_HH_")}`]: stepFile({ columns: fluxnetColumns() }), "towers/notes.txt": "nothing",
    "lai.csv": "site,date,lai\nAA-One,2012-01-03,2\n", "sites.csv": "site,lat,lon\nAA-One,50,10\n",
  };
  for (const [name, content] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
    fs.writeFileSync(path.join(dir, name), content);
  }
  return dir;
}

const made = async (dir: string, out: string) => (await ingest([path.join(dir, "towers")], { out, drivers: [path.join(dir, "lai.csv")], sites: path.join(dir, "sites.csv") })).table;

test("a table keeps name, size and SHA-256 of every file that it was made from, and of no other", async () => {
  const dir = raw();
  const out = path.join(scratch("made"), "T.parquet");
  const table = await made(dir, out);
  assert.deepEqual(table.inputs!.map((i) => i.name), [`a/${daily("AA-One")}`, `b/${daily("BB-Two")}.gz`, "c.zip", "lai.csv", "sites.csv"], "neither half-hours beside their days nor notes");
  for (const { name, bytes, sha256: hash } of table.inputs!) {
    const content = fs.readFileSync(path.join(dir, name === "lai.csv" || name === "sites.csv" ? "" : "towers", name));
    assert.equal(bytes, content.length);
    assert.equal(hash, crypto.createHash("sha256").update(content).digest("hex"), name);
  }
  assert.deepEqual((await readTable(out)).inputs, table.inputs);
  assert.deepEqual(await readTableInputs(out), table.inputs);
});

test("the same files in another folder give the same table to the byte", async () => {
  const [a, b] = [0, 1].map(() => path.join(scratch("made"), "T.parquet")) as [string, string];
  await made(raw(), a);
  await made(raw(), b);
  assert.equal(sha256(a), sha256(b));
});

test("files that are read beside the one that is named are inputs too", async () => {
  const dir = path.join(scratch("site"), "AA-One", "2012-01-01_2012-12-31");
  fs.mkdirSync(dir, { recursive: true });
  const hours = Array.from({ length: 48 }, (_, h) => `2012-01-0${1 + Math.floor(h / 24)} ${String(h % 24).padStart(2, "0")}:00:00`);
  fs.writeFileSync(path.join(dir, "predictors.csv"), ["timestamp,TOD,TA_F", ...hours.map((time) => `${time},-1,0.1`)].join("\n"));
  fs.writeFileSync(path.join(dir, "targets.csv"), ["timestamp,NEE_VUT_REF,GPP_NT_VUT_REF,RECO_NT_VUT_REF", ...hours.map((time) => `${time},-5,9,4`)].join("\n"));
  fs.writeFileSync(path.join(dir, "meta.json"), JSON.stringify({ SITE_ID: "AA-One" }));
  const { table } = await ingest([path.join(dir, "targets.csv")], { out: path.join(scratch("made"), "T.parquet") });
  assert.deepEqual(table.inputs!.map((i) => i.name), ["meta.json", "predictors.csv", "targets.csv"]);
});

test("a file that is written anew or goes between reading and hashing is named", () => {
  const dir = scratch("anew");
  const [file, other] = ["a.csv", "b.csv"].map((name) => path.join(dir, name)) as [string, string];
  for (const at of [file, other]) fs.writeFileSync(at, "before");
  const record = inputRecord([dir]);
  for (const at of [file, other]) record.see(at);
  record.use(file);
  assert.deepEqual(record.hashes().map((h) => h.name), ["a.csv"], "seen alone is not used");
  fs.writeFileSync(file, "after it was read");
  assert.throws(() => record.hashes(), says("BadFile", /a\.csv: a file that stays as it is while it is read required, found 6 bytes .* then 17 bytes/));
  fs.rmSync(file);
  assert.throws(() => record.hashes(), says("BadFile", /a\.csv.* then gone/));
});

test("what a table says of its inputs is believed in its form alone, and leads to no file outside the folders named", () => {
  const good = { name: "a/b.csv", bytes: 3, sha256: "0".repeat(64) };
  assert.deepEqual(parseInputHashes(JSON.stringify([{ ...good, more: 1 }]), "t"), [good]);
  for (const bad of ["", "{}", "[1]", "null", ...[{ name: "../a" }, { name: "/etc/passwd" }, { name: "a\\..\\b" }, { name: 1 }, { sha256: "x" }, { bytes: "3" }].map((change) => JSON.stringify([{ ...good, ...change }]))]) {
    assert.throws(() => parseInputHashes(bad, "readTable: T.parquet"), says("BadFile", /^readTable: T\.parquet: inputs as a list of name, bytes and sha256 required/), bad);
  }
  const dir = scratch("places");
  fs.writeFileSync(path.join(dir, "b.csv"), "abc");
  const input = { name: "b.csv", bytes: 3, sha256: sha256(path.join(dir, "b.csv")) };
  assert.equal(findInput([path.join(dir, "none"), dir], input)!.sha256, input.sha256);
  assert.equal(findInput([path.join(dir, "b.csv")], input)!.sha256, input.sha256, "named itself");
  assert.equal(findInput([dir], good), null);
});
